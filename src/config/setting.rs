//! What is declared of a setting: its name, what holds without it, its bounds, what the documents say, what `infra` sets.

use std::time::Duration;

/// One variable that a person may write.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The variable's name.
    pub name: &'static str,
    /// The part of the documents where it stands.
    pub section: Section,
    /// What holds when it is not set.
    pub unset: Unset,
    /// Its form and its bounds.
    pub form: Form,
    /// What it is for, as the documents say it.
    pub help: &'static str,
    /// A value that works against the local Azure; empty: not set there.
    pub example: &'static str,
    /// What `infra` does about it.
    pub infra: Infra,
}

/// A part of the documents and of the example file, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// What is managed, and where our tables are.
    Place,
    /// When runs are made and how.
    Run,
    /// Rules and brakes.
    Policy,
    /// How calls are answered and changes are written.
    Reply,
    /// Who hears what happens.
    Notify,
    /// Where Azure is and who we are there.
    Azure,
    /// Proxies and certificates.
    Network,
    /// Log lines.
    Log,
}

/// What holds when a variable is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unset {
    /// Nothing does: it is a fault; the words fit after "set it to".
    Fault(&'static str),
    /// This value, which the same reader reads.
    Is(&'static str),
    /// What these words say; a part of them in backticks is a value or a name.
    Means(&'static str),
}

/// A form and its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A text with a reader of its own.
    Text,
    /// Members between commas, one at least.
    List,
    /// A whole number from the first to the second.
    Number(u32, u32),
    /// A duration from the first to the second.
    Duration(Duration, Duration),
    /// The same; below the Functions host, which kills what takes longer, at most the third.
    Deadline(Duration, Duration, Duration),
}

/// What `infra` does about a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Infra {
    /// It sets the default, so that the portal shows it.
    Default,
    /// It sets something else, in Bicep.
    Sets(&'static str),
    /// It sets a secret, in Bicep.
    Secret(&'static str),
    /// It leaves it alone, for this reason.
    Leaves(&'static str),
}

impl Setting {
    /// A setting with a default.
    pub(super) const fn new(section: Section, default: &'static str, help: &'static str) -> Self {
        Self {
            name: "",
            section,
            unset: Unset::Is(default),
            form: Form::Text,
            help,
            example: default,
            infra: Infra::Default,
        }
    }

    /// A setting that must be set.
    pub(super) const fn required(section: Section, to: &'static str, help: &'static str) -> Self {
        Self { unset: Unset::Fault(to), example: "", ..Self::new(section, "", help) }
    }

    /// A setting without a default; `words` say what that means.
    pub(super) const fn optional(section: Section, words: &'static str, help: &'static str) -> Self {
        Self { unset: Unset::Means(words), example: "", ..Self::new(section, "", help) }
    }

    pub(super) const fn form(self, form: Form) -> Self {
        Self { form, ..self }
    }

    pub(super) const fn example(self, example: &'static str) -> Self {
        Self { example, ..self }
    }

    pub(super) const fn infra(self, infra: Infra) -> Self {
        Self { infra, ..self }
    }

    pub(super) const fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    /// The text that is read when the variable is not set.
    #[must_use]
    pub fn default(&self) -> Option<&'static str> {
        match self.unset {
            Unset::Is(text) => Some(text),
            Unset::Fault(_) | Unset::Means(_) => None,
        }
    }
}
