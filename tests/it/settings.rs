//! What the README, the example settings and the configuration say about variables is the same.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use heartbeat_dns::config::{Settings, Variables};

/// Of the Functions tools, not ours, and so not in the README.
const HOST_ONLY: [&str; 3] = ["FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage", "IDENTITY_HEADER"];

fn read(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

fn example_values() -> BTreeMap<String, String> {
    let settings: serde_json::Value = serde_json::from_str(&read("local.settings.json.example")).unwrap();
    let values = settings["Values"].as_object().unwrap();
    values.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
}

fn example() -> BTreeSet<String> {
    example_values().into_keys().collect()
}

/// The names in the list of `config::known`, read off its source.
fn known() -> BTreeSet<String> {
    let text = read("src/config/known.rs");
    let list = text.split("const KNOWN").nth(1).and_then(|rest| rest.split("];").next()).unwrap();
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Names of variables in the first column of the README's tables, and those that a cell lists.
fn readme() -> BTreeSet<String> {
    let text = read("README.md");
    let section = text.split("\n## ").find(|section| section.starts_with("Configuration")).unwrap();
    let quoted = section
        .lines()
        .filter(|line| line.starts_with('|'))
        .flat_map(|line| line.split('`').skip(1).step_by(2));
    quoted.filter(|word| is_variable(word)).map(str::to_owned).collect()
}

fn is_variable(word: &str) -> bool {
    word.len() > 3
        && word.chars().all(|c| c.is_ascii_uppercase() || c == '_')
        && word.chars().any(|c| c != '_')
        && word != "AAAA"
}

#[test]
fn the_readme_tells_every_variable_of_the_example() {
    let (example, readme) = (example(), readme());
    let untold: Vec<_> = example
        .iter()
        .filter(|name| !readme.contains(*name) && !HOST_ONLY.contains(&name.as_str()))
        .collect();
    assert!(untold.is_empty(), "in local.settings.json.example, not in the README: {untold:?}");
    let unset: Vec<_> = readme.difference(&example).collect();
    assert!(unset.is_empty(), "in the README, not in local.settings.json.example: {unset:?}");
}

#[test]
fn the_example_holds_every_variable_that_is_read() {
    let (known, example) = (known(), example());
    assert!(known.len() > 40, "{known:?}");
    let missing: Vec<_> = known.difference(&example).collect();
    assert!(missing.is_empty(), "in src/config/known.rs, not in local.settings.json.example: {missing:?}");
}

#[test]
fn the_example_is_accepted_as_it_stands() {
    let settings = Settings::read(&example_values().into_iter().collect::<Variables>());
    let settings = settings.unwrap_or_else(|faults| panic!("local.settings.json.example: {faults}"));
    assert!(settings.warnings.is_empty(), "{:?}", settings.warnings);
}
