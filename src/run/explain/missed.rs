//! Writes to one name that were tried in vain and that no later write has made good.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;

use crate::azure::Refusal;
use pure::domain::{RecordId, RecordType};
use pure::plan::History;

/// The newest try of a record set, which was in vain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missed {
    /// The record set's type.
    pub record_type: RecordType,
    /// When it was tried.
    pub time: Timestamp,
    /// What the service called it; empty where the log does not say.
    pub code: String,
    /// Who can lift it and how; none where the code is of no refusal that lasts.
    pub next_step: Option<String>,
}

/// Those of the last day, as the log tells them.
pub(super) fn missed(history: &History, ids: &BTreeSet<RecordId>) -> Vec<Missed> {
    ids.iter().filter(|id| history.is_missing(id)).filter_map(|id| one(history, id)).collect()
}

fn one(history: &History, id: &RecordId) -> Option<Missed> {
    let time = *history.missed.get(id)?;
    let is_of_it = |zone: &str, name: &str, record_type: &str| {
        zone.eq_ignore_ascii_case(id.zone.lower())
            && name.eq_ignore_ascii_case(id.name.as_str())
            && record_type == id.record_type.as_str()
    };
    // A code and the try that it is of stand in one row, and have one time.
    let code = history
        .audited
        .iter()
        .find(|(key, at)| **at == time && is_of_it(&key.zone, &key.name, &key.record_type))
        .map(|(key, _)| key.reason.clone())
        .unwrap_or_default();
    let next_step = Refusal::of_code(&code).map(|refusal| refusal.next_step(&id.zone));
    Some(Missed {
        record_type: id.record_type,
        time,
        code,
        next_step: next_step.filter(|step| !step.is_empty()),
    })
}
