//! Whether somebody sees a private zone, and what it hides from them.

use super::az;
use super::line::Line;
use super::visit::{Visit, is_tokenless, tokenless};
use crate::views::{Outlook, look};
use pure::domain::{Zone, ZoneId, ZoneKind};
use pure::shown::shell_word;

const TOPIC: &str = "view";
/// The least of the built-in roles that lists every name.
const ROLE: &str = "Reader";

pub(super) async fn lines(visit: &Visit<'_>, zone: &Zone) -> Vec<Line> {
    let name = &zone.id.label();
    match look(&visit.azure, zone, &visit.settings.policy).await {
        // A zone that nobody sees hides nothing; the line of its links says so.
        Ok(Outlook { networks, .. }) if networks.is_empty() => Vec::new(),
        Ok(Outlook { warnings, .. }) if !warnings.is_empty() => {
            warnings.into_iter().map(|warning| Line::warn(TOPIC, name).saying(warning.because)).collect()
        }
        Ok(Outlook { networks, .. }) => {
            let count = match networks.len() {
                1 => "1 network".to_owned(),
                many => format!("{many} networks"),
            };
            vec![Line::ok(TOPIC, name).saying(format!("seen in {count}, and hides no public name there"))]
        }
        Err(error) if is_tokenless(&error) => vec![tokenless(TOPIC, name, &error)],
        Err(error) if error.is_forbidden() => vec![unlisted(visit, zone).await],
        Err(error) => {
            let said = format!("what it hides was not asked: {}", error.for_people());
            vec![Line::skip(TOPIC, name).saying(said)]
        }
    }
}

/// That a list may not be read: nothing is written by it, and what is hidden stays untold.
async fn unlisted(visit: &Visit<'_>, zone: &Zone) -> Line {
    let is_twin = |other: &&Zone| other.id.kind() == ZoneKind::Public && other.name() == zone.name();
    let twin = visit.settings.policy.zones.iter().find(is_twin).map(|twin| &twin.id);
    let mut closed: Vec<&ZoneId> = Vec::new();
    for id in [Some(&zone.id), twin].into_iter().flatten() {
        if visit.azure.dns.every_name(id).await.is_err_and(|error| error.is_forbidden()) {
            closed.push(id);
        }
    }
    let name = &zone.id.label();
    if closed.is_empty() {
        return Line::skip(TOPIC, name).saying("what it hides was not asked: its links may not be read");
    }
    let line = Line::warn(TOPIC, name).saying(
        "403: all its names, or those of the public zone, may not be read, so what it hides is not told",
    );
    let assignee = visit.assignee().await;
    let assign = |id: &ZoneId| az::assign(ROLE, &assignee, &shell_word(id.as_str()));
    closed.into_iter().map(assign).fold(line, Line::mended_by)
}
