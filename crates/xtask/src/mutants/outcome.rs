//! What cargo-mutants wrote down: one name a line in a file for each fate.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

/// The fates of the mutants of one run, by name; the run may have been stopped.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// A test failed; earlier runs that this one went on from included. One that runs for ever is noticed as well.
    pub(crate) caught: BTreeSet<String>,
    /// All tests passed.
    pub(crate) survived: BTreeSet<String>,
    /// It did not compile.
    pub(crate) unviable: BTreeSet<String>,
    /// The run was stopped before.
    pub(crate) not_reached: BTreeSet<String>,
}

impl Outcome {
    /// Reads the folder `mutants.out`.
    ///
    /// # Errors
    /// A list of mutants that cannot be read; a fate that nobody had has no file.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let names = |file: &str| -> BTreeSet<String> {
            let text = std::fs::read_to_string(folder.join(file)).unwrap_or_default();
            text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
        };
        let unviable = names("unviable.txt");
        let mut caught = names("caught.txt");
        caught.extend(names("timeout.txt"));
        // What did not compile before stands here too, and is no survivor either.
        caught.extend(names("previously_caught.txt"));
        let survived = names("missed.txt");
        let file = folder.join("mutants.json");
        // Without a mutant there is no list.
        let text = if file.is_file() {
            std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?
        } else {
            "[]".to_owned()
        };
        let all: Vec<Value> = serde_json::from_str(&text).context("cannot understand the list of mutants")?;
        let all = all.iter().filter_map(|mutant| mutant["name"].as_str().map(str::to_owned));
        let is_open = |name: &String| ![&caught, &survived, &unviable].iter().any(|fate| fate.contains(name));
        let not_reached = all.filter(is_open).collect();
        Ok(Self { caught, survived, unviable, not_reached })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "mutants: {} caught, {} survive, {} do not compile, {} not reached",
            self.caught.len(),
            self.survived.len(),
            self.unviable.len(),
            self.not_reached.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_fate_was_not_reached() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("mutants.json", r#"[{"name":"a"},{"name":"b"},{"name":"c"},{"name":"d"},{"name":"e"}]"#);
        write("caught.txt", "a\n");
        write("timeout.txt", "b\n");
        write("missed.txt", "c\n");
        write("unviable.txt", "d\n");
        write("previously_caught.txt", "z\n");
        let outcome = Outcome::read(folder.path()).unwrap();
        let text = outcome.to_string();
        assert_eq!(text, "mutants: 3 caught, 1 survive, 1 do not compile, 1 not reached");
        assert!(outcome.not_reached.contains("e"));
    }
}
