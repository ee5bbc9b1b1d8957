//! What deciding costs: a whole plan, and a second look at one record set after a refused write.

use divan::Bencher;
use divan::counter::ItemsCount;
use pure::plan::{Answer, Change, Docket, Read, plan};

#[path = "../tests/it/world.rs"]
#[expect(dead_code, clippy::unwrap_used, reason = "it is the world of the tests, which use more of it")]
mod world;

use world::World;

/// Machines of a fleet, each of which moves.
const FLEETS: [usize; 3] = [100, 1_000, 10_000];
/// Conflicts that are looked at again.
const CONFLICTS: usize = 100;

#[expect(clippy::disallowed_macros, reason = "a benchmark prints its limits")]
fn main() {
    println!(
        "limits, per item: whole_plan at most 20 us; second_look in a fleet of 10,000 at most 2 x that of 100"
    );
    divan::main();
}

/// A fleet of which each machine has moved.
fn fleet(machines: usize) -> World {
    (0..machines).fold(World::new().allow(&["*"]), |world, index| {
        let (who, host) = (format!("m{index}"), format!("m{index}.example.com"));
        let reported = format!("20.{}.{}.{}", index >> 16 & 255, index >> 8 & 255, index & 255);
        world.claims(&who, &host, &reported).keeps(&who, &host, &["203.0.113.1"])
    })
}

#[divan::bench(args = FLEETS)]
fn whole_plan(bencher: Bencher<'_, '_>, machines: usize) {
    let world = fleet(machines);
    bencher
        .counter(ItemsCount::new(machines))
        .bench(|| plan(divan::black_box(&world.case), &world.policy, world.now));
}

#[divan::bench(args = FLEETS)]
fn second_look(bencher: Bencher<'_, '_>, machines: usize) {
    let world = fleet(machines);
    let docket = Docket::of(&world.case, &world.policy, world.now);
    let looked: Vec<(Change, Answer<Read>)> = changes(&world)
        .into_iter()
        .take(CONFLICTS)
        .map(|change| {
            let read = Read { set: change.before.clone(), is_cname: false };
            (change, Answer::Known(read))
        })
        .collect();
    assert_eq!(looked.len(), CONFLICTS);
    bencher.counter(ItemsCount::new(CONFLICTS)).bench(|| {
        for (change, read) in &looked {
            divan::black_box(docket.again(change, read, world.now));
        }
    });
}

/// What the plan would write, whether or not a brake holds it: the fleet moves as a whole.
fn changes(world: &World) -> Vec<Change> {
    let mut policy = world.policy.clone();
    policy.max_move_percent = 100;
    plan(&world.case, &policy, world.now).changes
}
