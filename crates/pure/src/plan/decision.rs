//! What a plan says: changes, skips, brakes, and what must be known before it is final.

use std::collections::BTreeSet;

use crate::domain::{HostName, NameSet, RecordId, ZoneId};

use super::approval::Met;
use super::brake_kind::{Brake, BrakeKind};
use super::change::Change;
use super::need::Needs;
use super::skip::Skip;

/// What is to be done, what is not and why, all sorted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The record sets to write, by name, type and zone.
    pub changes: Vec<Change>,
    /// The rows that change nothing, by name, type and machine.
    pub skips: Vec<Skip>,
    /// The brakes that tripped.
    pub brakes: Vec<Brake>,
    /// Zones whose brake `surge` tripped and that have moves left: the oldest of them goes first.
    pub led: BTreeSet<ZoneId>,
    /// Record sets of named names that are right, in the log and live.
    pub in_sync: BTreeSet<RecordId>,
    /// What an approval met.
    pub met: Met,
    /// What must be known first; the skips that rest on it are provisional. Ask it, learn it, and plan again.
    pub needs: Needs,
}

impl Plan {
    /// Takes in what was decided besides: the brakes of both are one.
    pub fn absorb(&mut self, other: Self) {
        self.changes.extend(other.changes);
        self.skips.extend(other.skips);
        for brake in other.brakes {
            let same = |known: &&mut Brake| {
                (known.brake, &known.zone, known.about) == (brake.brake, &brake.zone, brake.about)
            };
            match self.brakes.iter_mut().find(same) {
                Some(known) => known.names.extend(brake.names),
                None => self.brakes.push(brake),
            }
        }
        self.led.extend(other.led);
        self.in_sync.extend(other.in_sync);
        self.needs.extend(other.needs);
        self.met.digests.extend(other.met.digests);
        self.met.gone.extend(other.met.gone);
        self.met.other.extend(other.met.other);
    }

    /// Leaves only what concerns these names, on the sides on which they are meant.
    ///
    /// A plan is made of all rows and narrowed afterwards, for with fewer rows brakes would see less.
    pub fn narrow(&mut self, names: &NameSet) {
        self.changes.retain(|change| names.holds(&change.id));
        self.in_sync.retain(|id| names.holds(id));
        self.skips.retain(|skip| names.is_about(&skip.name, skip.zone.as_ref()));
        self.needs.sets.retain(|id| names.holds(id));
        self.needs.names.retain(|name| names.contains(name.as_str()));
        self.needs.evidence.retain(|id, _| names.holds(id));
        let lies_there = |name: &HostName, zone: &ZoneId| name.is_at_or_below(zone.zone_name());
        self.needs
            .cuts
            .retain(|zone| names.iter().any(|name| lies_there(name, zone) && !names.leaves_out(zone, name)));
        self.brakes.retain_mut(|brake| {
            let held = !brake.names.is_empty();
            brake.names.retain(|name| names.is_about(name, brake.zone.as_ref()));
            // Of a plan for some names not all is known that it holds.
            brake.digest = None;
            brake.besides.clear();
            !held || !brake.names.is_empty() || brake.brake == BrakeKind::Blind
        });
    }
}
