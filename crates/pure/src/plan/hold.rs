//! Holds by hand: a person's word in the mark of a set, and its end. Neither changes an address, and nothing but the live
//! set decides it.

use crate::domain::{HostName, Mark, RecordId, RecordSet, RecordType, ResourceId, Zone};

use super::blindness::{Blindness, Wanted};
use super::case::Case;
use super::cause::Cause;
use super::change::{After, Change};
use super::decision::Plan;
use super::hold_order::HoldOrder;
use super::need::{Answer, Read};
use super::ownership;
use super::policy::Policy;
use super::skip::Skip;
use super::why::{NotOwned, Why};
use super::words::{self, Shortlist};

/// Plans what a person wants of the holds of the names that were given, for their sets of both types.
///
/// What `POLICY_NAMES` or the record types allow by now is not asked: a mark of ours may be older.
#[must_use]
pub fn hold(order: &HoldOrder, case: &Case, policy: &Policy) -> Plan {
    let mut plan = Plan::default();
    for name in &case.asked.named {
        hold_name(order, name, case, policy, &mut plan);
    }
    plan.skips.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    plan
}

fn hold_name(order: &HoldOrder, name: &HostName, case: &Case, policy: &Policy, plan: &mut Plan) {
    let skip = |record_type, why: &Why| Skip::without_row(name, record_type, "", why);
    let Some(zone) = policy.zones.longest_match(name) else {
        let zones = Shortlist::of(policy.zones.iter().map(Zone::name));
        plan.skips.push(skip(RecordType::A, &Why::NoZone { name: name.to_string(), zones }));
        return;
    };
    let mut absent = 0;
    for record_type in TYPES {
        let id = RecordId { zone: zone.id.clone(), name: name.clone(), record_type };
        let why = match case.known.set(&id) {
            None => {
                plan.needs.sets.insert(id);
                Why::Blind { cause: Blindness::NotAsked { name: name.to_string() } }
            }
            Some(Answer::Unavailable(because)) => unread(&id, because),
            Some(Answer::Known(Read { set: None, .. })) => {
                absent += 1;
                continue;
            }
            Some(Answer::Known(Read { set: Some(set), .. })) => match hold_set(order, &id, set, policy) {
                Ok(change) => {
                    plan.changes.push(change);
                    continue;
                }
                Err(why) => why,
            },
        };
        plan.skips.push(skip(record_type, &why));
    }
    if absent == TYPES.len() {
        plan.skips.push(skip(RecordType::A, &Why::NothingToHold { name: name.to_string() }));
    }
}

/// The types of sets that carry our mark.
const TYPES: [RecordType; 2] = [RecordType::A, RecordType::Aaaa];

/// The same for one set of which a newer read is known.
pub(super) fn reread(
    order: &HoldOrder,
    id: &RecordId,
    read: &Answer<Read>,
    policy: &Policy,
) -> Result<Change, Why> {
    match read {
        Answer::Unavailable(because) => Err(unread(id, because)),
        Answer::Known(Read { set: None, .. }) => Err(Why::NothingToHold { name: id.name.to_string() }),
        Answer::Known(Read { set: Some(set), .. }) => hold_set(order, id, set, policy),
    }
}

fn unread(id: &RecordId, because: &str) -> Why {
    let wanted = Wanted::Set { name: id.name.to_string(), record_type: id.record_type };
    Why::Blind { cause: Blindness::Unavailable { wanted, because: because.to_owned() } }
}

/// The change of one set, or why there is none.
fn hold_set(order: &HoldOrder, id: &RecordId, set: &RecordSet, policy: &Policy) -> Result<Change, Why> {
    let name = || id.name.to_string();
    let refused = |owned| Why::NotOwned { name: name(), owned };
    if let Some(target) = &set.alias {
        let target = words::resource(target);
        return Err(Why::Alias { name: name(), record_type: id.record_type, target });
    }
    let mark = set.mark().ok_or_else(|| refused(NotOwned::Unmarked))?;
    if let Some(owned) = ownership::foreign(&mark, policy) {
        return Err(refused(owned));
    }
    // A mark that can be followed names a machine.
    let machine = ResourceId::parse(&mark.machine).map_err(|_| refused(NotOwned::IncompleteMark))?;
    if !set.is_guarded() {
        let cause = Blindness::NoEtag { name: name(), record_type: id.record_type };
        return Err(Why::Blind { cause });
    }
    let cause = match (order, mark.hold) {
        // One that somebody set by hand is no reason for an older release to leave the set alone.
        (HoldOrder::Hold(wanted), Some(hold))
            if mark.version == Mark::HELD && (hold.until, &hold.why) == (wanted.until, &wanted.why) =>
        {
            return Err(Why::HeldAlready { name: name(), hold });
        }
        (HoldOrder::Hold(wanted), _) => Cause::Held(wanted.clone()),
        (HoldOrder::Unhold, None) => return Err(Why::NotHeld { name: name() }),
        (HoldOrder::Unhold, Some(_)) => Cause::Unheld,
    };
    let after = After { addresses: set.addresses.clone(), ttl: set.ttl, machine };
    Ok(Change { id: id.clone(), before: Some(set.clone()), after, cause })
}
