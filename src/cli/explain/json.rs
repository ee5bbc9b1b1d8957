//! The explanation for programs.

use serde::Serialize;
use serde_json::{Value, json};

use crate::cli::history::write_as_json;
use crate::run::{Explained, Nobodys, Part};

/// The form of the answer.
pub(super) const SCHEMA: &str = "heartbeat-dns-explain/1";

/// The answer. A part that is not known is null, and named among those that failed.
pub(super) fn of(found: &Explained) -> Value {
    let mut failed = Vec::new();
    let heard = part("heard", &found.heard, &mut failed);
    let tags = part("tag_changes", &found.tags, &mut failed);
    let served = part("name_servers", &found.served, &mut failed);
    let mut delegation = part("delegation", &found.delegation, &mut failed);
    if let Ok(told) = &found.delegation {
        delegation["is_here"] = json!(told.is_here());
    }
    let past = found.past.as_ref().map(|past| past.writes.iter().map(write_as_json).collect::<Vec<_>>());
    let unlogged: Vec<Value> = found.unlogged.iter().map(write_as_json).collect();
    let past = part("changes", &past.map_err(Clone::clone), &mut failed);
    if let Some(trouble) = &found.unjudged {
        failed.push(json!({ "part": "verdict", "because": trouble.because }));
    }
    let dangling = part("dangling", &found.dangling, &mut failed);
    let moves = part("moves", &found.moves, &mut failed);
    let quota = found.quota.map(|(left, most)| json!({ "left": left, "most": most }));
    json!({
        "schema": SCHEMA, "name": found.name, "zone": found.zone, "record_sets": found.record_sets,
        "unclaimed": found.nobodys.as_ref().map(nobodys), "heard": heard, "tag_changes": tags, "name_servers": served,
        "delegation": delegation, "changes": past, "unlogged": unlogged, "missed": found.missed, "dangling": dangling, "moves": moves, "quota": quota, "failed": failed,
    })
}

fn part<T: Serialize>(name: &str, part: &Part<T>, failed: &mut Vec<Value>) -> Value {
    match part {
        Ok(told) => json!(told),
        Err(trouble) => {
            failed.push(json!({ "part": name, "because": trouble.because }));
            Value::Null
        }
    }
}

fn nobodys(nobodys: &Nobodys) -> Value {
    json!({
        "because": nobodys.because, "near": nobodys.near, "is_allowed": nobodys.is_allowed,
        "tag": nobodys.tag, "written_for": nobodys.written_for, "is_gone": nobodys.is_gone,
    })
}
