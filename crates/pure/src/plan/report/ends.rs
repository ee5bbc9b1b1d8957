//! Names near their end, as a report lists them: what nobody claims any more, and what nobody was heard for.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde::Serialize;

use crate::domain::{HostName, RecordId, RecordType, ResourceId, ZoneId};
use crate::plan::marked::Marked;
use crate::plan::sentence::Sentence;
use crate::plan::words;

/// A record set with our mark whose name no tag claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Orphan {
    /// The name.
    pub name: String,
    /// The type.
    pub record_type: RecordType,
    /// The zone.
    pub zone: ZoneId,
    /// What it holds, by the newest sweep.
    pub addresses: BTreeSet<IpAddr>,
    /// The machine that the mark names.
    pub machine: String,
    /// Another machine of the fleet that reports its address now: people who ask for the name reach that one.
    pub dangles_at: Option<ResourceId>,
    /// What it means and what to do, in one sentence.
    pub because: String,
}

impl Orphan {
    /// The record set of a mark that nobody claims, and who reports its address by now.
    #[must_use]
    pub fn of(marked: &Marked, dangles_at: Option<ResourceId>) -> Self {
        let RecordId { zone, name, record_type } = marked.id.clone();
        let of = written_for(&marked.machine);
        let dangling = dangles_at.as_ref().map_or_else(String::new, |other| {
            format!(
                " Its address is {}'s by now, so whoever asks for the name reaches that machine.",
                words::machine_of_group(other.as_str())
            )
        });
        let because = format!(
            "{of}, and no tagged machine claims {name}.{dangling} Tag the machine that it belongs to, or delete the record set."
        );
        Self {
            name: name.to_string(),
            record_type,
            zone,
            addresses: marked.addresses.clone(),
            machine: marked.machine.clone(),
            dangles_at,
            because,
        }
    }
}

/// That nobody claims a name any more whose set was written for a machine, which may be gone, and what to do.
#[must_use]
pub fn nobody_claims(name: &HostName, machine: &str, is_gone: bool) -> Sentence {
    let (gone, heir) = match is_gone {
        true => (", which is not in Azure any more", "has the name now"),
        false => ("", "it belongs to"),
    };
    Sentence::of(|f| {
        write!(
            f,
            "{}{gone}, and no tagged machine claims {name} any more. Tag the machine that {heir}, or give the name up: ",
            written_for(machine)
        )?;
        f.command(format_args!("release {name} --delete"))?;
        f.write_str(".")
    })
}

fn written_for(machine: &str) -> String {
    match ResourceId::parse(machine) {
        Ok(machine) => format!("heartbeat-dns wrote it for {}", words::machine_of_group(machine.as_str())),
        Err(_) => "heartbeat-dns wrote it".to_owned(),
    }
}

/// A name all of whose machines have been quiet for long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SilentName {
    /// The name.
    pub name: String,
    /// The machines that claim it.
    pub machines: Vec<String>,
    /// How long they have been quiet at least, in days.
    pub days: u64,
}

impl SilentName {
    /// After so many days a quiet machine is no machine that was switched off over the weekend.
    pub const DAYS: u64 = 7;

    /// A name of these machines, of which none was heard within [`SilentName::DAYS`].
    #[must_use]
    pub fn of<'a>(name: impl Into<String>, machines: impl IntoIterator<Item = &'a ResourceId>) -> Self {
        let machines = machines.into_iter().map(ToString::to_string).collect();
        Self { name: name.into(), machines, days: Self::DAYS }
    }
}
