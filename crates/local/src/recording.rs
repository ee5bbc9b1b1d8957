//! `--heartbeats FILE`: recorded rows, the world in which they were sent, and how fast they are played.

mod forms;
mod left_out;
mod machines;
pub(crate) mod moves;
pub(crate) mod time;

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use standin::World;

use crate::records::Records;
use crate::{street, tags};
use left_out::LeftOut;
use machines::Fleet;

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

/// Rows with their times.
type Rows = [(Timestamp, Value)];

/// A recording, ready to be played.
#[derive(Debug, Clone)]
pub struct Recording {
    /// The rows with their times, oldest first.
    pub(crate) rows: Vec<(Timestamp, Value)>,
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
    /// Rows that are not played.
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
    time::parse(text).ok_or_else(|| format!("'{text}' is no time such as 2025-02-25T09:19:25Z"))
}

impl Recording {
    /// Reads the files.
    ///
    /// # Errors
    /// A file that cannot be read or holds nothing that can be played.
    pub fn read(files: &Files) -> Result<Self> {
        let text = std::fs::read_to_string(&files.heartbeats)
            .with_context(|| format!("cannot read {}", files.heartbeats.display()))?;
        let records = files.records.as_deref().map(Records::read).transpose()?.unwrap_or_default();
        let tagged = files.tags.as_deref().map(|file| tags::read(file, &files.tag)).transpose()?;
        Self::parse(&text, files, records, tagged)
            .with_context(|| format!("cannot play {}", files.heartbeats.display()))
    }

    fn parse(text: &str, files: &Files, records: Records, tagged: Option<Vec<tags::Tagged>>) -> Result<Self> {
        let found = forms::read(text)?;
        let mut left_out = LeftOut::default();
        let mut rows = Vec::with_capacity(found.rows.len());
        let mut fleet = Fleet::new(&records.zone, &files.tag, tagged);
        for (index, row) in found.rows.into_iter().enumerate() {
            let number = index + 1;
            let mut row = match row {
                Ok(row) => row,
                Err(because) => {
                    left_out.add(number, because);
                    continue;
                }
            };
            let Some(time) = row.get("TimeGenerated").and_then(Value::as_str).and_then(time::parse) else {
                left_out.add(number, "without a TimeGenerated that can be read");
                continue;
            };
            if let Some(to) = files.to.filter(|to| time > *to) {
                left_out.add(number, format!("later than {to}"));
                continue;
            }
            if !fleet.take(&mut row, time) {
                left_out.add(number, "without a Computer and without a _ResourceId");
                continue;
            }
            row.insert("TimeGenerated".to_owned(), Value::from(format!("{time:.7}")));
            rows.push((time, Value::Object(row)));
        }
        rows.sort_by_key(|(time, _)| *time);
        let why = || left_out.lines().collect::<Vec<_>>().join("; ");
        let (Some((oldest, _)), Some((end, _))) = (rows.first(), rows.last()) else {
            anyhow::bail!("it has no row that can be played: {}", why());
        };
        let (oldest, end) = (*oldest, *end);
        let usual = end.saturating_sub(PLAYED).unwrap_or(oldest).max(oldest);
        let from = files.from.unwrap_or(usual);
        ensure!(from <= end, "it begins at {from}, after its newest row, which is of {end}");
        let mut notes = fleet.notes();
        if let Some(why) = found.incomplete {
            notes.push(format!("The file says itself that it is not whole: {why}"));
        }
        if !records.left_out.is_empty() {
            notes.push(format!("Record sets that are left out: {}.", records.left_out.join(", ")));
        }
        let recording = Self {
            rows,
            machines: fleet.into_machines(),
            records,
            from,
            end,
            speed: files.speed,
            left_out,
            notes,
        };
        World::from_json(&recording.document())
            .map_err(anyhow::Error::msg)
            .context("its world is not sound")?;
        Ok(recording)
    }

    /// The rows before the beginning, and those that are played.
    pub(crate) fn parts(&self) -> (&Rows, &Rows) {
        self.rows.split_at(self.rows.partition_point(|(time, _)| *time < self.from))
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
            "speed": self.speed, "history": history.len(), "played": played.len(), "left_out": self.left_out.facts(),
        })
    }

    /// What is played, for people.
    pub(crate) fn lines(&self) -> Vec<String> {
        let (history, played) = self.parts();
        let mut lines = vec![format!(
            "Recording: {} rows from {} to {}, {} times as fast; {} older ones are history",
            played.len(),
            self.from.strftime("%Y-%m-%d %H:%M:%S"),
            self.end.strftime("%Y-%m-%d %H:%M:%S UTC"),
            self.speed,
            history.len()
        )];
        lines.extend(self.left_out.lines());
        lines.extend(self.notes.iter().cloned());
        lines
    }
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
