//! What a played program tells: one line of JSON in the file that [`FILE`](super::stage::FILE) names.

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// The name under which the last line of a page is called.
pub(super) const END: &str = "end-of-page";

/// One call of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    /// The document and the line of the snippet.
    pub(super) place: String,
    /// The program and its arguments.
    pub(super) call: Vec<String>,
    /// What is wrong with it.
    pub(super) wrong: Option<String>,
    /// The program that is not installed here, so that nothing was run.
    pub(super) left_out: Option<String>,
}

impl Told {
    pub(super) fn wrong(place: &str, call: &str, words: &str) -> Self {
        let call = vec![call.to_owned()];
        Self { place: place.to_owned(), call, wrong: Some(words.to_owned()), left_out: None }
    }

    /// Whether this is no call but the last line of a page.
    pub(super) fn is_end(&self) -> bool {
        self.call.first().is_some_and(|program| program == END)
    }

    /// Place, call and what is wrong with it, for people.
    pub(super) fn fault(&self) -> Option<String> {
        let wrong = self.wrong.as_deref()?;
        Some(format!("{}: {}\n    {}", self.place, self.call.join(" "), wrong.replace('\n', "\n    ")))
    }

    pub(super) fn to_line(&self) -> String {
        let Self { place, call, wrong, left_out } = self;
        format!("{}\n", json!({ "place": place, "call": call, "wrong": wrong, "left_out": left_out }))
    }

    pub(super) fn from_line(line: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(line).context("reading what a played program told")?;
        let text = |member: &str| value[member].as_str().map(str::to_owned);
        let words = value["call"].as_array().into_iter().flatten();
        Ok(Self {
            place: text("place").unwrap_or_default(),
            call: words.filter_map(|word| word.as_str().map(str::to_owned)).collect(),
            wrong: text("wrong"),
            left_out: text("left_out"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_read_as_it_was() {
        let told = Told::wrong("README.md:7", "az \"login\"\nnow", "no");
        assert_eq!(Told::from_line(told.to_line().trim_end()).unwrap(), told);
        assert_eq!(told.fault().unwrap(), "README.md:7: az \"login\"\nnow\n    no");
    }
}
