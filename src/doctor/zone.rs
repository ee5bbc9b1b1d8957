//! Whether a zone may be read, and written: the latter by a write that is made to be refused.

use super::az;
use super::line::Line;
use super::visit::{Visit, unasked};
use crate::azure::dns::harmless::WriteTried;
use crate::azure::{Error, Kind, Lacking, Refusal};
use pure::domain::{RecordType, ZoneId};
use pure::shown::shell_word;

const TOPIC: &str = "zone";

pub(super) async fn lines(visit: &Visit<'_>, zone: &ZoneId) -> Vec<Line> {
    let name = &zone.label();
    let owner = &visit.settings.run.owner_id;
    let set = match visit.azure.dns.any_set(zone, RecordType::A, owner).await {
        Ok(set) => set,
        Err(error) => return vec![unread(visit, zone, &error).await],
    };
    let Some(set) = set else {
        let words =
            "may be read; whether it may be written was not asked, for it has no A set to try it with";
        return vec![Line::ok(TOPIC, name).saying(words)];
    };
    vec![match visit.azure.dns.try_to_write(&set).await {
        Ok(WriteTried::RefusedByCondition) => Line::ok(TOPIC, name).saying("may be read and written"),
        Ok(WriteTried::Taken) => dropped(name),
        Err(error) if error.kind() == Kind::NoQuota => {
            let words = "may be read; whether it may be written was not asked, for the writes that are meant go first";
            Line::skip(TOPIC, name).saying(words)
        }
        Err(error) => unwritten(visit, zone, &error).await,
    }]
}

fn dropped(name: &str) -> Line {
    Line::fail(TOPIC, name).saying(
        "a write was taken whose condition cannot have held: something on the way drops conditions, and nothing would keep \
         somebody else's change. Look for a proxy before ARM_ENDPOINT; nothing but an entity tag was changed",
    )
}

async fn unread(visit: &Visit<'_>, zone: &ZoneId, error: &Error) -> Line {
    let name = &zone.label();
    if error.is_forbidden() {
        let role = zone.kind().contributor();
        return Line::fail(TOPIC, name)
            .saying(format!("403: may not be read; the identity lacks \"{role}\""))
            .mended_by(az::assign(role, &visit.assignee().await, &shell_word(zone.as_str())));
    }
    if error.status == Some(404) {
        let (setting, id) = (zone.kind().setting(), zone.resource_id());
        let said = match error.lacking() {
            Lacking::Subscription => {
                format!("404: there is no subscription {}; correct {setting}", id.subscription())
            }
            Lacking::Group => {
                format!("404: there is no resource group {}; correct {setting}", id.resource_group())
            }
            Lacking::Zone | Lacking::Sight => {
                format!("404: it is not in that resource group; put its id into {setting}")
            }
        };
        return Line::fail(TOPIC, name).saying(said).mended_by(az::zones(zone.kind()));
    }
    unasked(TOPIC, name, error)
}

async fn unwritten(visit: &Visit<'_>, zone: &ZoneId, error: &Error) -> Line {
    let (name, role) = (&zone.label(), zone.kind().contributor());
    match error.refusal() {
        Some(Refusal::NoRight) => Line::fail(TOPIC, name)
            .saying(format!("403: may be read and not written; the identity lacks \"{role}\""))
            .mended_by(az::assign(role, &visit.assignee().await, &shell_word(zone.as_str()))),
        Some(Refusal::Locked) => {
            let line =
                Line::fail(TOPIC, name).saying("409: a lock stands on it or above it, so nothing is written");
            let locks = locks(visit, zone).await;
            az::unlock(zone, &locks).into_iter().fold(line, Line::mended_by)
        }
        _ => unasked(TOPIC, name, error),
    }
}

/// The locks that stop writes, as far as this identity may see them.
async fn locks(visit: &Visit<'_>, zone: &ZoneId) -> Vec<String> {
    let locks = visit.azure.resource_graph.locks(zone).await.unwrap_or_default();
    locks.into_iter().filter(|lock| lock.stops_writes).map(|lock| lock.id).collect()
}
