//! What was seen, a line a thing: how it stands, in words, and the commands that mend it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::azure::{Caller, Kind};
use pure::domain::Service;

/// The form of the report.
pub const SCHEMA: &str = "heartbeat-dns-doctor/1";

/// What the line is about that tells of the probe row.
pub(super) const INGESTION: &str = "ingestion";

/// How a thing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it must be.
    Ok,
    /// It works, and somebody should look.
    Warn,
    /// It does not work.
    Fail,
    /// It was not asked, or could not be.
    Skip,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// How it stands.
    pub verdict: Verdict,
    /// What it is about.
    pub topic: String,
    /// Which one of several, such as a zone; empty: there is one.
    #[serde(default)]
    pub of: String,
    /// What was seen.
    pub said: String,
    /// Commands that mend it, in their order.
    #[serde(default)]
    pub az: Vec<String>,
    /// Who gave no answer and how, where that is all that was seen.
    #[serde(skip)]
    pub(super) unanswered: Option<Unanswered>,
}

/// A service that gave no answer for now, and how: one cause, whoever asks.
pub(super) type Unanswered = (Service, Kind);

/// How many lines stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// As they must be.
    pub ok: usize,
    /// Somebody should look.
    pub warn: usize,
    /// They do not work.
    pub fail: usize,
    /// Not asked.
    pub skip: usize,
}

/// Whose rights were seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    /// The object id.
    pub object: String,
    /// The name; the client id where the token says no other.
    pub name: String,
    /// The client id, where that is the name.
    #[serde(default)]
    pub client_id: Option<String>,
}

impl From<Caller> for By {
    fn from(Caller { object, name, client_id }: Caller) -> Self {
        Self { object, name, client_id }
    }
}

/// The name; of whoever has none the beginning of the id, which stands whole in the examination.
impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let begin = |id: &str| id.chars().take(8).collect::<String>();
        match (&self.client_id, self.name.trim()) {
            (Some(client), _) => write!(f, "client id {}…", begin(client)),
            (None, "") => write!(f, "object id {}…", begin(&self.object)),
            (None, name) => f.write_str(name),
        }
    }
}

/// All lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Examination {
    /// The form of this, [`SCHEMA`].
    pub schema: String,
    /// The version of the program that asked.
    pub version: String,
    /// Whose rights were seen; none without a token that says so.
    pub by: Option<By>,
    /// Whether a probe row was taken.
    pub probe: bool,
    /// The lines, in their order.
    pub lines: Vec<Line>,
    /// How many stand how.
    pub totals: Totals,
}

impl Line {
    /// A line about a thing.
    pub(super) fn new(verdict: Verdict, topic: &str, of: &str) -> Self {
        Self {
            verdict,
            topic: topic.to_owned(),
            of: of.to_owned(),
            said: String::new(),
            az: Vec::new(),
            unanswered: None,
        }
    }

    pub(super) fn ok(topic: &str, of: &str) -> Self {
        Self::new(Verdict::Ok, topic, of)
    }

    pub(super) fn warn(topic: &str, of: &str) -> Self {
        Self::new(Verdict::Warn, topic, of)
    }

    pub(super) fn fail(topic: &str, of: &str) -> Self {
        Self::new(Verdict::Fail, topic, of)
    }

    pub(super) fn skip(topic: &str, of: &str) -> Self {
        Self::new(Verdict::Skip, topic, of)
    }

    /// The same with what was seen.
    pub(super) fn saying(self, said: impl Into<String>) -> Self {
        Self { said: said.into(), ..self }
    }

    /// The same with one more command.
    pub(super) fn mended_by(mut self, command: impl Into<String>) -> Self {
        self.az.push(command.into());
        self
    }

    /// The same with these commands more.
    pub(super) fn mended_by_all(mut self, commands: &[String]) -> Self {
        self.az.extend_from_slice(commands);
        self
    }
}

impl Examination {
    pub(super) fn of(caller: Option<Caller>, lines: Vec<Line>) -> Self {
        let count = |verdict| lines.iter().filter(|line| line.verdict == verdict).count();
        let totals = Totals {
            ok: count(Verdict::Ok),
            warn: count(Verdict::Warn),
            fail: count(Verdict::Fail),
            skip: count(Verdict::Skip),
        };
        let by = caller.map(By::from);
        let is_taken =
            |line: &Line| line.topic == INGESTION && matches!(line.verdict, Verdict::Ok | Verdict::Warn);
        let probe = lines.iter().any(is_taken);
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Self { schema: SCHEMA.to_owned(), version, by, probe, lines, totals }
    }
}
