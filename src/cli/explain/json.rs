//! The explanation for programs.

use serde::Serialize;
use serde_json::{Value, json};

use crate::cli::history::write_as_json;
use crate::cli::no_zone;
use crate::queries::Stretch;
use crate::run::{Explained, Nobodys, Part, Side};
use pure::domain::ZoneKind;

/// The form of the answer.
pub(super) const SCHEMA: &str = "heartbeat-dns-explain/1";

/// The answer. A part that is not known is null, and named among those that failed.
pub(super) fn of(found: &Explained) -> Value {
    let mut failed = Vec::new();
    // What machines list beside their way out says nothing of a name without a private side.
    let is_private = found.sides.iter().any(|side| side.zone.kind() == ZoneKind::Private);
    let is_told = |stretch: &&Stretch| is_private || stretch.side == ZoneKind::Public;
    let heard = found.heard.as_ref().map_err(Clone::clone);
    let heard = heard.map(|heard| heard.iter().filter(is_told).cloned().collect::<Vec<_>>());
    let heard = part("heard", &heard, &mut failed);
    let tags = part("tag_changes", &found.tags, &mut failed);
    let mut sides: Vec<Value> = found.sides.iter().map(|told| side(told, &mut failed)).collect();
    let first = if sides.is_empty() { no_side(&mut failed) } else { sides.remove(0) };
    let past = found.past.as_ref().map(|past| past.writes.iter().map(write_as_json).collect::<Vec<_>>());
    let unlogged: Vec<Value> = found.unlogged.iter().map(write_as_json).collect();
    let past = part("changes", &past.map_err(Clone::clone), &mut failed);
    if let Some(trouble) = &found.unjudged {
        failed.push(json!({ "part": "verdict", "because": trouble.because }));
    }
    if let Some(absent) = &found.absent_zone {
        failed.push(json!({ "part": "zone", "because": no_zone::told(absent) }));
    }
    let dangling = part("dangling", &found.dangling, &mut failed);
    let moves = part("moves", &found.moves, &mut failed);
    let mut told = json!({
        "schema": SCHEMA, "name": found.name, "zone": found.zone, "record_sets": found.record_sets,
        "unclaimed": found.nobodys.as_ref().map(nobodys), "heard": heard, "tag_changes": tags, "name_servers": first["name_servers"],
        "delegation": first["delegation"], "changes": past, "unlogged": unlogged, "missed": found.missed, "dangling": dangling, "moves": moves, "quota": first["quota"], "failed": failed,
    });
    // Of a name in a public and in a private zone.
    if !sides.is_empty() {
        told["further_zones"] = json!(sides);
    }
    told
}

/// What is known of one zone that holds the name.
fn side(side: &Side, failed: &mut Vec<Value>) -> Value {
    let served = part("name_servers", &side.served, failed);
    let mut told = json!({ "zone": side.zone, "name_servers": served });
    told["delegation"] = match (side.zone.kind(), &side.delegation) {
        // Nobody delegates a private zone.
        (ZoneKind::Private, _) => Value::Null,
        (ZoneKind::Public, delegation) => {
            let mut value = part("delegation", delegation, failed);
            if let Ok(told) = delegation {
                value["is_here"] = json!(told.is_here());
            }
            value
        }
    };
    told["quota"] = json!(side.quota.map(|(left, most)| json!({ "left": left, "most": most })));
    told
}

/// The same where no zone holds it.
fn no_side(failed: &mut Vec<Value>) -> Value {
    let because = "no managed zone holds the name";
    failed.extend(["name_servers", "delegation"].map(|part| json!({ "part": part, "because": because })));
    Value::Null
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
