//! Conditional requests: `If-Match` and `If-None-Match` (contract azure-resource-manager, sections 2.4 and 2.6).

use std::fmt;

use axum::http::{Method, header};

use crate::{Call, Reply};

/// What a condition is about, in the words of the provider: names in lower case.
pub(super) enum Subject<'n> {
    /// A zone.
    Zone(&'n str),
    /// A record set.
    RecordSet(&'n str),
    /// The link of a private zone to a network.
    Link {
        /// Its name.
        name: &'n str,
        /// The zone's name.
        zone: &'n str,
    },
    /// The signing of a zone.
    Dnssec,
}

impl Subject<'_> {
    fn modified(&self) -> String {
        match self {
            // Of a link it speaks in another way than when it is there already.
            Self::Link { name, zone } => format!(
                "Virtual Network link '{}' for the Private DNS zone '{}'",
                name.to_ascii_lowercase(),
                zone.to_ascii_lowercase()
            ),
            other => other.to_string(),
        }
    }
}

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zone(name) => write!(f, "Zone {}", name.to_ascii_lowercase()),
            Self::RecordSet(name) => write!(f, "Record set {}", name.to_ascii_lowercase()),
            Self::Link { name, zone } => write!(
                f,
                "Virtual Network link {} for the Private DNS zone {}",
                name.to_ascii_lowercase(),
                zone.to_ascii_lowercase()
            ),
            Self::Dnssec => f.write_str("DNSSEC configuration"),
        }
    }
}

/// Judges the conditions of a write against the etag of what is there; none: nothing is there.
///
/// # Errors
/// The bare 412 of an unmet condition, or the 400 for an `If-Match` without any etag.
pub(super) fn check(call: &Call, subject: &Subject<'_>, present: Option<&str>) -> Result<(), Reply> {
    let mut wanted = call.headers.get_all(header::IF_MATCH).iter().peekable();
    if wanted.peek().is_some() {
        // What is no text is a condition too: nothing fits it, and nobody knows what it meant.
        let wanted: Option<Vec<&str>> = wanted.map(|value| value.to_str().ok().map(str::trim)).collect();
        let wanted = wanted
            .filter(|lines| lines.iter().all(|line| !line.is_empty()))
            .ok_or_else(|| Reply::bare(400, "BadRequest", "The header If-Match must hold an etag or '*'."))?;
        let mut wanted = wanted.iter().flat_map(|line| line.split(',')).map(plain);
        let holds = present.is_some_and(|etag| wanted.any(|wanted| wanted == "*" || wanted == etag));
        if !holds {
            let message = format!("The {} has been modified (etag mismatch).", subject.modified());
            return Err(Reply::bare(412, "PreconditionFailed", &message));
        }
    }
    // It is a condition of a PUT alone, and only `*` means anything; other values are ignored.
    let creates = call.method == Method::PUT && call.header("if-none-match").map(plain) == Some("*");
    if creates && present.is_some() {
        let message = format!("The {subject} exists already and hence cannot be created again.");
        return Err(Reply::bare(412, "PreconditionFailed", &message));
    }
    Ok(())
}

/// An etag without the quotes and the weakness mark that some clients add.
fn plain(etag: &str) -> &str {
    let etag = etag.trim();
    etag.strip_prefix("W/").unwrap_or(etag).trim_matches('"')
}
