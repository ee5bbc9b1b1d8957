//! Whether somebody sees a private zone, and what it hides from them.

use super::line::Line;
use super::visit::{Visit, is_tokenless, tokenless};
use crate::views::{Outlook, look};
use pure::domain::Zone;

const TOPIC: &str = "view";

pub(super) async fn lines(visit: &Visit<'_>, zone: &Zone) -> Vec<Line> {
    let name = zone.name().as_str();
    match look(&visit.azure, zone, &visit.settings.policy.zones).await {
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
        Err(error) => {
            let said = format!("what it hides was not asked: {}", error.for_people());
            vec![Line::skip(TOPIC, name).saying(said)]
        }
    }
}
