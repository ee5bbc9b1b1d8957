//! What the Functions host is told, what is deployed and what calls it use the same names; every file is there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{bicep, json, read};

fn bicep_files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("infra");
    let mut found = Vec::new();
    for folder in [root.clone(), root.join("modules")] {
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        found.extend(
            files.filter(|file| file.extension().is_some_and(|end| end == "bicep" || end == "bicepparam")),
        );
    }
    found
}

#[test]
fn every_file_that_is_referred_to_is_there_and_every_module_is_used() {
    let mut used = BTreeSet::new();
    for file in bicep_files() {
        let text = std::fs::read_to_string(&file).unwrap();
        for reference in bicep::references(&text) {
            let path = file.parent().unwrap().join(reference);
            let path = path
                .canonicalize()
                .unwrap_or_else(|_| panic!("{}: {reference} is not there", file.display()));
            used.insert(path);
        }
    }
    for file in bicep_files().iter().filter(|file| file.parent().unwrap().ends_with("modules")) {
        assert!(used.contains(&file.canonicalize().unwrap()), "{} is used nowhere", file.display());
    }
}

#[test]
fn every_parameter_and_output_is_described() {
    for file in bicep_files().iter().filter(|file| file.extension().is_some_and(|end| end == "bicep")) {
        let text = std::fs::read_to_string(file).unwrap();
        let mut described = false;
        for line in text.lines() {
            described |= line.starts_with("@description(");
            if line.starts_with("param ") || line.starts_with("output ") {
                assert!(described, "{}: `{line}` has no @description", file.display());
            }
            if !line.starts_with('@') && !line.starts_with(' ') && !line.starts_with("])") {
                described = false;
            }
        }
    }
}

#[test]
fn the_action_group_calls_the_function_by_its_name_and_route() {
    let group = read("infra/modules/action-group.bicep");
    let binding = &json("function-remediate/function.json")["bindings"][0];
    let prefix = json("host.json")["extensions"]["http"]["routePrefix"].as_str().unwrap().to_owned();
    let route = format!("/{prefix}/{}?code=", binding["route"].as_str().unwrap());
    assert!(group.contains(&route), "infra/modules/action-group.bicep does not call {route}");
    assert!(group.contains("name: 'function-remediate'\n  }"), "the function has another name");
    assert!(!group.contains("output key") && !group.contains("output url"), "the key leaves the module");
}

#[test]
fn the_schedule_is_the_setting_that_is_deployed() {
    let schedule = json("function-collector/function.json")["bindings"][0]["schedule"].clone();
    let name = schedule.as_str().unwrap().trim_matches('%').to_owned();
    let deployed = read("infra/main.bicep");
    assert!(bicep::members(&deployed, "deployed: {").iter().any(|(member, _)| *member == name), "{name}");
}
