//! `--heartbeats FILE`: recorded rows, the world in which they were sent, and how fast they are played.

mod date_order;
mod forms;
mod left_out;
mod machines;
pub(crate) mod moves;
mod rows;
pub(crate) mod time;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::BufRead;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use kql::portal::NoTime;
use serde_json::{Map, Value, json};
use standin::World;
use standin::clock::wall;

use crate::given::{self, Meant};
use crate::records::Records;
use crate::{street, tags};
use date_order::DateOrder;
use left_out::LeftOut;
use machines::Fleet;
use rows::{Collected, Rows};

/// So long before its newest row a recording begins.
const PLAYED: SignedDuration = SignedDuration::from_hours(2);
/// A machine whose newest row is older than this, at the end, is not heard any more.
const HEARD: SignedDuration = SignedDuration::from_hours(1);

/// The files of a recording, and which part of it is played how.
#[derive(Debug, Clone)]
pub struct Files {
    /// Rows of `Heartbeat`.
    pub heartbeats: PathBuf,
    /// The record sets at the start; none: an empty zone.
    pub records: Option<PathBuf>,
    /// Which name is whose; none: every machine is tagged by its own name.
    pub tags: Option<PathBuf>,
    /// The tag that names a machine.
    pub tag: String,
    /// Where it begins; none: two hours before the newest row.
    pub from: Option<Timestamp>,
    /// What is newer is not played.
    pub to: Option<Timestamp>,
    /// So many times as fast as the wall's its clock runs.
    pub speed: NonZeroU32,
}

/// A recording, ready to be played.
#[derive(Debug, Clone)]
pub struct Recording {
    /// The rows with their times, oldest first.
    pub(crate) rows: Rows,
    /// The machines by their ids in lower case.
    pub(crate) machines: BTreeMap<String, Machine>,
    /// The zone, and what it holds at the start.
    pub(crate) records: Records,
    /// Where it begins. Older rows are history.
    pub(crate) from: Timestamp,
    /// Its newest row.
    pub(crate) end: Timestamp,
    /// So many times as fast as the wall's its clock runs.
    pub(crate) speed: NonZeroU32,
    /// How many rows the file has.
    pub(crate) read: usize,
    /// Rows that are not played, and those that tell no address.
    pub(crate) left_out: LeftOut,
    /// What people must know besides.
    pub(crate) notes: Vec<String>,
}

/// A machine of a recording.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Machine {
    /// Its id in the world.
    pub id: String,
    /// What it calls itself; another machine may do so too.
    pub computer: String,
    /// Its tags.
    pub tags: Map<String, Value>,
    /// The names that they claim.
    pub names: Vec<String>,
    /// Its newest row; none: it was never heard.
    pub heard: Option<Timestamp>,
}

/// Reads a time as people write it; without a zone it is UTC.
///
/// # Errors
/// What is wrong with it, in words.
pub fn parse_time(text: &str) -> Result<Timestamp, String> {
    time::parse(text).map_err(|fault| match fault {
        NoTime::DayFirst => format!("'{text}' has its day first: write 2025-02-25T09:19:25Z"),
        NoTime::Unreadable => format!("'{text}' is no time such as 2025-02-25T09:19:25Z"),
    })
}

impl Recording {
    /// Reads the files.
    ///
    /// # Errors
    /// A file that cannot be read or holds nothing that can be played.
    pub fn read(files: &Files) -> Result<Self> {
        if let (Some(from), Some(to)) = (files.from, files.to) {
            ensure!(from <= to, "--from {from} is later than --to {to}");
        }
        let records = files.records.as_deref().map(Records::read).transpose()?.unwrap_or_default();
        let tagged = files.tags.as_deref().map(|file| tags::read(file, &files.tag)).transpose()?;
        let mut reader = given::open(&files.heartbeats)?;
        Self::parse(&mut reader, files, records, tagged)
            .with_context(|| format!("cannot play {}", files.heartbeats.display()))
            .map_err(|fault| given::swapped(fault, &files.heartbeats, Meant::Heartbeats))
    }

    fn parse(
        reader: &mut impl BufRead,
        files: &Files,
        records: Records,
        tagged: Option<Vec<tags::Tagged>>,
    ) -> Result<Self> {
        let mut left_out = LeftOut::default();
        let mut collected = Collected::default();
        let mut fleet = Fleet::new(&records.zone, &files.tag, tagged);
        let (mut read, mut day_first, mut dates) = (0, None, DateOrder::default());
        let incomplete = forms::read(reader, &mut |row| {
            read += 1;
            match row.map_err(Why::from).and_then(|row| taken(row, files.to, &mut fleet, &mut dates)) {
                Ok(Taken { time, address, row }) => {
                    // The handler shall say what it makes of a row without an address, so it gets it.
                    collected.push(time, address.ok(), &row);
                    address.err().into_iter().for_each(|because| left_out.add(read, because.into()));
                }
                Err(Why::LeftOut(because)) => left_out.add(read, because),
                Err(Why::DayFirst) => {
                    day_first.get_or_insert(read);
                }
            }
        })?;
        if let Some(row) = day_first {
            anyhow::bail!(
                "row {row} has the day first in its TimeGenerated, where the month is, so no other row says for sure when \
                 it was: write all times as 2025-02-25T09:19:25Z"
            );
        }
        let rows = collected.sorted();
        let why = || left_out.lines().collect::<Vec<_>>().join("; ");
        let Some((oldest, end)) = rows.span() else {
            anyhow::bail!("it has no row that can be played: {}", why());
        };
        let usual = end.saturating_sub(PLAYED).unwrap_or(oldest).max(oldest);
        let from = files.from.unwrap_or(usual);
        ensure!(from <= end, "it begins at {from}, after its newest row, which is of {end}");
        let mut notes: Vec<String> = dates.note(wall().to_zoned(TimeZone::UTC).date()).into_iter().collect();
        notes.extend(records.notes.iter().cloned());
        notes.extend(fleet.notes());
        let machines = fleet.into_machines(&mut notes);
        if let Some(why) = incomplete {
            notes.push(format!("The file says itself that it is not whole: {why}"));
        }
        if !records.left_out.is_empty() {
            notes.push(format!("Record sets that are left out: {}.", records.left_out.join(", ")));
        }
        let recording =
            Self { rows, machines, records, from, end, speed: files.speed, read, left_out, notes };
        World::from_json(&recording.document())
            .map_err(anyhow::Error::msg)
            .context("its world is not sound")?;
        Ok(recording)
    }

    /// How many rows lie before the beginning, and how many are played; one without an address is neither.
    pub(crate) fn parts(&self) -> (usize, usize) {
        let told = || self.rows.iter().filter(|(_, row)| row.address.is_some());
        let history = told().filter(|(at, _)| *at < self.from).count();
        (history, told().count() - history)
    }

    /// The rows in so many words: how many were read, played, kept as history, left out.
    pub(crate) fn counts(&self) -> String {
        let (history, played) = self.parts();
        format!(
            "Rows: {} read, {played} played, {history} older ones kept as history, {} left out.",
            self.read,
            self.left_out.count()
        )
    }

    /// The names in DNS, each with the machines (lower case) that claim it.
    pub(crate) fn names(&self) -> BTreeMap<String, Vec<&str>> {
        let mut names: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (id, machine) in &self.machines {
            for name in &machine.names {
                names.entry(name.clone()).or_default().push(id);
            }
        }
        names
    }

    /// Whether a machine is not heard any more at the end.
    pub(crate) fn is_silent(&self, machine: &Machine) -> bool {
        machine.heard.is_none_or(|heard| self.end.duration_since(heard) > HEARD)
    }

    /// The world document: the machines with their tags, and the zone as it is at the start.
    pub(crate) fn document(&self) -> Value {
        let machine = |machine: &Machine| {
            json!({
                "id": machine.id, "name": machine.id.rsplit('/').next(), "type": "microsoft.hybridcompute/machines",
                "location": "westeurope", "tags": machine.tags,
            })
        };
        let machines: Vec<Value> = self.machines.values().map(machine).collect();
        let ids = self.machines.values().map(|machine| machine.id.as_str());
        let mut subscriptions: Vec<String> = ids
            .chain([self.records.zone_id.as_str()])
            .filter_map(|id| id.split('/').nth(2))
            .chain([street::SUBSCRIPTION])
            .map(str::to_lowercase)
            .collect();
        subscriptions.sort();
        subscriptions.dedup();
        let zone = json!({ "id": self.records.zone_id, "recordSets": self.records.sets });
        json!({ "subscriptions": subscriptions, "machines": machines, "zones": [zone] })
    }

    /// What is played, for programs.
    pub(crate) fn facts(&self) -> Value {
        let (history, played) = self.parts();
        json!({
            "zone": self.records.zone, "from": self.from.to_string(), "end": self.end.to_string(),
            "speed": self.speed, "read": self.read, "history": history, "played": played,
            "left_out": self.left_out.facts(), "notes": self.notes,
        })
    }

    /// What is played, for people.
    pub(crate) fn lines(&self) -> Vec<String> {
        let (history, played) = self.parts();
        let mut lines = vec![format!(
            "Recording: {} rows from {} to {}, {} times as fast; {} older ones are history",
            played,
            self.from.strftime("%Y-%m-%d %H:%M:%S"),
            self.end.strftime("%Y-%m-%d %H:%M:%S UTC"),
            self.speed,
            history
        )];
        lines.extend(self.left_out.lines());
        lines.extend(self.notes.iter().cloned());
        lines
    }
}

/// Why a row is not played.
enum Why {
    /// It is left out, and the others are played.
    LeftOut(Cow<'static, str>),
    /// Its time has the day first: others of the file may be read wrongly.
    DayFirst,
}

impl<W: Into<Cow<'static, str>>> From<W> for Why {
    fn from(words: W) -> Self {
        Self::LeftOut(words.into())
    }
}

/// A row that can be played.
struct Taken {
    time: Timestamp,
    /// Or why no name can follow it.
    address: Result<IpAddr, &'static str>,
    row: Map<String, Value>,
}

/// A row that can be played; else why not.
fn taken(
    mut row: Map<String, Value>,
    to: Option<Timestamp>,
    fleet: &mut Fleet<'_>,
    dates: &mut DateOrder,
) -> Result<Taken, Why> {
    let time = row.get("TimeGenerated").and_then(Value::as_str).map(time::read);
    let time::Read { time, written } =
        time.ok_or("without a TimeGenerated")?.map_err(|fault| match fault {
            NoTime::DayFirst => Why::DayFirst,
            NoTime::Unreadable => "without a TimeGenerated that can be read".into(),
        })?;
    dates.take(written);
    if let Some(to) = to.filter(|to| time > *to) {
        return Err(format!("later than {to}").into());
    }
    let address = row.get("ComputerIP").and_then(Value::as_str).unwrap_or_default().trim();
    let address = match address.parse() {
        Ok(address) => Ok(address),
        Err(_) if address.is_empty() => Err("without a ComputerIP, so that no name can follow it"),
        Err(_) => Err("without a ComputerIP that is an address, so that no name can follow it"),
    };
    if !fleet.take(&mut row, time) {
        return Err("without a Computer and without a _ResourceId".into());
    }
    Ok(Taken { time, address, row })
}

impl Files {
    /// A recording of one file, played as usual.
    #[must_use]
    pub fn of(heartbeats: &Path) -> Self {
        Self {
            heartbeats: heartbeats.to_owned(),
            records: None,
            tags: None,
            tag: "DNSHostName".to_owned(),
            from: None,
            to: None,
            speed: NonZeroU32::MIN,
        }
    }
}

#[cfg(test)]
mod tests;
