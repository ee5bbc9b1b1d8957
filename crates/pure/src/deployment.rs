//! Template deployments that write record sets: what one is called, and what became of a change that was deployed.
//!
//! What Resource Manager says of a deployment decides nothing: a set is written when a read shows it.

use sha2::{Digest, Sha256};

use crate::domain::ZoneId;
use crate::plan::report::Outcome;
use crate::plan::{Change, Read};
use crate::progress::{Fate, Mishap};

/// What every name begins with.
const PREFIX: &str = "heartbeat-dns-";
/// Characters that Resource Manager allows at most.
const LONGEST: usize = 64;
/// Digits of the hash that stands for what was cut off.
const DIGITS: usize = 16;

/// Resources that one template holds at most.
pub const MOST: usize = 800;

/// The one name under which a zone is deployed: of letters, digits, hyphens, dots and, where the zone's own is too long for it, a
/// pair of brackets around a hash of the whole. No zone has brackets in its name, so no two zones share one.
#[must_use]
pub fn name(zone: &ZoneId) -> String {
    let of = zone.zone_name().as_str();
    if PREFIX.len() + of.len() <= LONGEST {
        return format!("{PREFIX}{of}");
    }
    let hash: String = Sha256::digest(of).iter().map(|octet| format!("{octet:02x}")).collect();
    let kept: String = of.chars().take(LONGEST - PREFIX.len() - DIGITS - 2).collect();
    format!("{PREFIX}{kept}({})", &hash[..DIGITS])
}

/// How a deployment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It goes on.
    AtWork,
    /// It has come to its end, whichever.
    Ended,
}

impl State {
    /// Of the word of Resource Manager: three are final, and no word at all is the end too.
    #[must_use]
    pub fn of(word: Option<&str>) -> Self {
        let is_final =
            |word: &str| ["Succeeded", "Failed", "Canceled"].iter().any(|end| end.eq_ignore_ascii_case(word));
        if word.is_none_or(is_final) { Self::Ended } else { Self::AtWork }
    }
}

/// What is known of the deployment when its sets are read.
#[derive(Clone, Debug, PartialEq)]
pub enum Conclusion {
    /// It has ended: what a read does not show was not written, and why, as far as it says so.
    Ended {
        /// What went wrong.
        mishap: Mishap,
        /// Whether no patience helps.
        is_durable: bool,
    },
    /// It is still at work, or nobody knows.
    Open(Mishap),
}

/// What became of a change that was deployed, by the read afterwards; `owner` and `run` are those of its mark.
#[must_use]
pub fn fate(
    change: &Change,
    read: Result<Read, Mishap>,
    conclusion: Conclusion,
    owner: &str,
    run: &str,
) -> Fate {
    let read = match read {
        Ok(read) => read,
        Err(unread) => {
            let (Conclusion::Ended { mishap, .. } | Conclusion::Open(mishap)) = conclusion;
            let words = format!("{}; then {}", mishap.words, unread.words);
            return Fate::without_effect(Outcome::Unconfirmed, Mishap { words, ..mishap });
        }
    };
    if let Some(set) = read.set.as_ref().filter(|set| change.is_done(set, owner, run)) {
        return Fate {
            outcome: Outcome::Confirmed,
            mishap: None,
            written: Some(set.clone()),
            is_durable: false,
        };
    }
    match conclusion {
        Conclusion::Open(mishap) => Fate::without_effect(Outcome::Unconfirmed, mishap),
        Conclusion::Ended { mishap, is_durable } if is_as_before(change, &read) => {
            Fate { is_durable, ..Fate::without_effect(Outcome::Failed, mishap) }
        }
        // Whoever wrote it last was not this run.
        Conclusion::Ended { .. } => {
            let words =
                "somebody else has changed the set since, and a deployment cannot hold others off".to_owned();
            Fate::without_effect(Outcome::Conflict, Mishap { code: "changed".to_owned(), words })
        }
    }
}

/// Whether a read shows what the change rests on: the same set, or that there is none.
#[must_use]
pub fn is_as_before(change: &Change, read: &Read) -> bool {
    match (&change.before, &read.set) {
        (Some(before), Some(set)) => !set.etag.is_empty() && before.etag == set.etag,
        (None, None) => !read.is_cname,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> ZoneId {
        ZoneId::parse(&format!(
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/{name}"
        ))
        .unwrap()
    }

    #[test]
    fn a_name_tells_the_zone_and_no_two_zones_share_one() {
        assert_eq!(name(&zone("Example.com")), "heartbeat-dns-example.com");
        let label = "a".repeat(60);
        let fits = "a".repeat(46);
        assert_eq!(name(&zone(&format!("{fits}.com"))), format!("heartbeat-dns-{fits}.com"));
        let names = ["com", "net", "org", "b.com"].map(|end| name(&zone(&format!("{label}.{end}"))));
        for (at, name) in names.iter().enumerate() {
            assert_eq!(name.chars().count(), 64, "{name}");
            assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.()".contains(c)), "{name}");
            assert!(names[..at].iter().all(|other| other != name), "{name}");
        }
        assert_eq!(name(&zone(&format!("{fits}a.com"))).chars().count(), 64, "one letter too many is cut");
    }

    #[test]
    fn three_words_are_final_and_no_word_is_the_end_too() {
        for word in ["Succeeded", "Failed", "Canceled", "succeeded"] {
            assert_eq!(State::of(Some(word)), State::Ended, "{word}");
        }
        for word in
            ["Accepted", "Running", "Created", "Creating", "Deleting", "Updating", "Ready", "new word", ""]
        {
            assert_eq!(State::of(Some(word)), State::AtWork, "{word}");
        }
        assert_eq!(State::of(None), State::Ended);
    }
}
