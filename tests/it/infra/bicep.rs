//! As much of Bicep as the tests need: the members of a named object, and what a file refers to.

use std::collections::BTreeSet;
use std::path::Path;

/// The lines between `opening` and its closing brace, without those of objects inside it.
pub(super) fn members<'a>(text: &'a str, opening: &str) -> Vec<(&'a str, &'a str)> {
    let start = text.find(opening).unwrap_or_else(|| panic!("there is no `{opening}`"));
    let mut depth = 0;
    let mut found = Vec::new();
    for line in text[start..].lines() {
        let line = line.trim();
        if depth == 1
            && !line.starts_with("//")
            && let Some((name, value)) = line.split_once(": ")
        {
            found.push((name.trim_matches('\''), value));
        }
        depth += line.matches(['{', '[']).count();
        depth -= line.matches(['}', ']']).count();
        if depth == 0 {
            break;
        }
    }
    found
}

/// The files that a Bicep file loads or deploys, as it names them.
pub(super) fn references(text: &str) -> Vec<&str> {
    let loads = ["loadTextContent('", "loadJsonContent('"];
    let quoted = |rest: &'_ str| rest.find('\'');
    let mut found = Vec::new();
    for load in loads {
        for rest in text.split(load).skip(1) {
            found.push(&rest[..quoted(rest).unwrap()]);
        }
    }
    for line in text.lines().filter(|line| line.starts_with("module ") || line.starts_with("using ")) {
        let rest = line.split_once('\'').unwrap().1;
        found.push(&rest[..quoted(rest).unwrap()]);
    }
    found
}

/// The value of a parameter's default, without its quotes.
pub(super) fn default<'a>(text: &'a str, parameter: &str) -> &'a str {
    let line = text.lines().find(|line| line.starts_with(&format!("param {parameter} ")));
    let line = line.unwrap_or_else(|| panic!("there is no parameter {parameter}"));
    let value = line.split_once(" = ").unwrap_or_else(|| panic!("{parameter} has no default")).1;
    value.trim_matches('\'')
}

/// Members that an object names a second time, with their line; a compiler refuses them, a parser does not.
fn repeated(text: &str) -> Vec<(usize, &str)> {
    let mut open: Vec<(char, BTreeSet<&str>)> = Vec::new();
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with("//") {
            continue;
        }
        if let (Some(('{', names)), Some((name, _))) = (open.last_mut(), line.split_once(':'))
            && !name.contains([' ', '('])
            && !names.insert(name)
        {
            found.push((number + 1, name));
        }
        for sign in line.chars() {
            match sign {
                '{' | '[' => open.push((sign, BTreeSet::new())),
                '}' | ']' => drop(open.pop()),
                _ => (),
            }
        }
    }
    found
}

#[test]
fn no_object_names_a_member_twice() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("infra");
    let mut files = 0;
    for folder in [root.clone(), root.join("modules")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let file = entry.unwrap().path();
            if !file.extension().is_some_and(|end| end == "bicep" || end == "bicepparam") {
                continue;
            }
            files += 1;
            let text = std::fs::read_to_string(&file).unwrap();
            assert_eq!(repeated(&text), [], "{}: line and name", file.display());
        }
    }
    assert!(files > 10, "{files} files");
}

#[test]
fn a_member_counts_in_its_own_object_only() {
    let text = "var a = {\n  X: 'b:{}'\n  // X: no\n  y: {\n    X: 1\n  }\n  z: [\n    'X: 1'\n  ]\n  X: 2\n}\nvar c = {\n  X: 1\n}\n";
    assert_eq!(repeated(text), [(10, "X")]);
}

#[test]
fn members_are_those_of_the_object_itself() {
    let text = "var a = {\n  X: 'b'\n  // Y: no\n  z: {\n    inner: 1\n  }\n  list: [\n    'q: r'\n  ]\n}\nvar c = {\n  W: 1\n}\n";
    assert_eq!(members(text, "var a = {"), [("X", "'b'"), ("z", "{"), ("list", "[")]);
}

#[test]
fn references_are_loads_and_modules() {
    let text = "var q = '${loadTextContent('../a.kql')}'\nmodule m 'b.bicep' = {\n";
    assert_eq!(references(text), ["../a.kql", "b.bicep"]);
}
