//! As much of Bicep as the tests need: the members of a named object, and what a file refers to.

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
