//! What the scripts know of a deployment is what it takes: parameters, variables, settings and their defaults.

use std::collections::{BTreeMap, BTreeSet};

use crate::infra::{bicep, read, same};

/// Parameters that have a variable of their own, outside the table: one is the deployment's name, one is made by the scripts.
const BESIDE: [(&str, &str); 2] = [("name", "HEARTBEAT_DNS_NAME"), ("settings", "HEARTBEAT_DNS_SETTINGS")];

struct Row {
    variable: String,
    parameter: String,
    kind: String,
    setting: Option<String>,
}

fn table() -> Vec<Row> {
    let script = read("infra/parameters.sh");
    let lines = script.split("cat << END\n").nth(1).unwrap().split("\nEND").next().unwrap();
    let row = |line: &str| {
        let [variable, parameter, kind, setting] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let setting = (setting != "-").then(|| setting.to_owned());
        Row { variable: variable.to_owned(), parameter: parameter.to_owned(), kind: kind.to_owned(), setting }
    };
    lines.lines().map(row).collect()
}

/// Name and type of each parameter of `main.bicep`.
fn parameters() -> BTreeMap<String, String> {
    let main = read("infra/main.bicep");
    let words = |line: &str| {
        let mut words = line.split(' ').skip(1).map(str::to_owned);
        (words.next().unwrap(), words.next().unwrap())
    };
    main.lines().filter(|line| line.starts_with("param ")).map(words).collect()
}

#[test]
fn every_parameter_can_be_said_in_the_environment() {
    let mut said: BTreeSet<String> = table().into_iter().map(|row| row.parameter).collect();
    said.extend(BESIDE.map(|(parameter, _)| parameter.to_owned()));
    // The region is that of the resource group, and the text of a policy stands in a file of parameters alone.
    said.extend(["location", "policy"].map(str::to_owned));
    same(("infra/parameters.sh", &said), ("infra/main.bicep", &parameters().into_keys().collect()));
}

#[test]
fn a_parameter_is_read_from_its_variable_as_what_it_is() {
    let file = read("infra/main.bicepparam");
    let types = parameters();
    for row in table() {
        let prefix = format!("param {} = ", row.parameter);
        let value = file.lines().find_map(|line| line.strip_prefix(&prefix));
        let value = value.unwrap_or_else(|| panic!("infra/main.bicepparam does not say {}", row.parameter));
        let read: BTreeSet<&str> = value
            .split("readEnvironmentVariable('")
            .skip(1)
            .map(|rest| rest.split('\'').next().unwrap())
            .collect();
        assert_eq!(read, BTreeSet::from([row.variable.as_str()]), "{}", row.parameter);
        let (kind, how) = match row.kind.as_str() {
            "list" => ("array", "split(replace("),
            "bool" => ("bool", "contains(['true', 'yes', 'on', '1'], toLower("),
            "number" => ("int", "int("),
            "object" => ("object", "json("),
            _ => ("string", "readEnvironmentVariable("),
        };
        assert_eq!(types[&row.parameter], kind, "{}", row.parameter);
        assert!(value.contains(how), "{}: {value}", row.parameter);
    }
}

#[test]
fn what_is_not_said_is_the_default_of_the_template() {
    let (file, main) = (read("infra/main.bicepparam"), read("infra/main.bicep"));
    for row in table().iter().filter(|row| row.variable != "POLICY_NAMES") {
        let line = file.lines().find(|line| line.starts_with(&format!("param {} ", row.parameter))).unwrap();
        let default =
            line.rsplit(&format!("'{}', '", row.variable)).next().unwrap().split('\'').next().unwrap();
        let wanted = match bicep::default(&main, &row.parameter) {
            "[]" => "",
            other => other,
        };
        assert_eq!(default, wanted, "{}", row.parameter);
    }
}

#[test]
fn a_setting_follows_from_a_parameter_or_from_the_deployment() {
    let mut known: BTreeSet<String> = table().into_iter().filter_map(|row| row.setting).collect();
    let script = read("infra/parameters.sh");
    let decided = script.split("decided_settings='").nth(1).unwrap().split('\'').next().unwrap();
    known.extend(decided.split(' ').map(str::to_owned));
    let (main, app) = (read("infra/main.bicep"), read("infra/modules/function-app.bicep"));
    let mut deployed = BTreeSet::new();
    for (text, opening) in [(&main, "deployed: {"), (&app, "var workspaces = {"), (&app, "var secrets = {")] {
        deployed.extend(bicep::members(text, opening).into_iter().map(|(name, _)| name.to_owned()));
    }
    same(("infra/parameters.sh", &known), ("what infra sets for each deployment", &deployed));
}

#[test]
fn the_hooks_of_azd_are_there_and_need_no_alpha_feature() {
    let file = read("azure.yaml");
    let scripts: Vec<&str> = file.lines().filter_map(|line| line.trim().strip_prefix("run: ")).collect();
    assert_eq!(scripts, ["infra/azd/questions.sh", "infra/azd/provisioned.sh", "infra/azd/code.sh"]);
    for script in scripts {
        assert!(read(script).starts_with("#!/bin/sh\n"), "{script}");
    }
    assert!(file.contains("azd: \">= 1.15.1\""), "before 1.10.0 deployments to a group are an alpha feature");
    assert!(!file.contains("language: custom"), "an alpha feature");
}
