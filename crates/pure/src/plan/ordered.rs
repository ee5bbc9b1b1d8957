//! What a person orders for the sets of some names, each set decided by itself and by what stands there now.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::{HostName, RecordId, RecordType, Zone, ZoneId};

use super::answer::Answer;
use super::blindness::{Blindness, Wanted};
use super::case::Case;
use super::change::Change;
use super::decision::Plan;
use super::ground::Ground;
use super::hold;
use super::need::{Needs, Read};
use super::order::{ByHand, Leaves};
use super::our_set::OurSet;
use super::policy::Policy;
use super::release;
use super::rollback;
use super::skip::Skip;
use super::vanished::Vanished;
use super::why::{NotOwned, Why};
use super::words::Shortlist;

/// Plans what a person orders for the names that were given, for their sets of both types. No brake is asked, for a person
/// reads the list; where addresses change, the first of a zone goes ahead and must be proved.
///
/// What `POLICY_NAMES` or the record types allow by now is not asked where no address changes: a mark of ours may be older.
#[must_use]
pub fn ordered(order: &ByHand, case: &Case, policy: &Policy, now: Timestamp) -> Plan {
    let mut plan = Plan::default();
    let ground = Ground { case, policy, now, vanished: &Vanished::of(case, policy) };
    for name in case.asked.named.iter() {
        of_name(order, name, &ground, &mut plan);
    }
    let mut moves: BTreeMap<&ZoneId, usize> = BTreeMap::new();
    for change in plan.changes.iter().filter(|change| change.is_move()) {
        *moves.entry(&change.id.zone).or_default() += 1;
    }
    plan.led = moves.into_iter().filter(|(_, count)| *count > 1).map(|(zone, _)| zone.clone()).collect();
    plan.skips.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    plan
}

/// The types of sets that carry our mark.
const TYPES: [RecordType; 2] = [RecordType::A, RecordType::Aaaa];

fn of_name(order: &ByHand, name: &HostName, ground: &Ground<'_>, plan: &mut Plan) {
    let skip = |record_type, why: &Why| Skip::without_row(name, record_type, "", why);
    let policy = ground.policy;
    let mut zones: Vec<&Zone> = policy.zones.of_name(name).collect();
    if zones.is_empty() {
        let zones = Shortlist::of(policy.zones.iter().map(|zone| zone.id.label()));
        plan.skips.push(skip(RecordType::A, &Why::NoZone { name: name.to_string(), machine: None, zones }));
        return;
    }
    zones.retain(|zone| ground.case.asked.named.has(&zone.id, name));
    let mut absent = 0;
    let ids = zones.iter().flat_map(|zone| TYPES.map(|record_type| (&zone.id, record_type)));
    for (zone, record_type) in ids {
        let id = RecordId { zone: zone.clone(), name: name.clone(), record_type };
        let why = match ground.case.known.set(&id) {
            None => {
                plan.needs.sets.insert(id.clone());
                Why::Blind { cause: Blindness::NotAsked { name: name.to_string() } }
            }
            Some(Answer::Unavailable(because)) => unread(&id, because),
            Some(Answer::Known(Read { set: None, .. })) => {
                absent += 1;
                continue;
            }
            Some(read) => match of_set(order, &id, read, ground, &mut plan.needs) {
                Ok(change) => {
                    plan.changes.push(change);
                    continue;
                }
                Err(why) => why,
            },
        };
        plan.skips.push(skip(record_type, &why).leaving(&id, ground.case.known.set(&id)));
    }
    if absent == TYPES.len() * zones.len() {
        plan.skips.push(skip(RecordType::A, &nothing(order, name)));
    }
}

/// There is no set.
fn nothing(order: &ByHand, name: &HostName) -> Why {
    match order {
        ByHand::Release(_) => Why::NothingToRelease { name: name.to_string() },
        ByHand::Hold(_) => Why::NothingToHold { name: name.to_string() },
        ByHand::Unhold(_) => Why::NothingToLetGo { name: name.to_string() },
        ByHand::Rollback(_) => Why::NothingToPutBack { name: name.to_string() },
    }
}

/// The same for one set of which a newer read is known.
pub(super) fn reread(
    order: &ByHand,
    id: &RecordId,
    read: &Answer<Read>,
    ground: &Ground<'_>,
) -> Result<Change, Why> {
    of_set(order, id, read, ground, &mut Needs::default())
}

fn of_set(
    order: &ByHand,
    id: &RecordId,
    read: &Answer<Read>,
    ground: &Ground<'_>,
    needs: &mut Needs,
) -> Result<Change, Why> {
    let set = match read {
        Answer::Unavailable(because) => return Err(unread(id, because)),
        Answer::Known(read) => read.set.as_ref().ok_or_else(|| nothing(order, &id.name))?,
    };
    let leaves_no_mark = matches!(order, ByHand::Release(release) if release.leaves != Leaves::AMark);
    let find = if leaves_no_mark { OurSet::of_or_released } else { OurSet::of };
    let held = || hold::by_every_claim(id.zone.kind(), &id.name, ground.policy);
    let ours = find(id, set, ground.policy, order.kind()).map_err(|why| match (order, &why) {
        (ByHand::Unhold(_), Why::NotOwned { owned: NotOwned::Unmarked { .. }, .. }) => held().unwrap_or(why),
        _ => why,
    })?;
    match order {
        ByHand::Hold(wanted) => hold::hold(&ours, wanted, ground.now),
        ByHand::Unhold(which) => hold::let_go(&ours, which, ground, needs),
        ByHand::Rollback(rollback) => rollback::undo(&ours, rollback, ground, needs),
        ByHand::Release(release) => release::release(&ours, release, ground, needs),
    }
}

fn unread(id: &RecordId, because: &str) -> Why {
    let wanted = Wanted::Set { name: id.name.to_string(), record_type: id.record_type };
    Why::Blind { cause: Blindness::Unavailable { wanted, because: because.to_owned() } }
}
