//! Where a name belongs, where that is in doubt: nobody claims it, its zone does not exist, or it was written in another one.

use crate::cli::no_zone;
use crate::cli::phrase::Phrase;
use crate::cli::session;
use crate::queries::Past;
use crate::run::{AbsentZone, Installation, Request, Trouble};
use pure::domain::{HostName, NameSet, RecordSet, ZoneId};
use pure::plan::report::Trigger;

/// What is in doubt.
#[derive(Default)]
pub(super) struct Place {
    /// That nobody claims the name, and which one was probably meant; none where somebody does, and where it cannot be asked.
    pub(super) nobodys: Option<String>,
    /// Its zone, or the one of the settings that is nearly its own, where that does not exist.
    pub(super) absent: Option<AbsentZone>,
    /// The zone of its newest write, where the settings do not name it.
    pub(super) strays: Option<ZoneId>,
}

impl Place {
    /// What a plan of the name finds.
    pub(super) async fn of(installation: &Installation, asked: &NameSet, strays: Option<ZoneId>) -> Self {
        let request = Request::of_names(Trigger::Cli, asked.clone(), false);
        let Ok(planned) = session::planned(installation, request).await else {
            return Self { strays, ..Self::default() };
        };
        let nobodys = planned.report().unclaimed.into_iter().next().map(|unclaimed| unclaimed.because);
        Self { nobodys, absent: planned.absent_zone(), strays }
    }

    /// Where the name is looked for in vain, and what ends that.
    pub(super) fn told(&self, name: &HostName) -> Vec<Phrase> {
        if let Some(absent) = &self.absent {
            let begin = std::iter::once(no_zone::told(absent).into());
            let end = "until then nobody knows what stands there now".into();
            return begin.chain(no_zone::mended(absent)).chain([end]).collect();
        }
        let stray = self.strays.iter().map(|zone| {
            let setting = zone.kind().setting();
            let words = format!(
                "the newest write to {name} was in a zone that {setting} does not name, so what stands there now is not known:"
            );
            Phrase::from(words).whole(zone.as_str())
        });
        stray.collect()
    }
}

/// Whether a managed zone holds the name, and could be read.
pub(super) fn is_placed(
    installation: &Installation,
    name: &HostName,
    sets: &Result<Vec<RecordSet>, Trouble>,
) -> bool {
    sets.is_ok() && installation.settings.policy.zones.of_name(name).next().is_some()
}

/// The zone of the newest write, where it is none of these.
pub(super) fn strays(writes: &[Past], zones: &[ZoneId]) -> Option<ZoneId> {
    let newest = writes.iter().max_by_key(|write| write.time)?;
    (!zones.contains(&newest.zone)).then(|| newest.zone.clone())
}
