//! A plan that is made as a run makes it: each question that it has is answered as the world stands, until none is left.

use pure::domain::NameSet;
use pure::plan::{Case, Known, Needs, Plan, plan};

use super::world::World;

/// What a call for these names asks, and what it then says.
pub(crate) fn for_names(world: &World, names: &NameSet) -> (Needs, Plan) {
    let (asked, mut said) = ask(world, |needs, case| needs.narrow(names, case, &world.policy, world.now));
    said.narrow(names);
    (asked, said)
}

/// What a call for all names asks, and what it then says.
pub(crate) fn for_all(world: &World) -> (Needs, Plan) {
    ask(world, |_, _| ())
}

fn ask(world: &World, narrow: impl Fn(&mut Needs, &Case)) -> (Needs, Plan) {
    let mut case = world.case.clone();
    case.known = Known::default();
    let mut asked = Needs::default();
    loop {
        let mut said = plan(&case, &world.policy, world.now);
        narrow(&mut said.needs, &case);
        if said.needs.is_empty() {
            return (asked, said);
        }
        let truth = &world.case.known;
        for machine in &said.needs.machines {
            case.known.learn_tag(machine, truth.tag(machine).unwrap().clone());
        }
        for id in &said.needs.sets {
            case.known.learn_set(id.clone(), truth.set(id).unwrap().clone());
        }
        for name in &said.needs.names {
            case.known.learn_claimants(name.clone(), truth.claimants(name).unwrap().clone());
        }
        for zone in &said.needs.cuts {
            case.known.learn_cuts(zone.clone(), truth.cuts(zone).unwrap().clone());
        }
        for zone in &said.needs.present {
            case.known.learn_present(zone.clone(), truth.present(zone).unwrap().clone());
        }
        for address in &said.needs.privately.listers {
            let listers = truth.privately().listers(*address).unwrap().clone();
            case.known.privately_mut().learn_listers(*address, listers);
        }
        asked.extend(said.needs);
    }
}
