//! Keys of the host: who may call what (contract functions-custom-handler, sections 8 and 12).

use axum::http::{HeaderMap, Uri};

/// The keys of a host that asks for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// Opens everything, and alone the admin calls.
    pub master: String,
    /// Opens all functions.
    pub host: String,
    /// Opens each function; a real host has one for every function.
    pub function: String,
}

/// What a function asks for: `authLevel` of its trigger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// Nothing.
    Anonymous,
    /// A function's or the host's key.
    Function,
    /// The master key.
    Admin,
}

/// Who called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Caller {
    /// What the caller may.
    pub(super) level: Level,
    /// The name of the caller's key; none: no key is asked for.
    pub(super) key: Option<&'static str>,
}

impl Keys {
    /// Keys that nobody knows yet.
    #[must_use]
    pub fn random() -> Self {
        let key = || crate::world::guid().replace('-', "");
        Self { master: key(), host: key(), function: key() }
    }

    /// Who calls, by the key in the header or in the query.
    pub(super) fn caller(&self, headers: &HeaderMap, uri: &Uri) -> Caller {
        let header = headers.get("x-functions-key").and_then(|value| value.to_str().ok().map(str::to_owned));
        let in_query = || {
            let mut pairs = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
            pairs.find(|(name, _)| name.eq_ignore_ascii_case("code")).map(|(_, value)| value.into_owned())
        };
        let given = header.or_else(in_query);
        match given {
            Some(key) if key == self.master => Caller { level: Level::Admin, key: Some("master") },
            Some(key) if key == self.host || key == self.function => {
                Caller { level: Level::Function, key: Some("default") }
            }
            _ => Caller { level: Level::Anonymous, key: None },
        }
    }
}

impl Caller {
    /// Core Tools lets everybody in as an administrator.
    pub(super) const ANYBODY: Self = Self { level: Level::Admin, key: None };
}

impl Level {
    /// `authLevel` as it is written; none for another word.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let levels = [("anonymous", Self::Anonymous), ("function", Self::Function), ("admin", Self::Admin)];
        levels.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, level)| *level)
    }

    /// As claims name it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Anonymous => "Anonymous",
            Self::Function => "Function",
            Self::Admin => "Admin",
        }
    }
}
