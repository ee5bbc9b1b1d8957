//! The data collection rule as the world describes it.

use kql::{Column, Type};
use serde_json::Value;

use crate::World;

/// A rule: who it is, whether the caller has the role on it, and its streams.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    /// `dcr-` and 32 hexadecimal digits.
    pub(super) immutable_id: String,
    /// Whether callers hold *Monitoring Metrics Publisher* on it (`"access": false` in the world takes it away).
    pub(super) access: bool,
    /// What it declares.
    pub(super) streams: Vec<Stream>,
}

/// One declared stream.
#[derive(Debug, Clone)]
pub(super) struct Stream {
    /// `Custom-…`.
    pub(super) name: String,
    /// The table that its rows reach.
    pub(super) table: String,
    /// The columns that are kept.
    pub(super) columns: Vec<Column>,
}

/// The streams of the product's tables (product specification, section 4), in force unless the world's rule has a
/// member `streams` of its own: `{"Custom-X": {"TimeGenerated": "datetime", "a_s": "string"}}`.
const STREAMS: [(&str, &str); 3] = [
    (
        "Custom-TagData",
        "TimeGenerated:datetime id_s DNSHostName_s ZoneId_s Skip_s Types_s Prefixes_s IsMulti_b:boolean name_s type_s location_s run_s \
         Installation_s",
    ),
    (
        "Custom-DNSData",
        "TimeGenerated:datetime DNSHostName_s DNSIP_s RecordType_s TTL_d:real ZoneId_s RecordSetId_s Etag_s \
         IsAlias_b:boolean TargetResourceId_s Owner_s MarkRun_s MarkTime_t:datetime run_s \
         Installation_s Refused_s HoldUntil_t:datetime IsAuto_b:boolean",
    ),
    (
        "Custom-DNSChange",
        "TimeGenerated:datetime run_s Trigger_s AlertId_s DNSHostName_s RecordType_s ZoneId_s Action_s Outcome_s \
         Reason_s OldIPs_s NewIPs_s ResourceId_s HeartbeatTime_t:datetime Beats_d:real Via_s TimeToTruthMs_d:real \
         Cause_s By_s Proof_s Policy_s Installation_s",
    ),
];

impl Rule {
    /// The world's rule.
    pub(super) fn of(world: &World) -> Self {
        let declared = world.rule.get("streams").and_then(Value::as_object);
        let streams = match declared {
            Some(streams) => streams.iter().map(|(name, columns)| declared_stream(name, columns)).collect(),
            None => STREAMS.iter().map(|(name, columns)| built_in(name, columns)).collect(),
        };
        Self {
            immutable_id: world.rule_id().to_owned(),
            access: world.rule.get("access") != Some(&Value::Bool(false)),
            streams,
        }
    }
}

fn built_in(name: &str, columns: &str) -> Stream {
    let columns = columns.split_whitespace().map(|word| {
        let (name, kind) = word.split_once(':').unwrap_or((word, "string"));
        Column::new(name, Type::parse(kind).unwrap_or(Type::String))
    });
    Stream { name: name.to_owned(), table: table_of(name), columns: columns.collect() }
}

fn declared_stream(name: &str, columns: &Value) -> Stream {
    let columns = columns.as_object().into_iter().flatten().map(|(name, kind)| {
        let kind = kind.as_str().and_then(|text| Type::parse(&text.to_ascii_lowercase()));
        Column::new(name.as_str(), kind.unwrap_or(Type::String))
    });
    Stream { name: name.to_owned(), table: table_of(name), columns: columns.collect() }
}

/// `Custom-TagData` and `Custom-TagData_CL` both reach `TagData_CL`.
fn table_of(stream: &str) -> String {
    let name = stream.strip_prefix("Custom-").unwrap_or(stream);
    if name.ends_with("_CL") { name.to_owned() } else { format!("{name}_CL") }
}
