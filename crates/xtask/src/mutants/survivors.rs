//! The list of mutants that may survive, each with the reason why it does not matter.
//!
//! A line is `path: function: mutation | reason`; where a function has the same mutation more than once, ` #2` says which.
//! Lines and columns are left out, because they move with every edit.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::outcome::Outcome;

/// A mutant as the list names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mutant(String);

impl Mutant {
    /// Every mutant there is, by the name that cargo-mutants gives it.
    ///
    /// # Errors
    /// When it is not what `cargo mutants --list --json` prints.
    pub(crate) fn all(json: &str) -> Result<BTreeMap<String, Self>> {
        let list: Vec<Value> = serde_json::from_str(json).context("cannot understand the list of mutants")?;
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        let mut keys = Vec::new();
        for mutant in &list {
            let text = |value: &Value| value.as_str().map(str::to_owned).context("a mutant without a name");
            let (name, file) = (text(&mutant["name"])?, text(&mutant["file"])?);
            let function = mutant["function"]["function_name"].as_str().unwrap_or("-").to_owned();
            // `path:line:column: what is replaced by what in which function`
            let what = name.splitn(4, ':').nth(3).unwrap_or(&name).trim();
            let what = what.strip_suffix(&format!(" in {function}")).unwrap_or(what);
            let key = format!("{file}: {function}: {what}");
            let count = counts.entry(key.clone()).or_default();
            *count += 1;
            keys.push((name, key, *count));
        }
        let numbered = |(name, key, number): (String, String, usize)| {
            let is_alone = counts.get(&key) == Some(&1);
            (name, Self(if is_alone { key } else { format!("{key} #{number}") }))
        };
        Ok(keys.into_iter().map(numbered).collect())
    }

    fn file(&self) -> &str {
        self.0.split(": ").next().unwrap_or_default()
    }
}

/// What may survive.
#[derive(Debug)]
pub(crate) struct Survivors(BTreeSet<Mutant>);

impl Survivors {
    /// Reads the list.
    ///
    /// # Errors
    /// A line without a reason, or one that stands there twice.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let mut known = BTreeSet::new();
        let lines = text.lines().enumerate().map(|(number, line)| (number + 1, line.trim()));
        for (number, line) in lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            // A mutation may hold a bar itself.
            let parts = line.rsplit_once(" | ").map(|(mutant, reason)| (mutant.trim(), reason.trim()));
            match parts {
                Some((mutant, reason)) if !reason.is_empty() => {
                    if !known.insert(Mutant(mutant.to_owned())) {
                        bail!("line {number} names a mutant for the second time: {mutant}");
                    }
                }
                _ => bail!("line {number} has no reason: write `path: function: mutation | reason`"),
            }
        }
        Ok(Self(known))
    }

    /// What is wrong after a run over `mutants`: survivors that are not listed, and lines that are not true any more.
    pub(crate) fn faults(&self, mutants: &BTreeMap<String, Mutant>, outcome: &Outcome) -> Vec<String> {
        let named = |names: &BTreeSet<String>| -> BTreeSet<&Mutant> {
            names.iter().filter_map(|name| mutants.get(name)).collect()
        };
        let (survived, caught) = (named(&outcome.survived), named(&outcome.caught));
        let all: BTreeSet<&Mutant> = mutants.values().collect();
        let files: BTreeSet<&str> = mutants.values().map(Mutant::file).collect();
        let unlisted = survived.iter().filter(|mutant| !self.0.contains(**mutant));
        let mut faults: Vec<String> =
            unlisted.map(|mutant| format!("survives, and is not listed: {}", mutant.0)).collect();
        for mutant in self.0.iter().filter(|mutant| files.contains(mutant.file())) {
            if !all.contains(mutant) {
                faults.push(format!("is listed, and is no mutant any more: {}", mutant.0));
            } else if caught.contains(mutant) {
                faults.push(format!("is listed, and a test catches it: {}", mutant.0));
            }
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutants() -> BTreeMap<String, Mutant> {
        let mutant = |line: u32, what: &str| {
            serde_json::json!({
                "name": format!("a.rs:{line}:9: {what} in A::f"), "file": "a.rs",
                "function": { "function_name": "A::f" },
            })
        };
        let list = [
            mutant(3, "replace == with !="),
            mutant(5, "replace == with !="),
            mutant(7, "replace || with &&"),
        ];
        Mutant::all(&serde_json::json!(list).to_string()).unwrap()
    }

    fn outcome(survived: &[&str], caught: &[&str]) -> Outcome {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Outcome { survived: names(survived), caught: names(caught), ..Outcome::default() }
    }

    #[test]
    fn the_same_mutation_twice_in_a_function_is_told_apart() {
        let keys: Vec<String> = mutants().into_values().map(|mutant| mutant.0).collect();
        assert_eq!(
            keys,
            [
                "a.rs: A::f: replace == with != #1",
                "a.rs: A::f: replace == with != #2",
                "a.rs: A::f: replace || with &&"
            ]
        );
    }

    #[test]
    fn an_unlisted_survivor_and_a_line_that_is_not_true_are_faults() {
        let second = "a.rs:5:9: replace == with != in A::f";
        let list =
            Survivors::parse("# why\n\na.rs: A::f: replace == with != #2 | both sides are equal there\n")
                .unwrap();
        assert!(list.faults(&mutants(), &outcome(&[second], &[])).is_empty());
        let first = "a.rs:3:9: replace == with != in A::f";
        assert_eq!(
            list.faults(&mutants(), &outcome(&[first], &[second])),
            [
                "survives, and is not listed: a.rs: A::f: replace == with != #1",
                "is listed, and a test catches it: a.rs: A::f: replace == with != #2",
            ]
        );
        let gone =
            Survivors::parse("a.rs: A::g: replace + with - | x\nb.rs: g: replace + with - | x").unwrap();
        let faults = gone.faults(&mutants(), &outcome(&[], &[]));
        assert_eq!(faults, ["is listed, and is no mutant any more: a.rs: A::g: replace + with -"]);
    }

    #[test]
    fn a_line_without_a_reason_is_refused() {
        for text in ["a.rs: f: replace + with -", "a.rs: f: replace + with - | ", "a: f: x | y\na: f: x | z"]
        {
            assert!(Survivors::parse(text).is_err(), "{text}");
        }
        assert!(Survivors::parse("a.rs: f: replace | with & | a bit that is never set").is_ok());
    }
}
