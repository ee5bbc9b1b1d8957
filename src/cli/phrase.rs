//! Sentences in which a command that a person is to run is told apart from the words around it: whoever shows them adds the
//! options of this call to each command, and never breaks it.

use std::fmt;

use pure::plan::{Sentence, Spoken};
use pure::shown::{brief, one_line};

/// A command of this program, from its verb on: the name of the program and `--env FILE` are added where it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct ToRun {
    /// A variable with its value, for this call alone.
    under: Option<&'static str>,
    arguments: String,
}

impl ToRun {
    /// The command with this verb and these arguments.
    pub(in crate::cli) fn of(arguments: impl fmt::Display) -> Self {
        Self { under: None, arguments: arguments.to_string() }
    }

    /// The verb and its arguments.
    pub(in crate::cli) fn arguments(&self) -> &str {
        &self.arguments
    }

    /// The variable that stands before the program, if one does.
    pub(in crate::cli) fn under(&self) -> Option<&'static str> {
        self.under
    }
}

/// A part of a phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) enum Uttered {
    Plain(String),
    Command(ToRun),
    /// What is not to be broken, and needs nothing more.
    Whole(String),
}

/// A sentence of words and commands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::cli) struct Phrase(Vec<Uttered>);

impl Phrase {
    /// The same, followed by a command.
    #[must_use]
    pub(in crate::cli) fn run(mut self, arguments: impl fmt::Display) -> Self {
        self.0.push(Uttered::Command(ToRun::of(arguments)));
        self
    }

    /// The same, followed by a command that is run with a variable: `APPLY_VIA=deployment`.
    #[must_use]
    pub(in crate::cli) fn run_under(mut self, variable: &'static str, arguments: impl fmt::Display) -> Self {
        self.0.push(Uttered::Command(ToRun { under: Some(variable), ..ToRun::of(arguments) }));
        self
    }

    /// The same, followed by a command that names a file of variables itself.
    #[must_use]
    pub(in crate::cli) fn run_plain(mut self, arguments: impl fmt::Display) -> Self {
        self.0.push(Uttered::Whole(format!("heartbeat-dns {arguments}")));
        self
    }

    /// The same, followed by a command of another program.
    #[must_use]
    pub(in crate::cli) fn whole(mut self, command: impl Into<String>) -> Self {
        let between = if self.0.is_empty() { "" } else { " " };
        self.0.extend([Uttered::Plain(between.to_owned()), Uttered::Whole(command.into())]);
        self
    }

    /// The same, followed by words.
    #[must_use]
    pub(in crate::cli) fn and(mut self, words: impl Into<String>) -> Self {
        self.0.push(Uttered::Plain(words.into()));
        self
    }

    /// The same, followed by others.
    #[must_use]
    pub(in crate::cli) fn then(mut self, words: impl Into<Phrase>) -> Self {
        self.0.extend(words.into().0);
        self
    }

    /// What it consists of, in its order.
    pub(in crate::cli) fn uttered(&self) -> &[Uttered] {
        &self.0
    }
}

impl From<String> for Phrase {
    fn from(words: String) -> Self {
        Self(vec![Uttered::Plain(words)])
    }
}

impl From<&String> for Phrase {
    fn from(words: &String) -> Self {
        words.clone().into()
    }
}

impl From<&str> for Phrase {
    fn from(words: &str) -> Self {
        words.to_owned().into()
    }
}

impl From<&Phrase> for Phrase {
    fn from(words: &Phrase) -> Self {
        words.clone()
    }
}

impl From<ToRun> for Phrase {
    fn from(command: ToRun) -> Self {
        Self(vec![Uttered::Command(command)])
    }
}

/// A sentence of the plan, on one line.
impl From<&Sentence> for Phrase {
    fn from(sentence: &Sentence) -> Self {
        let uttered = |spoken| match spoken {
            Spoken::Plain(words) => Uttered::Plain(brief(&between(words))),
            Spoken::Command(arguments) => Uttered::Command(ToRun::of(one_line(arguments))),
        };
        Self(sentence.spoken().map(uttered).collect())
    }
}

/// Words on one line, with the blanks that part them from what stands before and behind.
fn between(words: &str) -> String {
    let blank = |is_there: bool| if is_there { " " } else { "" };
    let (before, behind) = (words.starts_with(char::is_whitespace), words.ends_with(char::is_whitespace));
    format!("{}{}{}", blank(before), one_line(words), blank(behind))
}

#[cfg(test)]
mod tests;
