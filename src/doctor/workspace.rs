//! Whether the workspace may be asked, and whether machines are heard there.

use jiff::Timestamp;
use serde_json::Value;

use super::az;
use super::found::Found;
use super::line::Line;
use super::visit::{Visit, unasked};
use crate::azure::Table;
use crate::clock;

const TOPIC: &str = "workspace";

pub(super) async fn lines(visit: &Visit<'_>) -> Vec<Line> {
    let asked = visit.heard().await;
    let first = visit.settings.connect.workspaces.first().cloned().unwrap_or_default();
    vec![match asked {
        Ok(table) => heard(table),
        Err(error) if error.is_forbidden() => {
            let scope = az::workspace(Found::workspace_id(visit.found().await).as_deref(), &first);
            let assignee = visit.assignee().await;
            Line::fail(TOPIC, "")
                .saying("403: the identity lacks \"Log Analytics Reader\"")
                .mended_by(az::assign("Log Analytics Reader", &assignee, &scope))
        }
        Err(error) if error.status == Some(404) => Line::fail(TOPIC, "")
            .saying(format!("404: there is no workspace {first}; put the right id into LOGS_WORKSPACE_IDS"))
            .mended_by(az::WORKSPACES),
        Err(error) => unasked(TOPIC, "", error),
    }]
}

/// How many machines are heard, and how lately.
fn heard(table: &Table) -> Line {
    let cell = |name: &str| table.rows.first()?.get(table.position(name)?);
    let machines = cell("Machines").and_then(Value::as_u64).unwrap_or_default();
    let newest: Option<Timestamp> = cell("Newest").and_then(Value::as_str).and_then(|time| time.parse().ok());
    match newest.filter(|_| machines > 0) {
        Some(newest) => {
            let age = clock::now().duration_since(newest).as_secs().max(0);
            let machines = if machines == 1 { "1 machine".to_owned() } else { format!("{machines} machines") };
            let line = if age > 15 * 60 { Line::warn(TOPIC, "") } else { Line::ok(TOPIC, "") };
            line.saying(format!("logs: {machines} heard within the hour, newest {} ago", lasting(age)))
        }
        None => Line::warn(TOPIC, "").saying(
            "no machine was heard within the hour: no data collection rule sends Heartbeat here, or all agents are silent",
        ),
    }
}

/// Seconds as people tell them.
pub(super) fn lasting(seconds: i64) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3600),
    }
}
