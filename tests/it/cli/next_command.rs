//! Commands that are shown can be copied as they stand.

use super::house;
use crate::output::words;

/// Each command on a screen, in a sentence, in a hint: it names the file that the caller named, and is no wider
/// than the variable COLUMNS says.
#[tokio::test(flavor = "multi_thread")]
async fn every_command_that_is_shown_names_the_file_of_variables() {
    let mut house = house(&[]).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("e");
    let lines: Vec<String> = std::mem::take(&mut house.environment)
        .into_iter()
        .filter(|(name, _)| name != "COLUMNS")
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    std::fs::write(&file, lines.join("\n")).unwrap();
    house.environment.insert("COLUMNS".to_owned(), "80".to_owned());
    let (name, env) = ("x.example.com", format!("--env {}", file.display()));
    for (arguments, command) in [
        (vec!["history", name], format!("heartbeat-dns plan {name}")),
        (vec!["explain", name], format!("heartbeat-dns apply {name}")),
        (vec!["adopt", "mude.example.com", "--expect", "short"], "heartbeat-dns adopt --dry-run".to_owned()),
        (vec!["explain", "mude.example.com"], "heartbeat-dns explain mute.example.com".to_owned()),
    ] {
        let output = house.run(&[&arguments[..], &["--env", file.to_str().unwrap()]].concat()).await;
        let shown = format!("{}\n{}", String::from_utf8_lossy(&output.stdout), words(&output));
        let (_, rest) = shown.split_once(&command).unwrap_or_else(|| panic!("{arguments:?}: {shown}"));
        let rest = rest.trim_start_matches([' ', '\\', '\n']);
        assert!(rest.starts_with(&env), "{arguments:?}: {shown}");
        let wide = shown.lines().find(|line| line.chars().count() > 80);
        assert_eq!(wide, None, "{arguments:?}");
    }
}

/// The sentence of a brake as well: nothing was ever swept for this installation.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_in_the_sentence_of_a_brake_names_the_file_of_variables_too() {
    let mut house = house(&[]).await;
    house.environment.insert("OWNER_ID".to_owned(), "dcr-of-somebody-else".to_owned());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("e");
    let lines =
        std::mem::take(&mut house.environment).into_iter().map(|(name, value)| format!("{name}={value}"));
    std::fs::write(&file, lines.collect::<Vec<_>>().join("\n")).unwrap();
    let output = house.run(&["plan", "--env", file.to_str().unwrap()]).await;
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(shown.contains("held by blind"), "{shown}");
    assert!(shown.contains(&format!("heartbeat-dns collect --env {}", file.display())), "{shown}");
}
