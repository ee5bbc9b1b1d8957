//! Writes that were refused: which lock, who may lift it, and the command that does.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

use super::view::View;
use crate::azure::resource_graph::Lock;
use crate::azure::{Azure, Refusal};
use crate::cli::clock::Clock;
use crate::cli::lacking;
use crate::cli::phrase::Phrase;
use crate::doctor;
use crate::run::Missed;
use pure::domain::ZoneId;
use pure::plan::Action;
use pure::plan::report::{Outcome, Report, ReportedChange, Via};
use pure::shown::{one_line, shown};

/// Whoever waits for the end of an `apply` waits no longer for the name of a lock.
const LONGEST: Duration = Duration::from_secs(5);

/// Whether a lock has refused a write.
fn is_locked(reported: &ReportedChange) -> bool {
    let refusal = reported.reason.as_deref().and_then(Refusal::of_code);
    reported.outcome == Outcome::Failed && refusal == Some(Refusal::Locked)
}

/// The locks of the zones in which one has refused a write: one call for each such zone. One that may not be read is not
/// there.
pub(in crate::cli) async fn locks(report: &Report, azure: &Azure) -> BTreeMap<ZoneId, Vec<Lock>> {
    let refused = report.changes.iter().filter(|reported| is_locked(reported));
    let zones: BTreeSet<&ZoneId> = refused.map(|reported| &reported.change.id.zone).collect();
    let azure = azure.by(Instant::now() + LONGEST);
    let mut found = BTreeMap::new();
    for zone in zones {
        if let Ok(locks) = azure.resource_graph.locks(zone).await {
            found.insert(zone.clone(), locks);
        }
    }
    found
}

/// What has refused a write, and how it goes: the lock, or the right to deploy that is missing; none where it is not known.
pub(super) fn named(reported: &ReportedChange, view: &View<'_>) -> Option<Vec<Phrase>> {
    let refusal = reported.reason.as_deref().and_then(Refusal::of_code);
    if refusal == Some(Refusal::NoRight) && reported.via == Via::Deployment {
        let code = reported.reason.as_deref().unwrap_or_default();
        let group = shown(reported.change.id.zone.resource_id().resource_group());
        let said = format!(
            "templates may not be deployed into {group}, as APPLY_VIA=deployment does ({})",
            shown(code)
        );
        return Some(vec![said.into(), lacking::doctor_of_deployments()]);
    }
    let zone = Some(&reported.change.id.zone).filter(|_| is_locked(reported))?;
    let deletes = reported.change.action() == Action::Delete;
    let set = reported.change.id.arm_id();
    let locks = view.scene.locks.get(zone)?.iter();
    let locks = locks.filter(|lock| (lock.stops_writes || deletes) && lock.is_over(&set));
    lifted(zone, &locks.collect::<Vec<_>>(), reported.reason.as_deref().unwrap_or_default())
}

/// Since when writes are in vain. The same reason is written down once an hour: what was tried since has no row, and what was
/// tried before may have an older one.
pub(in crate::cli) fn failing(missed: &Missed, clock: &Clock) -> String {
    let time = clock.dated(missed.time);
    if missed.is_over() { format!("a try failed {time}") } else { format!("failing since {time} at least") }
}

/// Why a write was in vain when it was tried last, and what mends it as far as that still stands.
pub(in crate::cli) fn refused(missed: &Missed) -> Vec<Phrase> {
    match missed.refusal {
        Some(Refusal::Locked) => return locked(missed),
        Some(Refusal::NoRight) if missed.via == Via::Deployment => {
            // The log has the code of a deployment and that of a write in it alike.
            let group = shown(missed.zone.resource_id().resource_group());
            let said = format!(
                "a right was missing at that try ({}): to deploy templates into {group}, as APPLY_VIA=deployment does, or to \
                 write to the zone",
                shown(&missed.code)
            );
            return vec![said.into(), lacking::doctor_of_deployments()];
        }
        _ => {}
    }
    let step = missed.next_step.iter().map(|step| format!(": {}", one_line(step))).collect::<String>();
    let because = Phrase::from(format!("{} at that try{step}", shown(&missed.code)));
    match missed.refusal {
        Some(Refusal::NoRight) => vec![because, lacking::doctor()],
        _ => vec![because],
    }
}

/// What of a lock that refused the last try is still seen.
fn locked(missed: &Missed) -> Vec<Phrase> {
    let (code, again) = (shown(&missed.code), format!("apply {}", missed.name));
    let Some(locks) = &missed.locks else {
        let group = shown(missed.zone.resource_id().resource_group());
        let said = format!(
            "a lock refused that try ({code}); whether it still stands may not be read. Who may lift it: Owner of {group}."
        );
        let commands = doctor::unlock(&missed.zone, &[]).into_iter().map(|az| Phrase::default().whole(az));
        let then = Phrase::from("once it is gone, the next run tries again, or now:  ").run(again);
        return std::iter::once(Phrase::from(said)).chain(commands).chain([then]).collect();
    };
    lifted(&missed.zone, &locks.iter().collect::<Vec<_>>(), &missed.code).unwrap_or_else(|| {
        let said = format!("a lock refused that try ({code}), and none that would is seen any more");
        vec![Phrase::from(format!("{said}; the next run tries again, or now:  ")).run(again)]
    })
}

/// Which locks have refused a write with this code, and how they go; none where there are none.
fn lifted(zone: &ZoneId, locks: &[&Lock], code: &str) -> Option<Vec<Phrase>> {
    let names: Vec<String> = locks.iter().map(|lock| format!("\"{}\"", shown(&lock.name))).collect();
    let (what, names) = match names.as_slice() {
        [] => return None,
        [name] => ("a lock", name.clone()),
        names => ("the locks", names.join(", ")),
    };
    let owners: BTreeSet<String> = locks
        .iter()
        .map(|lock| lock.resource_group().map_or_else(|| "the subscription".to_owned(), shown))
        .collect();
    let owners: Vec<String> = owners.into_iter().collect();
    let said = format!(
        "the zone {} has {what} {names} ({}). Who may lift it: Owner of {}.",
        zone.zone_name(),
        shown(code),
        owners.join(", ")
    );
    let ids: Vec<String> = locks.iter().map(|lock| lock.id.clone()).collect();
    let commands = doctor::unlock(zone, &ids).into_iter().map(|az| Phrase::default().whole(az));
    Some(std::iter::once(Phrase::from(said)).chain(commands).collect())
}
