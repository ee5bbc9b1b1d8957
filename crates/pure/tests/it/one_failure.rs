//! Each question that a world holds an answer to, and the same world in which one was not answered.

use std::collections::BTreeSet;

use proptest::sample::Index;
use pure::domain::{HostName, MismatchRow, RecordId, RecordType, ResourceId, ZoneId, parse_address};
use pure::plan::{Answer, Known, Live, Proposal, Read};

use super::any_world::MACHINES;
use super::world::{World, machine, zone};

/// What a service says that does not answer.
pub(super) fn failed<T>() -> Answer<T> {
    Answer::Unavailable("504 GatewayTimeout".to_owned())
}

/// One question.
#[derive(Clone, Debug)]
pub(super) enum Question {
    Tag(ResourceId),
    Set(RecordId),
    Cuts(ZoneId),
    Evidence(RecordId),
    Claimants(HostName),
}

impl Question {
    /// All questions that a world holds an answer to.
    pub(super) fn all(world: &World) -> Vec<Self> {
        let known = &world.case.known;
        let ids = places(world);
        let machines = MACHINES.map(machine).into_iter().filter(|machine| known.tag(machine).is_some());
        let mut questions: Vec<Self> = machines.map(Self::Tag).collect();
        questions.extend(ids.iter().filter(|id| known.set(id).is_some()).cloned().map(Self::Set));
        questions.extend(ids.iter().filter(|id| known.evidence(id).is_some()).cloned().map(Self::Evidence));
        let names: BTreeSet<_> = ids.into_iter().map(|id| id.name).collect();
        questions
            .extend(names.into_iter().filter(|name| known.claimants(name).is_some()).map(Self::Claimants));
        let zones = ["example.com", "example.org"].map(zone);
        questions.extend(zones.into_iter().filter(|zone| known.cuts(zone).is_some()).map(Self::Cuts));
        questions
    }

    pub(super) fn fail(&self, known: &mut Known) {
        match self {
            Self::Tag(machine) => known.learn_tag(machine, failed()),
            Self::Set(id) => known.learn_set(id.clone(), failed()),
            Self::Cuts(zone) => known.learn_cuts(zone.clone(), failed()),
            Self::Evidence(id) => known.learn_evidence(id.clone(), failed()),
            Self::Claimants(name) => known.learn_claimants(name.clone(), failed()),
        }
    }

    /// The record sets whose rows rest on it.
    pub(super) fn touches(&self, world: &World) -> BTreeSet<RecordId> {
        match self {
            Self::Set(id) | Self::Evidence(id) => [id.clone()].into(),
            Self::Claimants(name) => places(world).into_iter().filter(|id| id.name == *name).collect(),
            Self::Cuts(zone) => places(world).into_iter().filter(|id| id.zone == *zone).collect(),
            Self::Tag(machine) => {
                let is_its = |id: &RecordId| {
                    let read = world.case.known.set(id).and_then(|read| read.known());
                    let mark = read.and_then(|read| read.set.as_ref()?.mark());
                    let rows = || world.case.rows.iter().filter(|row| place(world, row).as_ref() == Some(id));
                    mark.is_some_and(|mark| mark.machine == machine.lower())
                        || rows().any(|row| row.resource_id.to_lowercase() == machine.lower())
                };
                places(world).into_iter().filter(is_its).collect()
            }
        }
    }
}

fn place(world: &World, row: &MismatchRow) -> Option<RecordId> {
    let placed = world.policy.place(Proposal::of(&row.host_name, None)).ok()?;
    let address = parse_address(&row.computer_ip);
    let record_type = address.map_or(row.record_type, RecordType::of);
    Some(RecordId { zone: placed.zone.id.clone(), name: placed.name, record_type })
}

fn places(world: &World) -> BTreeSet<RecordId> {
    world.case.rows.iter().filter_map(|row| place(world, row)).collect()
}

impl Question {
    /// The record sets of machines that cannot be read: whether they are gone or a right was lost, all tags tell together.
    pub(super) fn weighs_with(&self, world: &World) -> BTreeSet<RecordId> {
        let Self::Tag(_) = self else { return BTreeSet::new() };
        let unreadable = |row: &&MismatchRow| {
            let machine = ResourceId::parse(&row.resource_id).ok();
            let live = machine.and_then(|machine| world.case.known.tag(&machine)?.known());
            matches!(live, Some(Live::Unreadable))
        };
        world.case.rows.iter().filter(unreadable).filter_map(|row| place(world, row)).collect()
    }

    /// By how many addresses the set has grown since the log, where this is its read: one that cannot be read counts for as
    /// many as the log knows, and for one at least.
    pub(super) fn hidden_growth(&self, world: &World) -> usize {
        let Self::Set(id) = self else { return 0 };
        let Some(Answer::Known(Read { set: Some(set), .. })) = world.case.known.set(id) else { return 0 };
        let rows = world.case.rows.iter().filter(|row| place(world, row).as_ref() == Some(id));
        let logged = rows.map(|row| row.dns_ip.split(',').filter_map(parse_address).count());
        set.addresses.len().saturating_sub(logged.max().unwrap_or_default().max(1))
    }
}

/// One question of a world, and the same world in which it was not answered.
pub(super) fn with_one_failure(world: &World, which: Index) -> Option<(Question, World)> {
    let questions = Question::all(world);
    let question = questions.get(which.index(questions.len().max(1)))?.clone();
    let mut other = world.clone();
    question.fail(&mut other.case.known);
    Some((question, other))
}
