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

/// Names of the lines that begin with a word, such as `param`, and whether they have a default.
fn declared(text: &str, word: &str) -> Vec<(String, bool)> {
    let lines = text.lines().filter_map(|line| line.strip_prefix(word)?.strip_prefix(' '));
    lines.map(|line| (line.split(' ').next().unwrap().to_owned(), line.contains(" = "))).collect()
}

#[test]
fn a_module_is_given_what_it_takes_and_asked_for_what_it_gives() {
    let mut calls = 0;
    for file in bicep_files().iter().filter(|file| file.extension().is_some_and(|end| end == "bicep")) {
        let text = std::fs::read_to_string(file).unwrap();
        let places: Vec<_> = text.match_indices("\nmodule ").map(|(place, _)| &text[place + 1..]).collect();
        for call in places {
            calls += 1;
            let symbol = call.split(' ').nth(1).unwrap();
            let path = file.parent().unwrap().join(call.split('\'').nth(1).unwrap());
            let module = std::fs::read_to_string(&path).unwrap();
            let given: BTreeSet<_> =
                bicep::members(call, "params: {").iter().map(|(name, _)| (*name).to_owned()).collect();
            let taken = declared(&module, "param");
            let unknown: Vec<_> =
                given.iter().filter(|name| !taken.iter().any(|(taken, _)| taken == *name)).collect();
            let missing: Vec<_> =
                taken.iter().filter(|(name, has_default)| !has_default && !given.contains(name)).collect();
            assert!(unknown.is_empty() && missing.is_empty(), "{symbol}: {unknown:?} {missing:?}");
            let outputs = declared(&module, "output");
            for opening in [".outputs.", "[i].outputs.", ".?outputs.?"] {
                for rest in text.split(&format!("{symbol}{opening}")).skip(1) {
                    let name: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
                    assert!(outputs.iter().any(|(output, _)| *output == name), "{symbol} gives no {name}");
                }
            }
        }
    }
    assert!(calls > 20, "{calls} calls");
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
fn the_timer_is_bound_to_the_name_by_which_a_call_by_hand_is_known() {
    use heartbeat_dns::handler::envelope::Invocation;
    let binding = json("function-collector/function.json")["bindings"][0]["name"].clone();
    let by_hand = serde_json::json!({ "Data": {}, "Metadata": { binding.as_str().unwrap(): "\"\"" } });
    assert!(Invocation::parse(by_hand.to_string().as_bytes()).unwrap().is_by_hand());
}

#[test]
fn the_host_tells_what_our_lines_and_its_results_do_not() {
    let logging = &json("host.json")["logging"];
    assert_eq!(logging["applicationInsights"]["enableDependencyTracking"], false);
    for function in ["function-collector", "function-remediate"] {
        let level = |category: &str| logging["logLevel"][category].as_str().unwrap().to_owned();
        assert_eq!(level(&format!("Function.{function}")), "Warning");
        assert_eq!(level(&format!("Function.{function}.User")), "Information");
    }
    assert_eq!(bicep::default(&read("infra/main.bicep"), "samplingPercentage"), "100");
}

#[test]
fn the_schedule_is_the_setting_that_is_deployed() {
    let schedule = json("function-collector/function.json")["bindings"][0]["schedule"].clone();
    let name = schedule.as_str().unwrap().trim_matches('%').to_owned();
    let deployed = read("infra/main.bicep");
    assert!(bicep::members(&deployed, "deployed: {").iter().any(|(member, _)| *member == name), "{name}");
}
