//! What a run does end to end, through the real binary: one name's trouble is that name's alone, what is said is so, and
//! nothing is lost.

mod adopt;
mod agreed;
mod amiss;
mod approve;
mod both_sides;
mod contested;
mod crowd;
mod deadline;
mod deleted_zone;
mod deployments;
pub(crate) mod doctor;
mod edited;
mod ends_by_hand;
mod explain;
mod failed_again;
mod graph_rows;
mod habits;
mod held_by_claim;
mod hidden_names;
mod history;
mod hold;
mod in_words;
mod kills;
mod lost_tags;
mod misspelt_key;
mod named;
mod needs;
mod next_step;
mod not_gone;
mod orphans;
mod other_rule;
mod other_variables;
mod outage;
mod owed_row;
mod poisoned;
mod policy_file;
mod refusals;
mod release;
mod reonboarded;
mod rights;
mod rollback;
mod rollback_twice;
mod rollback_unlogged;
mod rollback_unseen;
mod rows_first;
mod self_check;
mod slips;
mod standing;
mod still_held;
mod surge;
mod told_alike;
mod totals;
mod ttl;
mod virtual_machines;
mod wrong_tag;
mod wrong_zone;

use serde_json::{Value, json};

use crate::handler::{House, moved, set, tagged};
use crate::output::{code, report, words};

const OLD: &str = "198.51.100.10";
const NEW: &str = "203.0.113.7";

/// One of many names, each of its own machine.
fn name(index: usize) -> String {
    format!("n{index:03}")
}

fn old(index: usize) -> String {
    format!("198.51.100.{}", index + 1)
}

fn new(index: usize) -> String {
    format!("203.0.113.{}", index + 1)
}

/// So many names of one zone that all move at once, each to an address of its own, n000 first.
async fn street(count: usize, more: &[(&str, &str)]) -> House {
    let all = 0..count;
    let machines: Vec<_> =
        all.clone().map(|index| tagged(&name(index), &format!("{}.example.com", name(index)))).collect();
    let sets: Vec<_> = all.clone().map(|index| set(&name(index), &[&old(index)], Value::Null)).collect();
    let mut beats: Vec<_> =
        all.clone().flat_map(|index| moved(&name(index), &old(index), &new(index))).collect();
    beats.push(crate::handler::beat(&name(0), &new(0), 90));
    House::new(&sets, &machines, &beats, more).await
}

/// One name to move, and a stranger's machine whose tag names somebody's `blog`.
pub(crate) async fn with_stranger(more: &[(&str, &str)]) -> House {
    let sets = [
        set("x", &[OLD], Value::Null),
        set("y", &["198.51.100.11"], Value::Null),
        set("blog", &["192.0.2.80"], Value::Null),
    ];
    let machines =
        [tagged("m", "x.example.com"), tagged("o", "y.example.com"), tagged("stranger", "blog.example.com")];
    let beats = [
        moved("m", OLD, NEW),
        moved("o", "198.51.100.11", "203.0.113.11"),
        moved("stranger", "198.51.100.77", "203.0.113.77"),
    ];
    House::new(&sets, &machines, &beats.concat(), more).await
}

/// One name that has moved.
async fn drifted(more: &[(&str, &str)]) -> House {
    crate::watch::drifted(more).await
}

/// The change of one name in a report; null without one.
fn change<'a>(report: &'a Value, name: &str) -> &'a Value {
    let found = report["changes"].as_array().unwrap().iter().find(|change| change["name"] == name);
    found.unwrap_or(&Value::Null)
}

/// The skip of one name in a report; null without one.
fn skip<'a>(report: &'a Value, name: &str) -> &'a Value {
    let found = report["skips"].as_array().unwrap().iter().find(|skip| skip["name"] == name);
    found.unwrap_or(&Value::Null)
}

/// A lock below which nothing may be written.
pub(crate) fn lock(scope: &str) -> Value {
    json!({ "locks": [{ "id": format!("{scope}/providers/Microsoft.Authorization/locks/keep"), "level": "ReadOnly" }] })
}

/// The record set's id.
fn set_id(name: &str) -> String {
    format!("{}/A/{name}", crate::stage::zone_id("example.com"))
}

/// What the alert rule would count.
async fn alarming(house: &House) -> Vec<Value> {
    let query = heartbeat_dns::queries::MISMATCH;
    house.query(&format!("{query}\n| where Actionable\n| project DNSHostName_s")).await
}

async fn sweep(house: &House) {
    let swept = house.run(&["collect"]).await;
    assert_eq!(code(&swept), 0, "{}", words(&swept));
}

/// The paths of the calls for heartbeats and tables so far.
async fn questions(house: &House) -> usize {
    house.stage.calls().await.iter().filter(|call| call.path.contains("/query")).count()
}
