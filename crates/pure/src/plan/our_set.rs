//! A live set that carries our mark, as everything that a person orders by hand wants it.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::Timestamp;

use crate::domain::{Hold, Mark, RecordId, RecordSet, ResourceId};

use super::blindness::Blindness;
use super::cause::Cause;
use super::change::{After, Change};
use super::order::OrderKind;
use super::ownership;
use super::policy::Policy;
use super::why::{NotOwned, PrivateSide, Why};
use super::words;

/// A live set that carries our mark, and can be written under a condition.
pub(super) struct OurSet<'a> {
    pub(super) id: &'a RecordId,
    pub(super) set: &'a RecordSet,
    pub(super) mark: Mark,
    /// The machine that the mark names.
    pub(super) machine: ResourceId,
}

impl<'a> OurSet<'a> {
    /// The set, or why it may not be written.
    pub(super) fn of(
        id: &'a RecordId,
        set: &'a RecordSet,
        policy: &Policy,
        order: OrderKind,
    ) -> Result<Self, Why> {
        Self::unless(id, set, order, |mark| ownership::foreign(mark, policy))
    }

    /// The same, and a set that was released as well: the mark no longer says by which installation, and it is nobody's
    /// until somebody takes it up, so whoever names it may take the last of the mark away, or the set itself.
    pub(super) fn of_or_released(
        id: &'a RecordId,
        set: &'a RecordSet,
        policy: &Policy,
        order: OrderKind,
    ) -> Result<Self, Why> {
        let is_left = |owned: &NotOwned| !matches!(owned, NotOwned::Released { .. });
        Self::unless(id, set, order, |mark| ownership::foreign(mark, policy).filter(is_left))
    }

    /// The set, unless its mark is of somebody else.
    fn unless(
        id: &'a RecordId,
        set: &'a RecordSet,
        order: OrderKind,
        foreign: impl Fn(&Mark) -> Option<NotOwned>,
    ) -> Result<Self, Why> {
        let name = || id.name.to_string();
        let refused = |owned| Why::NotOwned { name: name(), owned };
        if let Some(target) = &set.alias {
            let target = words::resource(target);
            return Err(Why::Alias { name: name(), record_type: id.record_type, target });
        }
        if set.auto_registered {
            let side = PrivateSide::Registered { name: name(), record_type: id.record_type };
            return Err(Why::PrivateSide(Box::new(side)));
        }
        let mark = set.mark().ok_or_else(|| refused(NotOwned::Unmarked { order }))?;
        if let Some(owned) = foreign(&mark) {
            return Err(refused(match owned {
                // Whoever orders it names a set, be it claimed or not.
                NotOwned::Released { .. } => NotOwned::Released { is_ordered: true },
                other => other,
            }));
        }
        // A mark that can be followed names a machine.
        let machine = ResourceId::parse(&mark.machine).map_err(|_| refused(NotOwned::IncompleteMark))?;
        if !set.is_guarded() {
            let cause = Blindness::NoEtag { name: name(), record_type: id.record_type };
            return Err(Why::Blind { cause });
        }
        Ok(Self { id, set, mark, machine })
    }

    /// What it is called.
    pub(super) fn name(&self) -> String {
        self.id.name.to_string()
    }

    /// What a person holds it by now.
    pub(super) fn standing_hold(&self, now: Timestamp) -> Option<&Hold> {
        self.mark.hold.as_ref().filter(|hold| hold.stands(now))
    }

    /// Makes sure that nobody holds it: what a person holds, no other deletes or gives up, for only the end of the hold opens it.
    pub(super) fn is_free(&self, now: Timestamp) -> Result<(), Why> {
        match self.standing_hold(now) {
            Some(hold) => {
                // Of a set that was released nobody lets go by a command: its mark does not say whose it was.
                let marked = !self.mark.is_released();
                Err(Why::OnHold { name: self.name(), hold: hold.clone(), marked })
            }
            None => Ok(()),
        }
    }

    /// The same for whoever puts it back: what another rollback holds may go back further, for that hold is no more than its own
    /// part of it. A hold that is written since takes its place in the mark.
    pub(super) fn is_free_to_go_back(&self, now: Timestamp) -> Result<(), Why> {
        if self.mark.is_rollback() { Ok(()) } else { self.is_free(now) }
    }

    /// The write that leaves these addresses in it.
    pub(super) fn change(&self, addresses: BTreeSet<IpAddr>, cause: Cause) -> Change {
        let after = After { addresses, ttl: self.set.ttl, machine: self.machine.clone() };
        Change { id: self.id.clone(), before: Some(self.set.clone()), after, cause }
    }
}
