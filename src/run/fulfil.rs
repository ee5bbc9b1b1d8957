//! What a plan needs, asked of its owners: live tags, record sets, cuts, evidence, who holds
//! addresses and who claims names, and what rows of private zones rest on, all at the same time.
//!
//! Every question ends as known or unavailable; one that fails, is slow or is half answered reaches only what rests on it.

mod claimants;
mod evidence;
mod holders;
mod learned;
mod privately;
mod sets;
mod tags;

use std::collections::BTreeSet;

use super::ours::ours_in;
use crate::azure::Error;
use crate::azure::dns::Dns;
use pure::domain::{RecordType, ZoneId};
use pure::plan::{Answer, Needs};

pub(super) use learned::{Asker, Found, Learned, LiveSet};
pub(super) use sets::{read, read_all};
pub(super) use tags::READ_SINGLY;

use learned::{AT_ONCE, at_once};

/// Asks for everything that is needed; each of the needs has an answer afterwards.
pub(super) async fn fulfil(asker: Asker<'_>, needs: &Needs) -> Learned {
    let (tags, sets, cuts, evidence, holders, claimants, present, privately) = tokio::join!(
        tags::ask(asker, &needs.machines),
        sets::ask(asker, &needs.sets),
        cuts(asker, &needs.cuts),
        evidence::ask(asker, &needs.evidence),
        holders::ask(asker, &needs.holders),
        // Their state lies apart, so that the futures around them stay small.
        Box::pin(claimants::ask(asker, &needs.names)),
        Box::pin(present(asker, &needs.present)),
        Box::pin(privately::ask(asker, &needs.privately)),
    );
    let mut all = tags;
    let others = [sets, cuts, evidence, holders, claimants, present, privately];
    others.into_iter().for_each(|learned| all.absorb(learned));
    all
}

/// The names at which each zone hands its answers over to other name servers.
async fn cuts(asker: Asker<'_>, zones: &BTreeSet<ZoneId>) -> Learned {
    let questions = zones.iter().cloned().map(|zone| async move {
        let cuts = asker.azure.dns.ns_sets(&zone).await;
        let is_refused = cuts.as_ref().is_err_and(Error::is_forbidden);
        // Whoever may not read these may be one who may read nothing there any more.
        let unread = if is_refused { unreadable(asker, &zone).await } else { None };
        (zone, cuts, unread)
    });
    let answers = at_once(questions, AT_ONCE).await;
    let mut learned = Learned::default();
    for (zone, answer, unread) in answers {
        let answer = match (answer, unread) {
            (Ok(cuts), _) => Answer::Known(cuts),
            // Installations from before have no right to read them; the answer then is what it was before.
            (Err(error), None) if error.is_forbidden() => {
                learned.found.warnings.push(Dns::without_ns(&zone, &error));
                Answer::Known(BTreeSet::new())
            }
            (Err(error), unread) => learned.found.failed(&unread.unwrap_or(error)),
        };
        learned.known.learn_cuts(zone, answer);
    }
    learned
}

/// Why the record sets that hold addresses may not be read either, where they may not.
async fn unreadable(asker: Asker<'_>, zone: &ZoneId) -> Option<Error> {
    let any = asker.azure.dns.any_set(zone, RecordType::A, &asker.policy.owner).await;
    any.err().filter(Error::is_forbidden)
}

/// The addresses that our record sets hold in each zone.
async fn present(asker: Asker<'_>, zones: &BTreeSet<ZoneId>) -> Learned {
    let questions = zones.iter().cloned().map(|zone| async move {
        let sets = ours_in(asker.azure, &zone, &asker.policy.owner).await;
        (zone, sets)
    });
    let mut learned = Learned::default();
    for (zone, sets) in at_once(questions, AT_ONCE).await {
        let answer = match sets {
            Ok(sets) => Answer::Known(sets.into_iter().flat_map(|set| set.addresses).collect()),
            Err(trouble) => {
                let because = trouble.because.clone();
                learned.found.add_trouble(trouble);
                Answer::Unavailable(because)
            }
        };
        learned.known.learn_present(zone, answer);
    }
    learned
}
