//! The story in words: one line each, for people.

use std::fmt;

use crate::domain::join_addresses;
use crate::plan::report::{Orphan, Outcome, Proof};
use crate::plan::skip::Skip;
use crate::plan::words::list;
use crate::plan::{About, Action, Brake, Right};
use crate::shown::{one_line, shown};

use super::{ChangeFacts, Failure, Line, Topic};

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unclaimed(unclaimed) => f.write_str(&one_line(&unclaimed.because)),
            Self::Change(facts) => facts.fmt(f),
            Self::Brake(brake) => held(f, brake),
            Self::Skip(skip @ Skip { name, reason, because, .. }) => {
                let record_type = skip.type_in_words();
                write!(f, "{} {record_type} is left as it is, {reason}: {}", shown(name), one_line(because))
            }
            Self::Right(Right { name, record_type, zone, addresses, .. }) => {
                let record_type = record_type.inside(zone.kind());
                write!(f, "{name} {record_type} is in sync at {}", join_addresses(addresses))
            }
            Self::Orphan(Orphan { name, record_type, zone, addresses, because, .. }) => {
                let record_type = record_type.inside(zone.kind());
                let held = join_addresses(addresses);
                write!(f, "{name} {record_type} at {held} is claimed by nobody: {}", one_line(because))
            }
        }
    }
}

impl ChangeFacts<'_> {
    /// The same without the words about a failure.
    #[must_use]
    pub fn without_detail(&self) -> Self {
        Self { detail: None, ..self.clone() }
    }

    /// The machine that the set follows, and how many others say the same.
    #[must_use]
    pub fn machines(&self) -> String {
        let machine = self.machine.name();
        if self.others == 0 { machine.to_owned() } else { format!("{machine} and {} more", self.others) }
    }

    /// What became of the change: the outcome, what proved it, words about a failure.
    #[must_use]
    pub fn fate(&self) -> String {
        let proof = match self.proved_by {
            Some(Proof::Dns) => ", proved by DNS",
            Some(Proof::Arm) => ", by Azure's word",
            None if self.outcome == Outcome::Confirmed => ", not proved yet",
            None => "",
        };
        let detail = self.detail.map(|detail| format!(": {}", one_line(detail))).unwrap_or_default();
        format!("{}{proof}{detail}", self.outcome.as_str())
    }

    /// What is done to the set: in a run that only plans it would be, after a write that is known it was.
    fn deed(&self) -> String {
        let to = &self.to;
        let from = self.from.as_deref().map(|from| if from.is_empty() { "no address" } else { from });
        match (from, self.outcome) {
            (Some(from), Outcome::Planned) if self.action == Action::Delete => {
                format!("would go, now {from}")
            }
            (Some(from), Outcome::Confirmed) if self.action == Action::Delete => format!("went, was {from}"),
            (Some(from), _) if self.action == Action::Delete => format!("to go, now {from}"),
            (None, Outcome::Planned) => format!("would create with {to}"),
            (None, Outcome::Confirmed) => format!("created with {to}"),
            (None, _) => format!("to be created with {to}"),
            (Some(from), Outcome::Planned) if from == to => format!("would stay at {to}"),
            (Some(from), _) if from == to => format!("stays at {to}"),
            (Some(from), Outcome::Planned) => format!("would move from {from} to {to}"),
            (Some(from), _) => format!("from {from} to {to}"),
        }
    }
}

impl fmt::Display for ChangeFacts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.record_type.inside(self.zone.kind());
        write!(f, "{} {kind}: {} ({}", self.name, self.deed(), self.machines())?;
        f.write_str(if self.adopts { ", adopted)" } else { ")" })?;
        write!(f, ", {}", self.fate())
    }
}

/// Fits after "failed: ".
impl fmt::Display for Failure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ChangeFacts { name, record_type, zone, outcome, detail, .. } = &self.first;
        let record_type = record_type.inside(zone.kind());
        let outcome = match outcome {
            Outcome::Conflict => "met a conflict",
            Outcome::Unconfirmed => "could not be confirmed",
            _ => "failed",
        };
        write!(f, "the change of {name} {record_type} {outcome}")?;
        match self.more {
            0 => {}
            1 => f.write_str(", and 1 more change went wrong")?,
            more => write!(f, ", and {more} more changes went wrong")?,
        }
        // Words of a service may end with a full stop: they stand last.
        match detail {
            Some(detail) => write!(f, ": {}", one_line(detail)),
            None => Ok(()),
        }
    }
}

fn held(f: &mut fmt::Formatter<'_>, brake: &Brake) -> fmt::Result {
    write!(f, "brake {}", brake.brake.as_str())?;
    if let Some(zone) = &brake.zone {
        write!(f, " in {}", zone.in_words())?;
    }
    write!(f, ": {}", one_line(&brake.because))?;
    if brake.names.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = brake.names.iter().map(String::as_str).collect();
    write!(f, " Holds {}.", list(&names))
}

/// What stands, in a few words; they fit before "failed" and after "over:".
impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Brake { brake, zone, about } => {
                write!(f, "brake {}", brake.as_str())?;
                if let Some(zone) = zone {
                    write!(f, " in {}", zone.in_words())?;
                }
                match about {
                    About::Address(address) => write!(f, " for {address}"),
                    About::Cause(cause) => write!(f, ", {cause}"),
                    About::Proof => f.write_str(", not proved"),
                    About::Volume | About::Ends => Ok(()),
                }
            }
            Self::Change { zone, name, record_type } => {
                write!(f, "the change of {name} {}", record_type.inside(zone.kind()))
            }
            Self::Reading { service, cause } => write!(f, "reading from {service} ({cause})"),
            Self::Stage { stage } => f.write_str(stage),
        }
    }
}
