//! Conditional requests: `If-Match` and `If-None-Match` (contract azure-resource-manager, sections 2.4 and 2.6).

use std::fmt;

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
    if let Some(wanted) = call.header("if-match").map(str::trim) {
        if wanted.is_empty() {
            return Err(Reply::bare(400, "BadRequest", "The header If-Match must hold an etag or '*'."));
        }
        let holds = match present {
            None => false,
            Some(etag) => wanted.split(',').map(plain).any(|wanted| wanted == "*" || wanted == etag),
        };
        if !holds {
            let message = format!("The {} has been modified (etag mismatch).", subject.modified());
            return Err(Reply::bare(412, "PreconditionFailed", &message));
        }
    }
    // Only `*` means anything here; other values are ignored.
    if call.header("if-none-match").map(plain) == Some("*") && present.is_some() {
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
