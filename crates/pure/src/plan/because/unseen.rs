//! The sentences of what cannot be seen: old, partial or missing data, and what could not be read.

use std::fmt;

use crate::plan::blindness::{Blindness, Wanted};
use crate::plan::sentence::Speech;
use crate::plan::words::{machine, quote, span_beside, whole};

impl fmt::Display for Blindness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.say(f)
    }
}

impl Blindness {
    /// Its sentence, in which commands are told apart.
    pub(in crate::plan) fn say(&self, f: &mut dyn Speech) -> fmt::Result {
        match self {
            Self::Partial => f.write_str(
                "A query gave only part of its rows, so nothing is decided on it; look at the workspace's \
                 health, the next run asks again.",
            ),
            Self::NoTagSweep => {
                f.write_str("The log knows no complete sweep of the tags")?;
                sweep(f)
            }
            Self::OldTagSweep { age, limit } => {
                let age = span_beside(*age, *limit);
                write!(f, "The newest complete sweep of the tags is {age} old, more than {}", whole(*limit))?;
                sweep(f)
            }
            Self::NoZoneSweep { zone } => {
                write!(f, "The log knows no complete sweep of the zone {zone}")?;
                sweep(f)
            }
            Self::OldZoneSweep { zone, age, limit } => {
                let (age, limit) = (span_beside(*age, *limit), whole(*limit));
                write!(
                    f,
                    "The newest complete sweep of the zone {zone} is {age} old, more than {limit}"
                )?;
                sweep(f)
            }
            Self::NoHeartbeats => f.write_str(
                "The workspace holds no heartbeat of any machine; look at ingestion, data collection rules and \
                 LOGS_WORKSPACE_IDS.",
            ),
            Self::OldHeartbeats { age, limit } => write!(
                f,
                "The newest heartbeat of all machines is {} old, more than {}; look at the workspace's \
                 ingestion.",
                span_beside(*age, *limit),
                whole(*limit)
            ),
            Self::Silence { lost, heard, limit } => write!(
                f,
                "{lost} of {heard} machines fell silent within the last 15 min, more than \
                 POLICY_MAX_SILENT_PERCENT ({limit}); look at the workspace's ingestion."
            ),
            Self::RightLost { unreadable, asked, limit, subscription } => {
                let place = subscription.as_ref().map_or_else(String::new, |id| format!(" of subscription {id}"));
                write!(
                    f,
                    "{unreadable} of {asked} machines{place} that still beat are not in Resource Graph's answer and \
                     cannot be read, more than POLICY_MAX_SILENT_PERCENT ({limit}), and none of them is known to be \
                     deleted: a right was lost, not a fleet; give our identity the role Reader there again."
                )
            }
            Self::NotAsked { name } => write!(
                f,
                "What is true of {} now was not asked in this run; the next run asks again.",
                quote(name)
            ),
            Self::Undecided { name, machine: id, line: Some(line) } => write!(
                f,
                "Whether line {line} of POLICY_FILE gives {name} to {} is not known, for the management groups above its \
                 subscription are not told; give our identity Microsoft.Resources/subscriptions/read there.",
                machine(id)
            ),
            Self::Undecided { name, machine: id, line: None } => write!(
                f,
                "Whether a claim of POLICY_FILE gives {name} to {} is not known, for its location and its tags were not told; \
                 the next run asks again.",
                machine(id)
            ),
            Self::Unavailable { wanted, because } => {
                write!(f, "{wanted} could not be read ({because}), so it stays as it is; the next run asks again.")
            }
            Self::ClaimDenied { name, machine: id } => {
                write!(
                    f,
                    "By the newest rows of the log {} does not claim this name, but its live tag names {}: it was changed after \
                     the last sweep, or the rows are somebody else's, and they are not believed; the next run that writes tells \
                     the log, at once ",
                    machine(id),
                    quote(name)
                )?;
                f.command(format_args!("collect"))?;
                f.write_str(" does.")
            }
            Self::TagsDenied { nameless, claimed, denied, asked } => {
                write!(
                    f,
                    "By the newest rows of the log {nameless} of {claimed} machines that claimed names lately and still beat \
                     claim nothing any more, but {denied} of {asked} live tags that were asked name names: these rows, or their \
                     marker, are not believed, and what the log knew before counts; see who may send rows. The next sweep \
                     ends it, at once "
                )?;
                f.command(format_args!("collect"))?;
                f.write_str(".")
            }
            Self::SetDenied { name, record_type, logged, live } => {
                let held = |addresses: &str| {
                    if addresses.is_empty() { "nothing".to_owned() } else { addresses.replace(',', ", ") }
                };
                write!(
                    f,
                    "A row of the log that no run of ours tells of says that {name} {record_type} holds {}, but the live set \
                     holds {}: the row is not believed; the next run that writes tells the log, at once ",
                    held(logged),
                    held(live)
                )?;
                f.command(format_args!("collect"))?;
                f.write_str(" does.")
            }
            Self::RowsAhead { rows, ahead } => write!(
                f,
                "{rows} {} of our tables ahead of now, by up to {}: no row is believed before its time; look at the clock of \
                 whatever sends, and at who may send rows.",
                if *rows == 1 { "row is" } else { "rows are" },
                whole(*ahead)
            ),
            Self::NoEtag { name, record_type } => write!(
                f,
                "The live record set {name} {record_type} came without an entity tag of its own, so a write could carry no \
                 condition; look at what stands between this program and Azure."
            ),
        }
    }
}

/// What ends it that no sweep, or no new one, is known.
fn sweep(f: &mut dyn Speech) -> fmt::Result {
    f.write_str("; look at function-collector, or run ")?;
    f.command(format_args!("collect"))?;
    f.write_str("; where that fails, ")?;
    f.command(format_args!("doctor"))?;
    f.write_str(" names the cause.")
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag { machine: id } => write!(f, "The live tag of {}", machine(id)),
            Self::Fleet => f.write_str("The live tag of some machine"),
            Self::Cuts { zone } => write!(f, "The NS record sets of the zone {zone}"),
            Self::Set { name, record_type } => write!(f, "The live record set {name} {record_type}"),
            Self::Holder { address } => write!(f, "The public IP resource of {address}"),
            Self::Listers { address } => write!(f, "Which other machines list {address}"),
            Self::Interfaces { machine: id } => {
                write!(f, "What the network interfaces of {} have", machine(id))
            }
            Self::Links { zone } => write!(f, "The links of the private zone {zone}"),
            Self::Claimants { name } => write!(f, "Whose live tags claim {name}"),
            Self::Evidence { name } => write!(f, "The heartbeats of 30 days that decide about {name}"),
        }
    }
}
