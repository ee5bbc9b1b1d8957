//! The rules that are asked live: the machine's tag, the zone's cuts, the record set itself.

use std::collections::BTreeSet;

use super::private;
use crate::domain::{LoggedClaim, RecordId, ResourceId, ZoneKind, split_tag};
use crate::plan::answer::Answer;
use crate::plan::blindness::{Blindness, Wanted};
use crate::plan::need::{Live, Needs, Read};
use crate::plan::reason::Reason;
use crate::plan::subject::{Place, Subject};
use crate::plan::tag_name::tag_names;
use crate::plan::why::{TagGone, Why};
use crate::plan::words;

use crate::plan::said::{Said, known};

/// All that a row needs, asked at once, for each would cost a way to Azure and back: its tag and that of the machine
/// that the log knows the set to be marked for, the cuts of its zone, and its record set.
pub(super) fn all(subject: &Subject<'_>, id: &RecordId) -> Needs {
    let known = &subject.case.known;
    let mut needs = Needs::default();
    // Of a claim of before the tag alone is asked first: mostly it ends it.
    if subject.row.claimed == LoggedClaim::Before
        && let Some(machine) = subject.machine.as_ref().filter(|machine| known.tag(machine).is_none())
    {
        needs.machines.insert(machine.clone());
        return needs;
    }
    let logged_owner = ResourceId::parse(&subject.row.owner).ok();
    let machines = subject.machine.clone().into_iter().chain(logged_owner);
    needs.machines.extend(machines.filter(|machine| known.tag(machine).is_none()));
    // A private zone hands nothing over.
    if id.zone.kind() == ZoneKind::Public && known.cuts(&id.zone).is_none() {
        needs.cuts.insert(id.zone.clone());
    }
    if known.set(id).is_none() {
        needs.sets.insert(id.clone());
    }
    needs
}

/// What a live read told the log of this very claim and that the claim itself does not end. Until the next sweep it is
/// not asked again, unless somebody asks for the name, or what is known by now says otherwise: then nothing answers for the
/// questions that were spared.
pub(super) fn logged(subject: &Subject<'_>) -> Option<Reason> {
    let id = &subject.placed.as_ref().ok()?.id;
    let refusal = subject.case.history.refused.get(id)?;
    let is_given = refusal.is_given_to(subject.machine.as_ref()?, subject.address?);
    let is_named = subject.case.asked.named.holds(id);
    let mut standing = [Reason::Delegated, Reason::CnameExists, Reason::NotOwned].into_iter();
    let reason = standing.find(|reason| reason.as_str() == refusal.refused.code())?;
    let known = &subject.case.known;
    let is_over = match reason {
        Reason::Delegated => {
            let is_asked = known.cuts(&id.zone).and_then(Answer::known).is_some();
            is_asked && known.cut_above(&id.zone, &id.name).is_none()
        }
        Reason::CnameExists => subject.read(id).and_then(Answer::known).is_some_and(|read| !read.is_cname),
        _ => subject
            .read(id)
            .and_then(Answer::known)
            .is_some_and(|read| read.set.as_ref().is_none_or(|set| set.etag != refusal.etag)),
    };
    (is_given && !is_named && !is_over).then_some(reason)
}

/// What could not be said: a question is not asked where the log has the answer to a later rule.
fn unsaid(subject: &Subject<'_>, said: Said) -> Said {
    match said {
        Said::Needs(_) if logged(subject).is_some() => Said::No,
        said => said,
    }
}

pub(super) fn tag_gone(subject: &Subject<'_>) -> Said {
    let Some(id) = subject.site() else { return Said::No };
    let gone =
        |machine: String, gone: TagGone| Said::Yes(Why::TagGone { name: id.name.to_string(), machine, gone });
    let Some(machine) = &subject.machine else {
        return gone(subject.row.resource_id.clone(), TagGone::NoId);
    };
    let wanted = Wanted::Tag { machine: machine.to_string() };
    match known(subject.case.known.tag(machine), wanted, || all(subject, &id)) {
        Ok(Live::Tagged(names)) if tag_names(names, &id.name) => match &subject.placed {
            Err(Why::Undecided(undecided)) => Said::Blind(undecided.cause()),
            _ => Said::No,
        },
        Ok(Live::Tagged(names)) => {
            let other = subject.case.known.other_tag(machine).filter(|_| names.is_empty());
            if let Some((key, value)) = other
                && tag_names(std::slice::from_ref(value), &id.name)
            {
                return gone(machine.to_string(), TagGone::Elsewhere { key: key.clone() });
            }
            let names: BTreeSet<String> =
                names.iter().flat_map(|value| split_tag(value)).map(words::quote).collect();
            gone(machine.to_string(), TagGone::Says { names: names.into_iter().collect() })
        }
        Ok(Live::Gone) => gone(machine.to_string(), TagGone::Deleted),
        Ok(Live::Unreadable) => match subject.vanished.doubt(machine) {
            Some(cause) => Said::Blind(cause.clone()),
            None => gone(machine.to_string(), TagGone::Unreadable),
        },
        // What the log tells of the set says nothing of a claim that the log takes back.
        Err(said) if subject.row.claimed == LoggedClaim::Before => said,
        Err(said) => unsaid(subject, said),
    }
}

pub(super) fn delegated(subject: &Subject<'_>) -> Said {
    let Ok(place) = &subject.placed else { return Said::No };
    if subject.is_private() {
        return Said::No;
    }
    let (zone, name) = (&place.id.zone, &place.id.name);
    let wanted = Wanted::Cuts { zone: zone.zone_name().to_string() };
    match known(subject.case.known.cuts(zone), wanted, || all(subject, &place.id)) {
        Ok(_) => match subject.case.known.cut_above(zone, name) {
            Some(cut) => Said::Yes(Why::Delegated { name: name.to_string(), cut: Some(cut.to_string()) }),
            None => Said::No,
        },
        Err(Said::Needs(_)) if logged(subject) == Some(Reason::Delegated) => {
            Said::Yes(Why::Delegated { name: name.to_string(), cut: None })
        }
        Err(said) => unsaid(subject, said),
    }
}

/// The live record set of a row, once it is known.
fn read<'a>(subject: &'a Subject<'_>, place: &Place<'_>) -> Result<&'a Read, Said> {
    let (name, record_type) = (place.id.name.to_string(), place.id.record_type);
    let wanted = Wanted::Set { name: name.clone(), record_type };
    let read = known(subject.read(&place.id), wanted, || all(subject, &place.id))?;
    // Without an entity tag the write could carry no condition.
    if read.set.as_ref().is_some_and(|set| !set.is_guarded()) {
        return Err(Said::Blind(Blindness::NoEtag { name, record_type }));
    }
    Ok(read)
}

/// The question of a rule on the live record set.
fn of_read(subject: &Subject<'_>, question: impl FnOnce(&Place<'_>, &Read) -> Option<Why>) -> Said {
    let Ok(place) = &subject.placed else { return Said::No };
    match read(subject, place) {
        Ok(read) => question(place, read).map_or(Said::No, Said::Yes),
        // Whose a set is says its mark: the set itself is read all the same.
        Err(Said::Needs(_)) if logged(subject) == Some(Reason::NotOwned) => {
            Said::Needs(Box::new(Needs { sets: [place.id.clone()].into(), ..Needs::default() }))
        }
        Err(said) => unsaid(subject, said),
    }
}

pub(super) fn alias(subject: &Subject<'_>) -> Said {
    of_read(subject, |place, read| {
        let target = words::resource(read.set.as_ref()?.alias.as_ref()?);
        let (name, record_type) = (place.id.name.to_string(), place.id.record_type);
        Some(Why::Alias { name, record_type, target })
    })
}

pub(super) fn auto_registered(subject: &Subject<'_>) -> Said {
    let said = of_read(subject, private::registered);
    match (&subject.placed, said) {
        (Ok(place), Said::No) => match read(subject, place) {
            Ok(read) => private::registers(subject, place, read),
            Err(_) => Said::No,
        },
        (_, said) => said,
    }
}

pub(super) fn empty_set(subject: &Subject<'_>) -> Said {
    of_read(subject, |place, read| {
        let set = read.set.as_ref()?;
        let foreign = set.addresses.is_empty() && set.mark_of(&subject.policy.owner).is_none();
        let (name, record_type) = (place.id.name.to_string(), place.id.record_type);
        foreign.then_some(Why::EmptySet { name, record_type })
    })
}

pub(super) fn cname_exists(subject: &Subject<'_>) -> Said {
    let exists = |place: &Place<'_>| {
        let (name, record_type) = (place.id.name.to_string(), place.id.record_type);
        Why::CnameExists { name, record_type }
    };
    if let Ok(place) = &subject.placed
        && subject.read(&place.id).is_none()
        && logged(subject) == Some(Reason::CnameExists)
    {
        return Said::Yes(exists(place));
    }
    of_read(subject, |place, read| (read.set.is_none() && read.is_cname).then(|| exists(place)))
}
