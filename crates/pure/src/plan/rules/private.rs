//! The rules that only rows of private zones are asked: whether one of the listed addresses may stand there, whose it is besides, and
//! whether Azure keeps the name itself.

use std::collections::BTreeSet;

use crate::domain::{MachineKind, ResourceId};
use crate::plan::answer::Answer;
use crate::plan::blindness::Wanted;
use crate::plan::choice::Choice;
use crate::plan::need::{Needs, Read};
use crate::plan::reason::Reason;
use crate::plan::said::{Said, known};
use crate::plan::subject::{Place, Subject};
use crate::plan::why::{PrivateSide, Why};
use crate::plan::words::{self, Shortlist};

fn yes(side: PrivateSide) -> Said {
    Said::Yes(Why::PrivateSide(Box::new(side)))
}

/// What the choice was refused for, if it has this code.
pub(super) fn refused(subject: &Subject<'_>, reason: Reason) -> Said {
    match &subject.choice {
        Some(Choice::Refused(side)) if side.reason() == reason => Said::Yes(Why::PrivateSide(side.clone())),
        _ => Said::No,
    }
}

pub(super) fn outside(subject: &Subject<'_>) -> Said {
    refused(subject, Reason::AddressOutside)
}

/// Of several addresses the one that stands is kept: for whoever asks for the name it is read first.
pub(super) fn ambiguous(subject: &Subject<'_>) -> Said {
    let said = refused(subject, Reason::AddressAmbiguous);
    let id = subject.site().filter(|_| said != Said::No && subject.is_asked_for());
    match id.filter(|id| subject.read(id).is_none()) {
        Some(id) => Said::Needs(Box::new(Needs { sets: [id].into(), ..Needs::default() })),
        None => said,
    }
}

/// A private address says nothing of whose it is, so that of two machines which list one of them no name follows. A set that
/// is right already is left alone: whoever asks reads it first. Rows that would move are asked by the `Court`.
pub(super) fn shared(subject: &Subject<'_>) -> Said {
    let (true, Some(address), Some(id)) = (subject.is_private(), subject.address, subject.site()) else {
        return Said::No;
    };
    let Some(Answer::Known(_)) = subject.read(&id) else { return Said::No };
    if subject.says() == subject.present() {
        return Said::No;
    }
    let answer = subject.case.known.privately().listers(address);
    if answer.is_none() && !subject.is_asked_for() {
        return Said::No;
    }
    match known(answer, Wanted::Listers { address }, || subject.unproved()) {
        Ok(listers) => match others(listers, subject.machine.as_slice()) {
            Some(others) => yes(PrivateSide::Shared { machine: subject.machine_text(), address, others }),
            None => Said::No,
        },
        Err(said) => said,
    }
}

/// The machines that list an address besides these; none where there are none.
fn others(listers: &BTreeSet<ResourceId>, own: &[ResourceId]) -> Option<Shortlist> {
    let others: Vec<_> = listers.iter().filter(|machine| !own.contains(machine)).collect();
    (!others.is_empty()).then(|| Shortlist::of(others.iter().map(|machine| words::machine(machine.as_str()))))
}

/// A virtual machine lists what its guest says; its network interfaces are what Azure gave it.
pub(super) fn not_attached(subject: &Subject<'_>) -> Said {
    let Some((machine, address)) = subject.attached() else { return Said::No };
    let answer = subject.case.known.privately().interfaces(machine);
    if answer.is_none() && !subject.is_asked_for() {
        return Said::No;
    }
    match known(answer, Wanted::Interfaces { machine: machine.to_string() }, || subject.unproved()) {
        Ok(own) if own.contains(&address) => Said::No,
        Ok(own) => {
            let own = own.iter().map(ToString::to_string).collect();
            yes(PrivateSide::NotAttached { machine: machine.to_string(), address, own })
        }
        Err(said) => said,
    }
}

/// A write of ours would win over a registration without a word, and hide what the virtual machine says of itself (contract
/// private-zones, section 3).
pub(super) fn registered(place: &Place<'_>, read: &Read) -> Option<Why> {
    let (name, record_type) = (place.id.name.to_string(), place.id.record_type);
    let set = read.set.as_ref().filter(|set| set.auto_registered);
    set.map(|_| Why::PrivateSide(Box::new(PrivateSide::Registered { name, record_type })))
}

/// Where there is no set yet of a virtual machine, Azure may make it a minute later.
pub(super) fn registers(subject: &Subject<'_>, place: &Place<'_>, read: &Read) -> Said {
    let is_virtual = subject.machine.as_ref().and_then(MachineKind::of) == Some(MachineKind::Virtual);
    if !subject.is_private() || read.set.is_some() || !is_virtual {
        return Said::No;
    }
    let zone = &place.id.zone;
    let needs = || {
        let mut needs = Needs::default();
        needs.privately.registering.insert(zone.clone());
        needs
    };
    let wanted = Wanted::Links { zone: zone.zone_name().to_string() };
    match known(subject.case.known.privately().registering(zone), wanted, needs) {
        Ok(networks) if networks.is_empty() => Said::No,
        Ok(networks) => yes(PrivateSide::Registers {
            name: place.id.name.to_string(),
            record_type: place.id.record_type,
            zone: zone.zone_name().to_string(),
            networks: Shortlist::of(networks.iter().map(ResourceId::name)),
        }),
        Err(said) => said,
    }
}
