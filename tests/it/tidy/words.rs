//! One word means one thing: no two types of the product have the same name.

use std::collections::BTreeMap;

use super::paths::tokens;
use super::source::{Fault, Source};

/// Names that several types have all the same. The list only shrinks, but for the first, which each verb of the command
/// line has for itself.
const SHARED: [&str; 23] = [
    "Options", "Answer", "Column", "Doubt", "Failure", "Form", "Found", "Heard", "Kind", "Line", "Listed",
    "Members", "Place", "Refusal", "Row", "Rows", "Said", "Source", "State", "Tally", "Vanished", "Verdict",
    "Wanted",
];

fn is_of_the_product(path: &str) -> bool {
    path.ends_with(".rs") && (path.starts_with("src/") || path.starts_with("crates/pure/src/"))
}

/// Where each type is defined, by its name.
fn types(sources: &[Source]) -> BTreeMap<String, Vec<(&Source, usize)>> {
    let mut types: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for source in sources.iter().filter(|source| is_of_the_product(&source.path)) {
        for pair in tokens(&source.code).windows(2) {
            // Sets have a method `union`, after which no name comes.
            let is_name = pair[1].text.starts_with(char::is_alphabetic);
            if ["struct", "enum", "union"].contains(&pair[0].text.as_str()) && is_name {
                types.entry(pair[1].text.clone()).or_default().push((source, pair[1].line));
            }
        }
    }
    types
}

/// A name that two types have is a fault at the second of them; so is one that is allowed and that no two have any more.
pub(super) fn twice(sources: &[Source]) -> Vec<Fault> {
    let types = types(sources);
    let mut faults = Vec::new();
    for (name, places) in &types {
        let [(first, line), others @ ..] = places.as_slice() else { continue };
        if SHARED.contains(&name.as_str()) {
            if others.is_empty() {
                faults
                    .push(first.fault(*line, format!("`{name}` means one thing now: take it off the list")));
            }
            continue;
        }
        for (source, line) in others {
            let words = format!("`{name}` means something in {} already: find another word", first.path);
            faults.push(source.fault(*line, words));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_for_two_things_is_a_fault() {
        let one = Source::new("src/a.rs", "//! A.\npub struct Thing;\nstruct Kind;");
        let two = Source::new("crates/pure/src/b.rs", "//! B.\nenum Thing {}\nenum Kind {}");
        let faults: Vec<_> = twice(&[one, two]).iter().map(ToString::to_string).collect();
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].starts_with("crates/pure/src/b.rs:2"), "{faults:?}");
        let alone = Source::new("src/a.rs", "//! A.\nstruct Kind;");
        assert_eq!(twice(&[alone]).len(), 1);
        let methods = Source::new("src/a.rs", "//! A.\nfn a() { b.union(c).union(d) }");
        assert_eq!(twice(&[methods]).len(), 0);
        let elsewhere = Source::new("tests/a.rs", "//! A.\nstruct Thing;\nstruct Thing;");
        assert_eq!(twice(&[elsewhere]).len(), 0);
    }
}
