//! What a plan needs, asked of its owners: live tags, record sets, cuts, evidence, who holds
//! addresses and who claims names, all at the same time.
//!
//! Every question ends as known or unavailable; one that fails, is slow or is half answered reaches only what rests on it.

mod claimants;
mod evidence;
mod holders;
mod learned;
mod sets;
mod tags;

use std::collections::BTreeSet;

use crate::azure::dns::Dns;
use pure::domain::ZoneId;
use pure::plan::{Answer, Needs};

pub(super) use learned::{Asker, Found, Learned, LiveSet};
pub(super) use sets::{read, read_all};
pub(super) use tags::READ_SINGLY;

use learned::{AT_ONCE, at_once};

/// Asks for everything that is needed; each of the needs has an answer afterwards.
pub(super) async fn fulfil(asker: Asker<'_>, needs: &Needs) -> Learned {
    let (tags, sets, cuts, evidence, holders, claimants) = tokio::join!(
        tags::ask(asker, &needs.machines),
        sets::ask(asker, &needs.sets),
        cuts(asker, &needs.cuts),
        evidence::ask(asker, &needs.evidence),
        holders::ask(asker, &needs.holders),
        // It reads whole pages of a fleet: its state lies apart, so that the futures around it stay small.
        Box::pin(claimants::ask(asker, &needs.names)),
    );
    let mut all = tags;
    [sets, cuts, evidence, holders, claimants].into_iter().for_each(|learned| all.absorb(learned));
    all
}

/// The names at which each zone hands its answers over to other name servers.
async fn cuts(asker: Asker<'_>, zones: &BTreeSet<ZoneId>) -> Learned {
    let questions = zones.iter().cloned().map(|zone| async move {
        let cuts = asker.azure.dns.ns_sets(&zone).await;
        (zone, cuts)
    });
    let answers = at_once(questions, AT_ONCE).await;
    let mut learned = Learned::default();
    for (zone, answer) in answers {
        let answer = match answer {
            Ok(cuts) => Answer::Known(cuts),
            // Installations from before have no right to read them; the answer then is what it was before.
            Err(error) if error.is_forbidden() => {
                learned.found.warnings.push(Dns::without_ns(&zone, &error));
                Answer::Known(BTreeSet::new())
            }
            Err(error) => learned.found.failed(&error),
        };
        learned.known.learn_cuts(zone, answer);
    }
    learned
}
