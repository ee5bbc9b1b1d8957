//! The rules on how steady a claim is: enough beats, no second uplink, no coming and going.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::SignedDuration;

use crate::plan::grant::Term;
use crate::plan::past_change::PastChange;
use crate::plan::subject::Subject;
use crate::plan::why::Why;
use crate::plan::words;

use crate::plan::said::Said;

/// The return with this number to one address within 24 hours is held.
const RETURNS: usize = 3;

/// How long the newest beats agree already; none when the log does not say.
fn span(subject: &Subject<'_>) -> Option<SignedDuration> {
    let first = subject.first_beat()?;
    Some(subject.row.heartbeat_time?.duration_since(first))
}

pub(super) fn too_few_beats(subject: &Subject<'_>) -> Said {
    let Some(address) = subject.address else { return Said::No };
    let (beats, wanted) = (subject.row.beats, subject.policy.min_beats);
    let machine = || subject.machine_text();
    if beats < wanted {
        return Said::Yes(Why::TooFewBeats { machine: machine(), address, beats, wanted });
    }
    let Some(terms) = subject.terms() else { return Said::No };
    let wanted = terms.min_span;
    let span = span(subject).unwrap_or_default();
    // With one beat wanted, one beat is enough, however short it is.
    if subject.policy.min_beats > 1 && span < wanted {
        let by = terms.origin(Term::MinSpan);
        return Said::Yes(Why::TooShort { machine: machine(), address, span, wanted, by });
    }
    Said::No
}

pub(super) fn still_seen(subject: &Subject<'_>) -> Said {
    let Some(address) = subject.address else { return Said::No };
    let unseen = subject.policy.unseen;
    // What was seen lately is one of the addresses that the log holds; somebody may have changed the set since.
    let (present, logged) = (subject.present(), subject.logged_present());
    let told = subject.row.present_last_seen.map(|time| subject.now.duration_since(time));
    let steady = subject.first_beat().map(|first| subject.now.duration_since(first));
    // Of an address that the log does not hold it says nothing, and any row may have taken that one's place: the machine can
    // have said it until its newest beats agreed.
    let untold = steady.filter(|_| !present.is_subset(&logged));
    let age = told.into_iter().chain(untold).min();
    let Some(age) = age.filter(|age| subject.row.returned && *age <= unseen) else { return Said::No };
    // Where the log and the set hold the address that it says, that one was seen, and nothing is known of the others: an
    // address that goes because no machine says it is no second uplink.
    if present.contains(&address) && logged.contains(&address) {
        return Said::No;
    }
    // Where the log holds the address that it says, it is that one that was seen. What else stands there it can have said
    // before its newest beats agreed, not since.
    let age = if logged.contains(&address) { steady.map_or(age, |steady| age.max(steady)) } else { age };
    if age > unseen {
        return Said::No;
    }
    let others: BTreeSet<IpAddr> = logged.into_iter().filter(|logged| *logged != address).collect();
    let present = if others.is_empty() || told.is_none() {
        "another address".to_owned()
    } else {
        words::address_list(&others)
    };
    Said::Yes(Why::StillSeen { machine: subject.machine_text(), address, present, age, unseen })
}

pub(super) fn flapping(subject: &Subject<'_>) -> Said {
    let (Ok(place), Some(address)) = (&subject.placed, subject.address) else { return Said::No };
    let case = subject.case;
    if case.asked.insisted.holds(&place.id) {
        return Said::No;
    }
    let steady = subject.first_beat().map(|first| subject.now.duration_since(first));
    if steady.is_some_and(|steady| steady > subject.policy.flap_hold) {
        return Said::No;
    }
    let Some(changes) = case.history.changes.get(&place.id) else { return Said::No };
    let today = || changes.iter().filter(|change| change.is_move() && change.is_recent(subject.now));
    // A run writes a set once, however many rows tell of it.
    let leaves = |change: &&PastChange| change.from.contains(&address) && !change.to.contains(&address);
    let left = today().filter(leaves).map(|change| &change.run).collect::<BTreeSet<_>>().len();
    if left < RETURNS {
        return Said::No;
    }
    let mut shares: BTreeMap<IpAddr, usize> = BTreeMap::new();
    for address in today().flat_map(|change| &change.to) {
        *shares.entry(*address).or_default() += 1;
    }
    let shares: BTreeSet<(String, usize)> =
        shares.into_iter().map(|(address, times)| (address.to_string(), times)).collect();
    let (name, shares) = (place.id.name.to_string(), shares.into_iter().collect());
    let hold = subject.policy.flap_hold;
    Said::Yes(Why::Flapping { name, address, returns: left, shares, hold })
}
