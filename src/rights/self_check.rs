//! When a process looks at its own rights, and what of it is news.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, timeout};

use super::look::{Looked, TooWide, look};
use crate::azure::{Azure, Clients};
use crate::clock::{self, DAY};
use crate::config::Settings;
use pure::plan::AuditedReason;
use pure::plan::report::{Warning, WarningKind};
use pure::shown::one_line;

/// All the time that a look may take.
const LIMIT: Duration = Duration::from_secs(10);

/// What a process remembers of its looks.
#[derive(Debug, Default)]
pub(crate) struct SelfCheck(Mutex<Recalled>);

#[derive(Debug, Default)]
struct Recalled {
    /// Before that nobody looks again; none: with the next round.
    due: Option<Timestamp>,
    /// What this process has told, or was told by the log when it found it first, and when.
    told: BTreeMap<AuditedReason, Timestamp>,
}

impl SelfCheck {
    fn memory(&self) -> MutexGuard<'_, Recalled> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks, when it is time: what was found, with who asked.
    pub(crate) async fn look(&self, clients: &Clients, settings: &Settings) -> Option<(Looked, String)> {
        if self.memory().due.is_some_and(|due| clock::now() < due) {
            return None;
        }
        let azure = clients.until(Instant::now() + LIMIT).ok()?;
        let looked = timeout(LIMIT, look(&azure, &settings.policy.zones)).await.ok()?;
        if let Some(error) = &looked.failed {
            tracing::debug!(
                "what this identity may do is asked again with the next round: {}",
                error.chain()
            );
        }
        Some((looked, object(&azure).await))
    }

    /// What of it is to be told now. `audited` is what the log remembers of warnings; none where that is not known, and
    /// nothing is told then. Whoever may send rows may write such a memory too, so it counts for little: it is heard once by a
    /// process, which goes by its own from then on, and what it keeps from people stands in the process's log all the same.
    pub(crate) fn news(
        &self,
        (looked, object): &(Looked, String),
        audited: Option<&BTreeMap<AuditedReason, Timestamp>>,
        now: Timestamp,
    ) -> Vec<Warning> {
        let Some(audited) = audited else { return Vec::new() };
        let mut memory = self.memory();
        let mut due = now + DAY;
        let mut news = Vec::new();
        let is_of_today = |told: &Timestamp| now.duration_since(*told) < DAY;
        for warning in looked.too_wide.iter().map(|found| warning(found, object)) {
            let key = warning.audited();
            let own = memory.told.get(&key).copied();
            let heard = audited.get(&key).copied().filter(|told| own.is_none() && is_of_today(told));
            if let Some(told) = heard {
                tracing::warn!(
                    "the log says that people were told at {told}: {}",
                    one_line(&warning.because)
                );
            }
            let told = own.filter(is_of_today).or(heard);
            if let Some(told) = told {
                due = due.min(told + DAY);
            } else {
                news.push(warning);
            }
            memory.told.insert(key, told.unwrap_or(now));
        }
        memory.due = looked.failed.is_none().then_some(due);
        news
    }
}

/// Who asks, as commands name them.
async fn object(azure: &Azure) -> String {
    azure.caller().await.map_or_else(|| "OBJECT_ID".to_owned(), |caller| caller.object)
}

fn warning(found: &TooWide, object: &str) -> Warning {
    let because = format!(
        "this identity may {found}, which none of its roles gives{}; see which assignment does, and delete it: {}",
        found.aside(),
        found.shown_by(object)
    );
    Warning {
        warning: WarningKind::RightsTooWide,
        subject: found.name().to_lowercase(),
        zone: found.zone.lower().to_owned(),
        resource: found.scope.clone(),
        names: BTreeSet::new(),
        networks: BTreeSet::new(),
        because,
    }
}
