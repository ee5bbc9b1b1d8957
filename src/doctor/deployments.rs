//! Whether templates may be deployed into the group of a zone: by a look at the zone's deployment, and by a template without
//! resources that is only checked. Asked where `APPLY_VIA` says so.

use super::az;
use super::line::Line;
use super::visit::{Visit, unasked};
use super::workspace::lasting;
use crate::clock;
use crate::config::ApplyVia;
use jiff::Timestamp;
use pure::deployment::{State, name};
use pure::domain::{ZoneId, ZoneKind};

const TOPIC: &str = "deployments";

pub(super) async fn lines(visit: &Visit<'_>, zone: &ZoneId) -> Vec<Line> {
    // Nothing is deployed into a private zone.
    if visit.settings.run.apply_via != ApplyVia::Deployment || zone.kind() == ZoneKind::Private {
        return Vec::new();
    }
    let of = &zone.label();
    let deployments = &visit.azure.deployments;
    let (found, checked) = tokio::join!(deployments.get(zone), deployments.try_to_validate(zone));
    let found = match (found, checked) {
        (Ok(found), Ok(())) => found,
        (Err(error), _) | (_, Err(error)) if error.is_forbidden() => {
            let group = zone.resource_id().resource_group();
            let line = Line::fail(TOPIC, of).saying(format!(
                "403: templates may not be deployed into {group}, as APPLY_VIA=deployment does"
            ));
            let assigned = az::deployments(zone, &visit.assignee().await);
            return vec![assigned.into_iter().fold(line, Line::mended_by)];
        }
        (Err(error), _) | (_, Err(error)) => return vec![unasked(TOPIC, of, &error)],
    };
    let name = name(zone);
    vec![match found.filter(|found| found.state == State::AtWork) {
        Some(found) => {
            let age = |since: Timestamp| lasting(clock::now().duration_since(since).as_secs().max(0));
            let since = found
                .since
                .map(|since| format!(" since {}, for {}", since.strftime("%Y-%m-%d %H:%M UTC"), age(since)));
            let since = since.unwrap_or_default();
            Line::warn(TOPIC, of).saying(format!("{name} is at work{since}; the zone waits for it"))
        }
        None => Line::ok(TOPIC, of).saying(format!("{name} may be deployed")),
    }]
}
