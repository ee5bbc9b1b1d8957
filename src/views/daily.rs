//! When a process looks at what private zones hide, and what of it is news: each thing once, and again when it grows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, timeout};

use super::look;
use crate::azure::Clients;
use crate::clock::{self, DAY};
use pure::domain::ZoneKind;
use pure::plan::report::Warning;
use pure::plan::{AuditedReason, Policy};

/// All the time that the looks of one day may take: a full zone of each kind is some dozens of pages.
const LIMIT: Duration = Duration::from_secs(60);
/// What could not be read is tried again after this.
const AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// What a process remembers of its looks.
#[derive(Debug, Default)]
pub(crate) struct DailyLook(Mutex<Looks>);

#[derive(Debug, Default)]
struct Looks {
    /// Before that nobody looks again; none: with the next round.
    due: Option<Timestamp>,
    told: BTreeMap<AuditedReason, ToldOf>,
}

/// What was told of one zone.
#[derive(Debug)]
enum ToldOf {
    /// By this process: of these names and networks.
    Of(BTreeSet<String>),
    /// By one before it, then, as the log remembers; of what, nobody knows.
    Before(Timestamp),
}

impl DailyLook {
    fn looks(&self) -> MutexGuard<'_, Looks> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks, when it is time: what was found in all private zones. One that cannot be read is left out, and hinders no other.
    pub(crate) async fn look(&self, clients: &Clients, policy: &Policy) -> Option<Vec<Warning>> {
        let private: Vec<_> =
            policy.zones.iter().filter(|zone| zone.id.kind() == ZoneKind::Private).collect();
        let now = clock::now();
        if private.is_empty() || self.looks().due.is_some_and(|due| now < due) {
            return None;
        }
        let last = Instant::now() + LIMIT;
        let azure = clients.until(last).ok()?;
        let (mut found, mut is_whole) = (Vec::new(), true);
        for zone in private {
            match timeout(last.saturating_duration_since(Instant::now()), look(&azure, zone, policy)).await {
                Ok(Ok(outlook)) => found.extend(outlook.warnings),
                Ok(Err(error)) => {
                    is_whole = false;
                    tracing::debug!("what {} hides was not seen: {}", zone.name(), error.chain());
                }
                Err(_) => {
                    is_whole = false;
                    tracing::debug!("what {} hides was not seen within {LIMIT:?}", zone.name());
                }
            }
        }
        self.looks().due = Some(now + if is_whole { DAY } else { AGAIN });
        Some(found)
    }

    /// What of it is to be told now. `audited` is what the log remembers of warnings, none where that is not known; it is heard
    /// where this process has told nothing yet, and for a day.
    pub(crate) fn news(
        &self,
        found: Vec<Warning>,
        audited: Option<&BTreeMap<AuditedReason, Timestamp>>,
        now: Timestamp,
    ) -> Vec<Warning> {
        let told = &mut self.looks().told;
        let is_of_today = |time: Timestamp| now.duration_since(time) < DAY;
        let mut is_news = |warning: &Warning| {
            let key = warning.audited();
            let of: BTreeSet<String> = warning.names.union(&warning.networks).cloned().collect();
            let before = told
                .remove(&key)
                .or_else(|| audited.and_then(|audited| audited.get(&key)).map(|time| ToldOf::Before(*time)));
            let (is_news, now_told) = match before {
                Some(ToldOf::Of(told)) if of.is_subset(&told) => (false, ToldOf::Of(of)),
                Some(ToldOf::Before(time)) if is_of_today(time) => (false, ToldOf::Before(time)),
                _ => (true, ToldOf::Of(of)),
            };
            told.insert(key, now_told);
            is_news
        };
        found.into_iter().filter(|warning| is_news(warning)).collect()
    }
}

#[cfg(test)]
mod tests {
    use pure::plan::report::WarningKind;

    use super::*;

    fn hidden(names: &[&str], networks: &[&str]) -> Warning {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Warning {
            warning: WarningKind::HiddenNames,
            subject: "example.com".to_owned(),
            zone: "zone".to_owned(),
            resource: "zone".to_owned(),
            names: texts(names),
            networks: texts(networks),
            because: String::new(),
        }
    }

    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }

    #[test]
    fn it_is_told_once_and_again_when_it_grows() {
        let daily = DailyLook::default();
        let news = |names: &[&str], networks: &[&str], hours| {
            daily.news(vec![hidden(names, networks)], None, at(hours)).len()
        };
        assert_eq!(news(&["www"], &["hub"], 0), 1);
        assert_eq!(news(&["www"], &["hub"], 48), 0, "nothing is new");
        assert_eq!(news(&["www", "mail"], &["hub"], 72), 1, "a name more");
        assert_eq!(news(&["www"], &["hub"], 96), 0, "a name less");
        assert_eq!(news(&["www", "mail"], &["hub"], 120), 1, "it is back");
        assert_eq!(news(&["www", "mail"], &["hub", "spoke"], 144), 1, "a network more");
    }

    #[test]
    fn what_another_process_told_is_told_again_after_a_day() {
        let daily = DailyLook::default();
        let audited = [(hidden(&[], &[]).audited(), at(0))].into();
        let news =
            |names: &[&str], hours| daily.news(vec![hidden(names, &[])], Some(&audited), at(hours)).len();
        assert_eq!((news(&["www"], 1), news(&["www"], 23)), (0, 0));
        assert_eq!((news(&["www"], 24), news(&["www"], 25)), (1, 0));
    }
}
