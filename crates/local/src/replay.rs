//! `--heartbeats FILE`: recorded rows instead of the scenario, shifted so that the newest is now.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use standin::functions_host::HostEvent;
use tokio::sync::broadcast::Receiver;
use tokio::time::Instant;

use crate::board::Board;
use crate::packets::{self, Kind, shown};
use crate::street::{self, ZONE};
use crate::surface::{Surface, list};
use crate::timeline::{Event, Timeline};
use crate::visible;

/// After this what is not published and not explained is a failure.
const LONGEST: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(250);

/// Columns that repeat parts of the id; the stand-in fills them again from the id that a row gets.
const IDENTITY: [&str; 7] = [
    "ResourceId",
    "Resource",
    "ResourceGroup",
    "ResourceProvider",
    "ResourceType",
    "SubscriptionId",
    "_SubscriptionId",
];

/// Recorded rows, ready to be posted, and the machines that they speak of.
#[derive(Debug, Clone)]
pub struct Recording {
    /// The rows, with times of today and ids of Arc machines.
    pub(crate) rows: Vec<Value>,
    /// The machines by their ids in lower case.
    pub(crate) machines: BTreeMap<String, Machine>,
    /// What people must know of how the rows were changed.
    pub(crate) notes: Vec<String>,
}

/// A machine of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Machine {
    /// Its id in the world.
    id: String,
    /// What it calls itself; another machine may do so too.
    computer: String,
}

impl Machine {
    fn host(&self) -> String {
        format!("{}.{ZONE}", self.computer)
    }
}

impl Recording {
    /// Reads a JSON array, or one object a line, and shifts its times so that the newest is `now`.
    ///
    /// # Errors
    /// When the file cannot be read or a row is no heartbeat.
    pub fn read(file: &Path, now: Timestamp) -> Result<Self> {
        let text =
            std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        Self::parse(&text, now).with_context(|| format!("cannot replay {}", file.display()))
    }

    fn parse(text: &str, now: Timestamp) -> Result<Self> {
        let text = text.trim_start_matches('\u{feff}').trim_start();
        let mut rows: Vec<Map<String, Value>> = if text.starts_with('[') {
            serde_json::from_str(text).context("it is no array of rows")?
        } else {
            let rows = serde_json::Deserializer::from_str(text).into_iter();
            rows.collect::<Result<_, _>>().context("it is neither an array nor lines of rows")?
        };
        ensure!(!rows.is_empty(), "it has no rows");
        let mut times = Vec::with_capacity(rows.len());
        for (index, row) in rows.iter().enumerate() {
            let time = row.get("TimeGenerated").and_then(Value::as_str).unwrap_or_default();
            let time: Timestamp =
                time.parse().with_context(|| format!("row {} has no TimeGenerated", index + 1))?;
            times.push(time);
        }
        let newest = times.iter().max().copied().unwrap_or(now);
        let shift = now.duration_since(newest);
        let mut machines = BTreeMap::new();
        let mut other_types = BTreeSet::new();
        let mut played: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for (index, (row, time)) in rows.iter_mut().zip(times).enumerate() {
            let id = row.get("_ResourceId").and_then(Value::as_str).unwrap_or_default().to_owned();
            let computer = row.get("Computer").and_then(Value::as_str).unwrap_or_default().to_owned();
            let computer = if computer.is_empty() {
                id.rsplit('/').next().unwrap_or_default().to_owned()
            } else {
                computer
            };
            if computer.is_empty() {
                bail!("row {} names no Computer", index + 1);
            }
            let is_arc = id.to_lowercase().contains("/providers/microsoft.hybridcompute/machines/");
            if !is_arc {
                if !id.is_empty() {
                    other_types.insert(computer.clone());
                }
                IDENTITY.iter().for_each(|column| drop(row.remove(*column)));
            }
            let id = if is_arc {
                id
            } else {
                let of_name = played.entry(computer.to_lowercase()).or_default();
                let number = of_name.len() + 1;
                let new = || match number {
                    1 => street::machine_id(&computer),
                    number => street::machine_id(&format!("{computer}-{number}")),
                };
                of_name.entry(id.to_lowercase()).or_insert_with(new).clone()
            };
            let shifted = time.checked_add(shift).context("a time is out of range")?;
            row.insert("TimeGenerated".to_owned(), Value::from(format!("{shifted:.7}")));
            row.insert("_ResourceId".to_owned(), Value::from(id.to_lowercase()));
            machines.entry(id.to_lowercase()).or_insert(Machine { id, computer });
        }
        let mut notes = Vec::new();
        if !other_types.is_empty() {
            let names: Vec<String> = other_types.into_iter().collect();
            notes.push(format!(
                "{} {} no Arc machine in the recording and is played by one in rg-edge.",
                names.join(", "),
                if names.len() == 1 { "is" } else { "are" }
            ));
        }
        Ok(Self { rows: rows.into_iter().map(Value::Object).collect(), machines, notes })
    }

    /// The names in DNS, each with the machines (lower case) that claim it.
    pub(crate) fn names(&self) -> BTreeMap<String, Vec<&str>> {
        let mut names: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (id, machine) in &self.machines {
            names.entry(machine.host().to_lowercase()).or_default().push(id);
        }
        names
    }

    /// The world document: every machine is tagged with its name, and the zone is empty.
    pub(crate) fn document(&self) -> Value {
        let machine = |machine: &Machine| {
            json!({
                "id": machine.id, "name": machine.id.rsplit('/').next(), "type": "microsoft.hybridcompute/machines",
                "location": "westeurope", "tags": { "DNSHostName": machine.host() },
            })
        };
        let machines: Vec<Value> = self.machines.values().map(machine).collect();
        let subscriptions: BTreeSet<String> = self
            .machines
            .values()
            .filter_map(|machine| machine.id.split('/').nth(2))
            .chain([street::SUBSCRIPTION])
            .map(str::to_lowercase)
            .collect();
        json!({ "subscriptions": subscriptions, "machines": machines, "zones": [street::zone(&[])] })
    }
}

/// A replay at work.
#[derive(Debug)]
pub(crate) struct Replay {
    /// The public surfaces.
    pub surface: Surface,
    /// The name server.
    pub dns: SocketAddr,
    /// What is replayed.
    pub recording: Recording,
    /// Who tells.
    pub timeline: Arc<Timeline>,
    /// What the runs say.
    pub board: Arc<Board>,
}

impl Replay {
    /// Waits until everything that can be published is, and says what became of each name.
    ///
    /// # Errors
    /// When a surface does not answer.
    pub(crate) async fn settle(&self, mut host: Receiver<HostEvent>) -> Result<bool> {
        let deadline = Instant::now() + LONGEST;
        let first_run = async {
            while let Ok(event) = host.recv().await {
                if matches!(event, HostEvent::Invoked { failure: None, .. }) {
                    return;
                }
            }
        };
        let _ = tokio::time::timeout_at(deadline, first_run).await;
        loop {
            let report = self.surface.plan().await?;
            let pending = !list(&report["changes"]).is_empty();
            let fates = self.fates(&report).await?;
            let is_good = !pending && fates.iter().all(Fate::is_good);
            if is_good || Instant::now() >= deadline {
                self.board.keep(&report);
                // The watchers look a few times a second; the verdict shall not overtake what they have to tell.
                tokio::time::sleep(LOOK * 2).await;
                self.tell(&fates, is_good);
                return Ok(is_good);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn fates(&self, report: &Value) -> Result<Vec<Fate>> {
        let newest = newest(&self.recording.rows);
        let mut fates = Vec::new();
        for (name, machines) in self.recording.names() {
            let mut dns = packets::ask(self.dns, &name, Kind::A).await?;
            dns.extend(packets::ask(self.dns, &name, Kind::Aaaa).await?);
            let skip = list(&report["skips"]).iter().find(|skip| {
                skip["name"].as_str().is_some_and(|skipped| skipped == name)
                    && skip["reason"] != "already-right"
            });
            let text =
                |member: &str| skip.and_then(|skip| skip[member].as_str()).unwrap_or_default().to_owned();
            let heard = |machine: &&str| newest.get(*machine)?.parse::<IpAddr>().ok();
            fates.push(Fate {
                is_published: machines.iter().filter_map(heard).any(|address| dns.contains(&address)),
                name,
                dns,
                reason: text("reason"),
                because: text("because"),
            });
        }
        Ok(fates)
    }

    fn tell(&self, fates: &[Fate], is_good: bool) {
        let published = fates.iter().filter(|fate| fate.is_published).count();
        let mut words = format!("{published} of {} names are published.", fates.len());
        for fate in fates {
            words.push_str(&format!("\n{} {}", if fate.is_good() { "✓" } else { "✗" }, fate.words()));
        }
        let lines: Vec<Value> = fates.iter().map(Fate::facts).collect();
        self.timeline.tell(Event::new("verdict", words, json!({ "ok": is_good, "names": lines })));
    }
}

/// What became of one name.
#[derive(Debug, Clone)]
struct Fate {
    name: String,
    dns: Vec<IpAddr>,
    is_published: bool,
    reason: String,
    because: String,
}

impl Fate {
    /// Published, or explained.
    fn is_good(&self) -> bool {
        self.is_published || !self.because.is_empty()
    }

    fn words(&self) -> String {
        let (name, dns) = (visible::line(&self.name), shown(&self.dns));
        let Self { reason, because, .. } = self;
        match (self.is_published, because.is_empty()) {
            (true, true) => format!("{name} resolves to {dns}."),
            (true, false) => format!("{name} resolves to {dns}; besides ({reason}): {because}"),
            (false, false) => format!("{name} resolves to {dns} ({reason}): {because}"),
            (false, true) => format!("{name} resolves to {dns}, and nobody says why."),
        }
    }

    fn facts(&self) -> Value {
        json!({
            "name": self.name, "published": self.is_published, "dns": self.dns, "reason": self.reason,
            "because": self.because,
        })
    }
}

/// The newest address of each machine (lower case).
fn newest(rows: &[Value]) -> BTreeMap<String, String> {
    let mut newest: BTreeMap<String, (String, String)> = BTreeMap::new();
    for row in rows {
        let text = |member: &str| row[member].as_str().unwrap_or_default().to_owned();
        let candidate = (text("TimeGenerated"), text("ComputerIP"));
        let known = newest.entry(text("_ResourceId")).or_default();
        if candidate.0 >= known.0 {
            *known = candidate;
        }
    }
    newest.into_iter().map(|(machine, (_, address))| (machine, address)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shifted_and_ids_become_arc_machines() {
        let text = r#"[
            {"TimeGenerated":"2026-05-04T10:30:00Z","Computer":"A","ComputerIP":"198.51.100.1",
             "_ResourceId":"/subscriptions/s/resourcegroups/g/providers/microsoft.compute/virtualmachines/a"},
            {"TimeGenerated":"2026-05-04T10:31:00Z","Computer":"b","ComputerIP":"",
             "_ResourceId":"/subscriptions/t/resourcegroups/g/providers/microsoft.hybridcompute/machines/b"}]"#;
        let now: Timestamp = "2026-11-20T00:00:00Z".parse().unwrap();
        let recording = Recording::parse(text, now).unwrap();
        assert_eq!(recording.rows[0]["TimeGenerated"], "2026-11-19T23:59:00.0000000Z");
        assert_eq!(recording.rows[1]["TimeGenerated"], "2026-11-20T00:00:00.0000000Z");
        let ids: Vec<&str> = recording.machines.values().map(|machine| machine.id.as_str()).collect();
        assert_eq!(ids[0], street::machine_id("A"));
        assert!(ids[1].contains("/subscriptions/t/"));
        assert_eq!(
            recording.notes,
            ["A is no Arc machine in the recording and is played by one in rg-edge."]
        );
        let document = recording.document();
        assert_eq!(document["machines"][0]["tags"]["DNSHostName"], "A.example.com");
        assert_eq!(document["subscriptions"], json!([street::SUBSCRIPTION, "t"]));
        assert_eq!(newest(&recording.rows)[&ids[0].to_lowercase()], "198.51.100.1");
        for bad in ["", "[]", "[1]", "{\"Computer\":\"a\"}", "{\"TimeGenerated\":\"2026-05-04T10:30:00Z\"}"] {
            assert!(Recording::parse(bad, now).is_err(), "{bad}");
        }
    }

    /// What a machine calls itself is not unique; its id is.
    #[test]
    fn machines_of_one_name_are_machines_of_their_own() {
        let row = |id: &str, address: &str| json!({ "TimeGenerated": "2026-05-04T10:30:00Z", "Computer": "nas", "ComputerIP": address, "_ResourceId": id });
        let arc = |group: &str| {
            format!("/subscriptions/s/resourcegroups/{group}/providers/microsoft.hybridcompute/machines/nas")
        };
        let vm = |group: &str| {
            format!("/subscriptions/s/resourcegroups/{group}/providers/microsoft.compute/virtualmachines/nas")
        };
        let ids = [arc("one"), arc("two"), vm("one"), vm("two"), vm("ONE")];
        let rows: Vec<Value> =
            ids.iter().enumerate().map(|(index, id)| row(id, &format!("198.51.100.{index}"))).collect();
        let recording = Recording::parse(&json!(rows).to_string(), Timestamp::now()).unwrap();
        let document = recording.document();
        let machines = list(&document["machines"]);
        assert_eq!(machines.len(), 4, "{document}");
        assert!(machines.iter().all(|machine| machine["tags"]["DNSHostName"] == "nas.example.com"));
        let heard = newest(&recording.rows);
        assert_eq!(heard.len(), 4, "{heard:?}");
        let names = recording.names();
        assert_eq!(names.len(), 1);
        assert!(names["nas.example.com"].iter().all(|machine| heard.contains_key(*machine)));
    }
}
