//! A sentence that knows which of its words are a command to run: whoever shows it adds the options of his call there, and
//! breaks no command in two.

use std::fmt::{self, Write};
use std::ops::Deref;

use serde::{Serialize, Serializer};

/// The name of the program, as people call it.
const PROGRAM: &str = "heartbeat-dns";

/// What sentences are said to.
pub(super) trait Speech: Write {
    /// Says a command of this program, from its verb on.
    fn command(&mut self, arguments: fmt::Arguments<'_>) -> fmt::Result;
}

/// As text the command is its words.
impl Speech for fmt::Formatter<'_> {
    fn command(&mut self, arguments: fmt::Arguments<'_>) -> fmt::Result {
        write!(self, "{PROGRAM} {arguments}")
    }
}

/// A sentence as text, and where its commands stand.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sentence {
    text: String,
    /// Where the arguments of each command begin, behind the name of the program, and where they end.
    commands: Vec<(usize, usize)>,
}

/// A part of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoken<'a> {
    /// Words of people.
    Plain(&'a str),
    /// A command of this program, from its verb on.
    Command(&'a str),
}

impl Sentence {
    /// What is said to it.
    pub(super) fn of(say: impl FnOnce(&mut dyn Speech) -> fmt::Result) -> Self {
        let mut sentence = Self::default();
        // Nothing that is written to a text fails.
        let _ = say(&mut sentence);
        sentence
    }

    /// The same, followed by words.
    pub(super) fn and(mut self, words: &str) -> Self {
        self.text.push_str(words);
        self
    }

    /// Its words and its commands, in their order.
    pub fn spoken(&self) -> impl Iterator<Item = Spoken<'_>> {
        let mut parts = Vec::new();
        let mut at = 0;
        for &(begin, end) in &self.commands {
            parts.push(Spoken::Plain(&self.text[at..begin - PROGRAM.len() - 1]));
            parts.push(Spoken::Command(&self.text[begin..end]));
            at = end;
        }
        parts.push(Spoken::Plain(&self.text[at..]));
        parts.into_iter().filter(|part| *part != Spoken::Plain(""))
    }
}

impl Write for Sentence {
    fn write_str(&mut self, words: &str) -> fmt::Result {
        self.text.push_str(words);
        Ok(())
    }
}

impl Speech for Sentence {
    fn command(&mut self, arguments: fmt::Arguments<'_>) -> fmt::Result {
        write!(self.text, "{PROGRAM} ")?;
        let begin = self.text.len();
        write!(self.text, "{arguments}")?;
        self.commands.push((begin, self.text.len()));
        Ok(())
    }
}

impl Deref for Sentence {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq<str> for Sentence {
    fn eq(&self, text: &str) -> bool {
        self.text == text
    }
}

impl PartialEq<&str> for Sentence {
    fn eq(&self, text: &&str) -> bool {
        self.text == *text
    }
}

/// A sentence without a command.
impl From<String> for Sentence {
    fn from(text: String) -> Self {
        Self { text, commands: Vec::new() }
    }
}

impl Serialize for Sentence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_tells_its_commands_apart_and_reads_as_before() {
        let say = |speech: &mut dyn Speech| {
            speech.write_str("it is held; run ")?;
            speech.command(format_args!("unhold {}", "a.example.com"))?;
            speech.write_str(", or ")?;
            speech.command(format_args!("collect"))
        };
        let sentence = Sentence::of(say);
        let parts: Vec<_> = sentence.spoken().collect();
        let (unhold, collect) = (Spoken::Command("unhold a.example.com"), Spoken::Command("collect"));
        assert_eq!(parts, [Spoken::Plain("it is held; run "), unhold, Spoken::Plain(", or "), collect]);
        let text = "it is held; run heartbeat-dns unhold a.example.com, or heartbeat-dns collect";
        assert_eq!(sentence.to_string(), text);
        assert_eq!(fmt::from_fn(|f| say(f)).to_string(), text, "and as text at once");
        assert_eq!(serde_json::to_value(&sentence).unwrap(), text);
    }
}
