//! Writes that were tried in vain and that no later write has made good.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;

use crate::azure::resource_graph::Lock;
use crate::azure::{Azure, Refusal};
use pure::domain::{HostName, RecordId, RecordType, Service, ZoneId};
use pure::plan::History;
use pure::plan::report::Via;

/// The newest try of a record set, which was in vain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missed {
    /// Its zone.
    #[serde(skip)]
    pub zone: ZoneId,
    /// Its name.
    #[serde(skip)]
    pub name: HostName,
    /// The record set's type.
    pub record_type: RecordType,
    /// When it was tried.
    pub time: Timestamp,
    /// What the service called it; empty where the log does not say.
    pub code: String,
    /// Who can lift it and how; none where the code is of no refusal that lasts.
    pub next_step: Option<String>,
    /// What the code is of, if of a refusal that lasts.
    #[serde(skip)]
    pub refusal: Option<Refusal>,
    /// The locks that stop the write now, where one has; none where they were not asked for or may not be read.
    #[serde(skip)]
    pub locks: Option<Vec<Lock>>,
    /// How it was tried.
    pub via: Via,
}

impl Missed {
    /// Whether what refused it is not seen any more: a lock, of those that may be read.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.refusal == Some(Refusal::Locked) && self.locks.as_ref().is_some_and(Vec::is_empty)
    }

    /// Which record set was to be written.
    #[must_use]
    pub fn record_id(&self) -> RecordId {
        RecordId { zone: self.zone.clone(), name: self.name.clone(), record_type: self.record_type }
    }
}

/// Asks for the locks of the zones where one has refused a write: one call for each such zone, and none else.
pub(super) async fn name_locks(missed: &mut [Missed], azure: &Azure) {
    let is_locked = |missed: &Missed| missed.refusal == Some(Refusal::Locked);
    let zones: BTreeSet<ZoneId> =
        missed.iter().filter(|missed| is_locked(missed)).map(|missed| missed.zone.clone()).collect();
    for zone in zones {
        let Ok(mut locks) = azure.resource_graph.locks(&zone).await else { continue };
        locks.retain(|lock| lock.stops_writes);
        for missed in missed.iter_mut().filter(|missed| is_locked(missed) && missed.zone == zone) {
            let set = missed.record_id().arm_id();
            missed.locks = Some(locks.iter().filter(|lock| lock.is_over(&set)).cloned().collect());
            if missed.is_over() {
                missed.next_step = None;
            }
        }
    }
}

/// Those of the last day, as the log tells them: whoever asks may have other settings than whoever wrote.
pub(super) fn missed(history: &History, ids: &BTreeSet<RecordId>) -> Vec<Missed> {
    ids.iter().filter(|id| history.is_missing(id)).filter_map(|id| one(history, id)).collect()
}

fn one(history: &History, id: &RecordId) -> Option<Missed> {
    let time = *history.missed.get(id)?;
    let is_deployed = history.missed_by_deployment.get(id) == Some(&time);
    let via = if is_deployed { Via::Deployment } else { Via::RecordSet };
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
    let refusal = Refusal::of_code(&code);
    let writer = match (refusal, via) {
        (Some(Refusal::NoRight), Via::Deployment) => Service::Deployments,
        _ => Service::DnsWrite,
    };
    let next_step = refusal.map(|refusal| refusal.next_step(writer, &id.zone));
    Some(Missed {
        zone: id.zone.clone(),
        name: id.name.clone(),
        record_type: id.record_type,
        time,
        code,
        next_step: next_step.filter(|step| !step.is_empty()),
        refusal,
        locks: None,
        via,
    })
}
