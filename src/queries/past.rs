//! The text of `past.kql`, and its answer as values.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::Timestamp;
use serde_json::Value;

use super::cells::{Grid, Row};
use super::literal::{OwnerId, RunId, for_installation, quoted, quoted_list};
use pure::domain::{HostName, RecordId, RecordType, ZoneId};
use pure::plan::report::{Outcome, Proof};
use pure::plan::{AdoptedBy, Motive};

/// The columns of an answer to [`past_query`].
pub const PAST_COLUMNS: [&str; 20] = [
    "Time",
    "DNSHostName_s",
    "ZoneId_s",
    "RecordType_s",
    "run_s",
    "Trigger_s",
    "Action_s",
    "Outcome_s",
    "OldIPs_s",
    "NewIPs_s",
    "ResourceId_s",
    "HeartbeatTime_t",
    "Beats_d",
    "TimeToTruthMs_d",
    "Cause",
    "By",
    "Proof",
    "Policy",
    "IsRecovered",
    "Code",
];

const TEMPLATE: &str = include_str!("../../infra/kql/past.kql");
const NAMES: &str = "let Names = dynamic([]);";
const RUN: &str = "let Run = \"\";";
const SINCE: &str = "let Since = datetime(null);";

/// Which writes are asked for; nothing set means all.
#[derive(Clone, Debug, Default)]
pub struct PastOf {
    /// To these names; none of them: to all.
    pub names: Vec<HostName>,
    /// By this run.
    pub run: Option<RunId>,
    /// After this time.
    pub since: Option<Timestamp>,
}

/// A write that landed, as the log tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    /// When.
    pub time: Timestamp,
    /// To which name.
    pub name: HostName,
    /// Where.
    pub zone: ZoneId,
    /// Which of the name's sets.
    pub record_type: RecordType,
    /// Which run.
    pub run: String,
    /// What started it.
    pub trigger: String,
    /// The addresses before.
    pub from: BTreeSet<IpAddr>,
    /// The addresses from then on.
    pub to: BTreeSet<IpAddr>,
    /// The machine that the mark names, as it was spelt.
    pub machine: String,
    /// Why; none where the log does not say it.
    pub motive: Option<Motive>,
    /// How many newest heartbeats agreed; none where no heartbeat caused it.
    pub beats: Option<u64>,
    /// Object id and name of the person who ran the command; empty for a run of the function.
    pub by: String,
    /// The digest of the policy file by which the run went; empty for none and in a row of before.
    pub policy: String,
    /// What is known of its proof.
    pub proof: Proved,
    /// Whether it is known that the write landed.
    pub is_confirmed: bool,
    /// Milliseconds from the first heartbeat to the proof.
    pub time_to_truth_ms: Option<u64>,
    /// Whether the run was killed, so that a later one told of it by its mark alone.
    pub is_recovered: bool,
}

impl Past {
    /// Which record set was written.
    #[must_use]
    pub fn record_id(&self) -> RecordId {
        RecordId { zone: self.zone.clone(), name: self.name.clone(), record_type: self.record_type }
    }

    /// Whether it left the addresses as they were because it was about our mark alone: a hold, its end, a release.
    #[must_use]
    pub fn is_of_the_mark(&self) -> bool {
        self.from == self.to && matches!(self.motive, Some(Motive::Held | Motive::LetGo | Motive::Released))
    }
}

/// What is known of the proof of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proved {
    /// Something proved it.
    By(Proof),
    /// Nothing did.
    No,
    /// The row is older than the column.
    Untold,
}

impl Proved {
    /// The word of the table; empty for a row of before.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::By(proof) => proof.as_str(),
            Self::No => Proof::told(None),
            Self::Untold => "",
        }
    }
}

/// `past.kql` for one installation and one name. Asked over ninety days.
#[must_use]
pub fn past_query(owner: &OwnerId, name: &HostName) -> String {
    past_query_of(owner, &PastOf { names: vec![name.clone()], ..PastOf::default() })
}

/// `past.kql` for one installation and these writes. Asked over ninety days.
#[must_use]
pub fn past_query_of(owner: &OwnerId, of: &PastOf) -> String {
    let mut query = for_installation(TEMPLATE, owner);
    let mut put = |line: &str, value: String| query = query.replacen(line, &value, 1);
    if !of.names.is_empty() {
        put(NAMES, format!("let Names = dynamic([{}]);", quoted_list(&of.names)));
    }
    if let Some(run) = &of.run {
        put(RUN, format!("let Run = {};", quoted(run)));
    }
    if let Some(since) = &of.since {
        put(SINCE, format!("let Since = todatetime({});", quoted(since)));
    }
    query
}

/// The writes of an answer, the newest first; a row whose time, name, zone or type cannot be parsed tells nothing.
#[must_use]
pub fn past(columns: &[String], rows: &[Vec<Value>]) -> Vec<Past> {
    Grid::new(columns, rows).rows().filter(|row| !has_failed(row)).filter_map(take).collect()
}

/// A write that failed, as the log tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedTry {
    /// When.
    pub time: Timestamp,
    /// Which set.
    pub id: RecordId,
    /// Which run.
    pub run: String,
    /// The addresses that were to be written.
    pub to: BTreeSet<IpAddr>,
    /// Object id and name of the person who ran the command; empty for a run of the function.
    pub by: String,
    /// What the service called it, or our own word; empty where the log does not say.
    pub code: String,
}

/// The tries of an answer that failed, the newest first; a row whose time, name, zone or type cannot be parsed tells nothing.
#[must_use]
pub fn attempts(columns: &[String], rows: &[Vec<Value>]) -> Vec<FailedTry> {
    let attempt = |row: Row<'_>| {
        Some(FailedTry {
            time: row.time("Time")?,
            id: RecordId {
                zone: ZoneId::parse(&row.text("ZoneId_s")).ok()?,
                name: HostName::parse(&row.text("DNSHostName_s")).ok()?,
                record_type: RecordType::parse(&row.text("RecordType_s"))?,
            },
            run: row.text("run_s"),
            to: row.addresses("NewIPs_s"),
            by: row.text("By"),
            code: row.text("Code"),
        })
    };
    Grid::new(columns, rows).rows().filter(has_failed).filter_map(attempt).collect()
}

fn has_failed(row: &Row<'_>) -> bool {
    row.text("Outcome_s") == Outcome::Failed.as_str()
}

fn take(row: Row<'_>) -> Option<Past> {
    let to = row.addresses("NewIPs_s");
    let proof = row.text("Proof");
    let proof = [Proof::Dns, Proof::Arm]
        .into_iter()
        .find(|known| known.as_str() == proof)
        .map_or(if proof == Proof::told(None) { Proved::No } else { Proved::Untold }, Proved::By);
    Some(Past {
        time: row.time("Time")?,
        name: HostName::parse(&row.text("DNSHostName_s")).ok()?,
        zone: ZoneId::parse(&row.text("ZoneId_s")).ok()?,
        record_type: RecordType::parse(&row.text("RecordType_s"))?,
        run: row.text("run_s"),
        trigger: row.text("Trigger_s"),
        from: row.addresses("OldIPs_s"),
        to,
        machine: row.text("ResourceId_s"),
        motive: Motive::parse(&row.text("Cause")).or_else(|| of_before(&row.text("Action_s"))),
        beats: row.time("HeartbeatTime_t").map(|_| row.count("Beats_d")),
        by: row.text("By"),
        policy: row.text("Policy"),
        proof,
        is_confirmed: row.text("Outcome_s") == Outcome::Confirmed.as_str(),
        time_to_truth_ms: row.number("TimeToTruthMs_d").map(|_| row.count("TimeToTruthMs_d")),
        is_recovered: row.truth("IsRecovered"),
    })
}

/// What a row of before the column tells by its action: of an update not whether a set was taken over by it.
fn of_before(action: &str) -> Option<Motive> {
    match action {
        "hold" => Some(Motive::Held),
        "unhold" => Some(Motive::LetGo),
        "release" => Some(Motive::Released),
        "create" => Some(Motive::Created),
        "adopt" => Some(Motive::Adopted(AdoptedBy::Hand)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_has_each_place_once() {
        assert!([NAMES, RUN, SINCE].iter().all(|line| TEMPLATE.matches(line).count() == 1));
        let name = HostName::parse("nas.example.com").unwrap();
        let query = past_query(&OwnerId::new("us"), &name);
        assert!(query.contains("let Names = dynamic(['nas.example.com']);"), "{query}");
        assert!(query.contains("let Installation = 'us';"), "{query}");
    }
}
