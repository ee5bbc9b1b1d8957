//! Commands that ask nothing of Azure: `check`, `completions`, `--version`, and the manual pages.

use std::process::{Output, Stdio};

use clap::CommandFactory;
use serde_json::{Value, json};

use crate::handler::House;
use crate::output::{code, words};

async fn house(more: &[(&str, &str)]) -> House {
    House::new(&[], &[], &[], more).await
}

fn results(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn check_tells_faults_warnings_and_which_names_are_allowed() {
    let mut house = house(&[("POLICY_NAMES", "*.dyn.example.com,www.example.com,a.example.net")]).await;
    let output = house.run(&["check"]).await;
    assert_eq!(code(&output), 0, "{}", words(&output));
    assert!(results(&output).contains("the settings can be used; zones: example.com"), "{}", words(&output));
    assert!(results(&output).contains("POLICY_NAMES"), "an entry that can match nothing: {}", words(&output));
    let names =
        ["nas.dyn.example.com", "www.example.com", "wpad.dyn.example.com", "other.example.com", "no name"];
    let output = house.run(&[&["check"], &names[..]].concat()).await;
    assert_eq!(code(&output), 1, "{}", words(&output));
    for line in [
        "= nas.dyn.example.com",
        "= www.example.com",
        "x wpad.dyn.example.com",
        "x other.example.com",
        "x no name",
    ] {
        assert!(results(&output).contains(line), "{line}: {}", words(&output));
    }
    assert!(results(&output).contains("2 allowed, 3 refused"), "{}", words(&output));
    let output = house.run(&["check", "wpad.dyn.example.com", "nas.dyn.example.com", "-o", "json"]).await;
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&told["schema"], &told["names"][0]["reason"]),
        (&json!("heartbeat-dns-check/1"), &json!("name-reserved"))
    );
    assert_eq!(
        (&told["names"][1]["allowed"], &told["names"][1]["record_types"]),
        (&json!(true), &json!(["A"]))
    );
    assert_eq!(told["warnings"][0]["variable"], "POLICY_NAMES");
    let csv = results(&house.run(&["check", "other.example.com", "-o", "csv"]).await);
    assert!(
        csv.starts_with("name,allowed,zone,reason,because\nother.example.com,no,,name-not-allowed,"),
        "{csv}"
    );
    assert!(house.stage.all_calls().await.is_empty(), "nothing is asked");
    house.environment.remove("DNS_ZONES");
    let faulty = house.run(&["check", "nas.dyn.example.com"]).await;
    assert_eq!(code(&faulty), 2, "{}", words(&faulty));
    assert!(words(&faulty).contains("DNS_ZONES"), "{}", words(&faulty));
}

#[tokio::test(flavor = "multi_thread")]
async fn check_reads_names_of_a_file_and_of_standard_input() {
    let house = house(&[("POLICY_NAMES", "*.dyn.example.com")]).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("names.txt");
    std::fs::write(&file, "# ours\na.dyn.example.com\n\n b.dyn.example.com # the second\n").unwrap();
    let output = house.run(&["check", "--names", file.to_str().unwrap(), "c.dyn.example.com"]).await;
    assert_eq!(code(&output), 0, "{}", words(&output));
    assert!(results(&output).contains("3 allowed, 0 refused"), "{}", words(&output));
    let mut command = house.command();
    let mut child = command
        .args(["check", "--names", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut input, b"www.example.com\n").await.unwrap();
    drop(input);
    let output = child.wait_with_output().await.unwrap();
    assert_eq!(code(&output), 1, "{}", words(&output));
    let none = house.run(&["check", "--names", "no-such-file"]).await;
    assert_eq!(code(&none), 2, "{}", words(&none));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_shell_gets_its_completions() {
    let house = house(&[]).await;
    for (shell, mark) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef heartbeat-dns"),
        ("fish", "complete -c heartbeat-dns"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion:arg-completer"),
    ] {
        let output = house.run(&["completions", shell]).await;
        assert_eq!(code(&output), 0, "{}", words(&output));
        let script = results(&output);
        assert!(script.contains(mark) && script.contains("exit-code"), "{shell}: {script}");
    }
    let script = house.run(&["completions", "bash"]).await.stdout;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), script).unwrap();
    let check = std::process::Command::new("bash").arg("-n").arg(file.path()).output().unwrap();
    assert!(check.status.success(), "{}", words(&check));
}

/// What git says of the sources, as the build asks it; none where they have no repository.
fn built_from() -> Option<String> {
    let root = env!("CARGO_MANIFEST_DIR");
    // A copy below somebody else's repository has none of its own.
    std::path::Path::new(root).join(".git").exists().then_some(())?;
    let arguments = ["log", "-1", "--format=%H %cs", "--", ".", ":(exclude)infra/release"];
    let output = std::process::Command::new("git").arg("-C").arg(root).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (hash, date) = text.trim().split_once(' ')?;
    Some(format!("{} {date}", hash.get(..12)?))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_version_names_the_commit_that_it_was_built_from() {
    let house = house(&[]).await;
    let long = results(&house.run(&["--version"]).await);
    let short = results(&house.run(&["-V"]).await);
    assert_eq!(short, format!("heartbeat-dns {}\n", env!("CARGO_PKG_VERSION")));
    if let Some(commit) = built_from() {
        assert_eq!(long, format!("heartbeat-dns {} ({commit})\n", env!("CARGO_PKG_VERSION")));
    }
}

/// The pages as they are made of the commands, by file name.
fn pages() -> Vec<(String, String)> {
    // The commit is of the binary: a page that named it would be old with the next one.
    let command = heartbeat_dns::cli::Cli::command().long_version(None::<&'static str>);
    let mut whole = command.clone();
    whole.build();
    let names = whole.get_subcommands().map(|sub| sub.get_name().to_owned()).filter(|name| name != "help");
    let mut pages = vec![("heartbeat-dns".to_owned(), command.clone())];
    for name in names {
        let sub = whole.find_subcommand(&name).unwrap().clone();
        let full = format!("heartbeat-dns-{name}");
        pages.push((
            full.clone(),
            sub.name(&*full.clone().leak())
                .bin_name(format!("heartbeat-dns {name}"))
                .version(env!("CARGO_PKG_VERSION")),
        ));
    }
    let page = |(name, command): (String, clap::Command)| {
        let mut text = Vec::new();
        // No day stands in it: the same sources give the same bytes.
        clap_mangen::Man::new(command).date("").manual("heartbeat-dns").render(&mut text).unwrap();
        (format!("{name}.1"), String::from_utf8(text).unwrap())
    };
    pages.into_iter().map(page).collect()
}

/// `UPDATE_DOCUMENTS=1 cargo test` writes them; `cargo xtask package` packs them.
#[test]
fn the_manual_pages_are_what_the_commands_say() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/man");
    let pages = pages();
    assert!(pages.len() > 9, "{}", pages.len());
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in &pages {
            std::fs::write(folder.join(name), text).unwrap();
        }
    }
    let mut found: Vec<String> = std::fs::read_dir(&folder)
        .map(|files| files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect())
        .unwrap_or_default();
    found.sort();
    let mut wanted: Vec<String> = pages.iter().map(|(name, _)| name.clone()).collect();
    wanted.sort();
    assert_eq!(found, wanted, "UPDATE_DOCUMENTS=1 cargo test --test it manual_pages writes them");
    for (name, text) in pages {
        let found = std::fs::read_to_string(folder.join(&name)).unwrap();
        assert!(
            found == text,
            "docs/man/{name} is old: UPDATE_DOCUMENTS=1 cargo test --test it manual_pages writes it"
        );
    }
}
