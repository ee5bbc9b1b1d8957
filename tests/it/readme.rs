//! The README shows the two commands on its first screen and leads to every page; the reference tells every reason to skip, in
//! the order in which the plan gives them.

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).unwrap()
}

/// The codes of `plan::Reason` in the order of its variants, read off its source.
fn codes() -> Vec<String> {
    let source = sources(&root().join("crates/pure/src/plan"))
        .into_iter()
        .map(|path| std::fs::read_to_string(path).unwrap())
        .find(|text| text.contains("pub enum Reason"))
        .unwrap();
    let code = |line: &str| {
        let (variant, rest) = line.trim().strip_prefix("Self::")?.split_once(" => \"")?;
        let word = rest.strip_suffix("\",")?;
        let is_plain = variant.chars().all(char::is_alphanumeric);
        (is_plain && word.chars().all(|c| c.is_ascii_lowercase() || c == '-')).then(|| word.to_owned())
    };
    source.lines().filter_map(code).collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}

/// The words in backticks in the first cells of the table below a heading, which begins with such a cell.
fn first_cells(text: &str, heading: &str, first: &str) -> Vec<String> {
    let section = text.split("\n## ").find(|section| section.starts_with(heading)).unwrap();
    let table = section.split("\n\n").find(|part| part.starts_with(&format!("| {first}"))).unwrap();
    let cells = table.lines().skip(2).filter_map(|line| line.split('|').nth(1));
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

#[test]
fn every_reason_to_skip_is_told_in_order() {
    let codes = codes();
    assert!(codes.len() > 20, "{codes:?}");
    let page = std::fs::read_to_string(root().join("docs/reference/reasons.md")).unwrap();
    assert_eq!(first_cells(&page, "Skips", "code"), codes);
    assert_eq!(pure::plan::Reason::ALL.map(pure::plan::Reason::as_str).to_vec(), codes);
}

/// The commands of the first shell block, without what is said of them.
fn commands(text: &str) -> Vec<String> {
    let block = text.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    block.lines().map(|line| line.split('#').next().unwrap().trim().to_owned()).collect()
}

#[test]
fn the_two_commands_stand_on_the_first_screen_and_are_tried() {
    let text = readme();
    let commands = commands(&text);
    assert_eq!(commands, ["cargo run -- local --once", "cargo test --workspace"]);
    let screen: Vec<&str> = text.lines().take(40).collect();
    let script = std::fs::read_to_string(root().join(".ci/run")).unwrap();
    for command in &commands {
        assert!(
            screen.iter().any(|line| line.starts_with(command)),
            "`{command}` is not within the first 40 lines"
        );
        let is_run = script.lines().any(|line| line.strip_prefix("run ").is_some_and(|line| line == command));
        assert!(is_run, ".ci/run does not run `{command}`");
    }
}

#[tokio::test]
async fn the_faults_of_the_documentation_are_taken() {
    let text = std::fs::read_to_string(root().join("docs/local.md")).unwrap();
    let example = text.split("/standin/faults -d '").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
    let faults: serde_json::Value = serde_json::from_str(example).unwrap();
    let stage = crate::stage::Stage::with(&crate::stage::world(&[], &[])).await;
    stage.fail(&faults).await;
    assert_eq!(stage.faults().await.len(), faults.as_array().unwrap().len());
    // Each member of the table is one that is known, by its own name.
    let table = text.split("\n### Faults").nth(1).unwrap().lines().filter(|line| line.starts_with("| `"));
    let members: Vec<_> = table.filter_map(|line| line.split('`').nth(1)).collect();
    assert_eq!(members.len(), 10, "{members:?}");
    for member in members {
        let value = match member {
            "times" | "delay_ms" => serde_json::json!(1),
            "status" => serde_json::json!(500),
            "headers" | "body" => serde_json::json!({}),
            "truncate" | "effect" => serde_json::json!(true),
            "reset" => serde_json::json!("before"),
            _ => serde_json::json!("GET"),
        };
        stage.fail(&serde_json::json!([{ member: value }])).await;
    }
}

#[tokio::test]
async fn every_call_of_the_documentation_is_taken() {
    let text = std::fs::read_to_string(root().join("docs/local.md")).unwrap();
    let stage = crate::stage::Stage::with(&crate::stage::world(&[], &[])).await;
    let azure = stage.standin.azure_url().to_string();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let calls: Vec<_> = text.split("curl -X ").skip(1).collect();
    // The first three blocks are for a person before two terminals, the third with a recording.
    assert_eq!(calls.len(), text.matches("```sh").count() - 3);
    for call in calls {
        let (method, rest) = call.split_once(' ').unwrap();
        let (url, rest) = rest.split_once(" -d '").unwrap();
        let (body, _) = rest.split_once('\'').unwrap();
        let url = url.replace("http://127.0.0.1:7072/", &azure);
        let request = client.request(method.parse().unwrap(), &url).body(body.to_owned());
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{url}: {}", answer.text().await.unwrap());
    }
}

#[tokio::test]
async fn every_member_of_the_world_is_documented() {
    let text = std::fs::read_to_string(root().join("docs/local.md")).unwrap();
    let table = text.split("\n### The world").nth(1).and_then(|rest| rest.split("\n### ").next()).unwrap();
    let members: Vec<_> =
        table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let stage = crate::stage::Stage::with(&crate::stage::world(&[], &[])).await;
    for member in &members {
        let world = serde_json::json!({ *member: null });
        let refused = standin::World::from_json(&world).err().unwrap_or_default();
        assert!(!refused.contains("no such member"), "{member}");
    }
    let shown = stage.standin.state().world().to_json();
    for member in shown.as_object().unwrap().keys() {
        assert!(members.contains(&member.as_str()), "{member}");
    }
}

/// The targets of all links of a page that lead to files, as seen from the root, and the heading behind `#`.
fn links(page: &Path) -> Vec<(PathBuf, String)> {
    let text = std::fs::read_to_string(root().join(page)).unwrap();
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let targets = targets.filter(|target| !target.contains("://"));
    targets
        .map(|target| {
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let here = page.parent().unwrap().join(file);
            (if file.is_empty() { page.to_owned() } else { here }, heading.to_owned())
        })
        .collect()
}

/// What leads to the headings of a page, as the web sites that show it write it.
fn headings(page: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(page).unwrap();
    let titles = text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#'));
    let shown = |c: char| match c {
        ' ' => Some('-'),
        c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c.to_ascii_lowercase()),
        _ => None,
    };
    titles.map(|title| title.trim().chars().filter_map(shown).collect()).collect()
}

#[test]
fn every_link_leads_somewhere_and_every_page_is_led_to() {
    let pages = |folder: &str| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(root().join(folder)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name());
        let pages = names.map(|name| Path::new(folder).join(name));
        pages.filter(|page| page.extension().is_some_and(|ending| ending == "md")).collect()
    };
    let folders = ["", "docs", "docs/reference", "docs/design", "infra", "crates/kql", "crates/standin"];
    let all: Vec<PathBuf> = folders.into_iter().flat_map(pages).collect();
    let mut led_to = std::collections::BTreeSet::new();
    for page in &all {
        for (link, heading) in links(page) {
            let path = root().join(&link);
            assert!(path.exists(), "{} leads to {}, which is not there", page.display(), link.display());
            assert!(
                heading.is_empty() || headings(&path).contains(&heading),
                "{} leads to {}#{heading}, which is no heading there",
                page.display(),
                link.display()
            );
            led_to.insert(path.canonicalize().unwrap());
        }
    }
    for page in all.iter().filter(|page| *page != Path::new("README.md")) {
        assert!(
            led_to.contains(&root().join(page).canonicalize().unwrap()),
            "nothing leads to {}",
            page.display()
        );
    }
}

#[test]
fn the_readme_is_short_and_its_lines_fit_a_screen() {
    let text = readme();
    assert!((90..=110).contains(&text.lines().count()), "{} lines", text.lines().count());
    for line in text.lines() {
        assert!(line.chars().count() <= 120, "{line}");
    }
}

#[test]
fn every_brake_is_told() {
    let page = std::fs::read_to_string(root().join("docs/reference/reasons.md")).unwrap();
    let told = first_cells(&page, "Brakes", "brake");
    for brake in &told {
        brake.parse::<pure::plan::BrakeKind>().unwrap();
    }
    assert_eq!(told.len(), pure::plan::BrakeKind::ALL.len(), "{told:?}");
}

#[test]
fn every_situation_of_the_runbook_leads_to_a_command() {
    let page = Path::new("docs/runbook.md");
    let text = std::fs::read_to_string(root().join(page)).unwrap();
    let (table, sections) = text.split_once("\n## ").unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| ") && line.contains("](#"));
    let situations: Vec<&str> =
        rows.map(|row| row.split("](#").nth(1).unwrap().split(')').next().unwrap()).collect();
    assert!(situations.len() >= 12, "{situations:?}");
    let sections: Vec<&str> = sections.split("\n## ").collect();
    // The first heading is the page's own.
    assert_eq!(&headings(&root().join(page))[1..], &situations, "one section for each, in order");
    for section in &sections {
        assert!(section.contains("```sh\n"), "no command: {}", section.lines().next().unwrap());
    }
    // Eight steps from the symptom that most people come with.
    let steps = |section: &str| (1..).take_while(|n| section.contains(&format!("\n{n}. "))).count();
    let unresolved = sections.iter().find(|section| section.starts_with("A name does not resolve right\n"));
    assert_eq!(steps(unresolved.unwrap()), 8);
}
