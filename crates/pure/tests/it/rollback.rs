//! Which change a rollback undoes, and whose word it takes for that.

use std::collections::BTreeMap;

use jiff::Timestamp;
use pure::domain::{Hold, Mark, Until};
use pure::plan::{ByHand, Footing, HoldOrder, PastChange, Plan, Point, Reason, Rollback};

use super::world::{OWNER, World, addresses, key, mark, minutes, name};

const HOST: &str = "nas.example.com";
const PRESENT: &str = "198.51.100.10";
const BEFORE: &str = "198.51.100.7";
/// Where somebody who forges rows wants the name to point.
const EVIL: &str = "203.0.113.66";

/// A set whose last write, an hour ago, left the addresses as they were: an adoption, or a hold of a set that was moved before,
/// which is over.
fn written_without_a_move(is_held: bool) -> World {
    let world = World::new().stands(HOST, &[PRESENT]);
    let over = Until::Time(world.now - minutes(1));
    let hold = Hold { until: over, why: String::new(), by: String::new() };
    let mark = Mark {
        time: Some(world.now - minutes(60)),
        previous: addresses(&[if is_held { BEFORE } else { PRESENT }]),
        hold: is_held.then_some(hold),
        ..mark(if is_held { Mark::HELD } else { Mark::VERSION }, OWNER, "nas")
    };
    world.set(&key(HOST), |set| mark.write_into(&mut set.metadata))
}

fn told(run: &str, time: Timestamp, from: &str) -> PastChange {
    let (from, to) = (addresses(&[from]), addresses(&[PRESENT]));
    PastChange { from, to, time, run: run.to_owned(), footing: Footing::Unknown }
}

/// The plan of a rollback for which the log tells these changes, the newest first.
fn undone(world: &World, point: Point, told: Vec<PastChange>) -> Plan {
    let mut world = world.clone();
    world.case.asked.named = [name(HOST)].into();
    let hold = HoldOrder { until: None, why: None, by: String::new() };
    let told = BTreeMap::from([(key(HOST), told)]);
    let order = ByHand::Rollback(Box::new(Rollback { point, told, hold, deletes: None }));
    let looks = |world: &World| pure::plan::ordered(&order, &world.case, &world.policy, world.now);
    let first = looks(&world);
    for (id, asked) in first.needs.evidence {
        let evidence = pure::plan::Evidence { asked, ..pure::plan::Evidence::default() };
        world.case.known.learn_evidence(id, pure::plan::Answer::Known(evidence));
    }
    looks(&world.absent(&super::world::id(HOST, pure::domain::RecordType::Aaaa)))
}

/// The mark is of the newest write, and says of it that it moved nothing: a row that calls itself newer, or that write's own, is
/// nobody's.
#[test]
fn a_row_that_the_mark_gives_the_lie_is_not_undone() {
    for is_held in [false, true] {
        let world = written_without_a_move(is_held);
        let written = world.now - minutes(60);
        let points = || [Point::Last, Point::Run("told".to_owned()), Point::Since(world.now - minutes(120))];
        for point in points() {
            let forged = [told("told", written + minutes(1), EVIL), told("run-0", written, EVIL)];
            for row in forged {
                let plan = undone(&world, point.clone(), vec![row.clone()]);
                // What stood there before a hold is the mark's own word, whatever the log says.
                let vouched = addresses(&[BEFORE]);
                let is_right = plan.changes.iter().all(|change| *change.to() == vouched);
                assert!(is_right && (is_held || plan.changes.is_empty()), "{point:?} {row:?}: {plan:?}");
                if plan.changes.is_empty() {
                    assert_eq!(plan.skips[0].reason, Reason::AlreadyRight, "{point:?} {row:?}");
                }
            }
        }
        // A row of before the mark is: its address waits for somebody who reads it, or the mark vouches for it.
        for point in points() {
            let honest = vec![told("told", written - minutes(1), BEFORE)];
            let plan = undone(&world, point.clone(), honest);
            assert_eq!(plan.changes.len(), 1, "{point:?}: {plan:?}");
            assert_eq!(*plan.changes[0].to(), addresses(&[BEFORE]));
        }
    }
}

/// What a person holds only the end of the hold opens; what a rollback holds may go back further.
#[test]
fn what_somebody_holds_is_put_back_by_no_other() {
    let points = |run: &str| {
        [Point::Last, Point::Run(run.to_owned()), Point::Since("2020-01-01T00:00:00Z".parse().unwrap())]
    };
    let hold = Hold { until: Until::Forever, why: "incident 7".to_owned(), by: "ben".to_owned() };
    // By a command, which leaves the run of the move to the log; in the portal; by a rollback.
    for (version, undoes, moved_by, may_go) in [
        (Mark::HELD, "", "told", false),
        (Mark::VERSION, "", "run-0", false),
        (Mark::HELD, "run-1", "run-0", true),
    ] {
        let mut world = World::new().stands(HOST, &[PRESENT]);
        let written = world.now - minutes(60);
        let mark = Mark {
            time: Some(written),
            previous: addresses(&[BEFORE]),
            hold: Some(hold.clone()),
            undoes: undoes.to_owned(),
            ..mark(version, OWNER, "nas")
        };
        world = world.set(&key(HOST), |set| mark.write_into(&mut set.metadata));
        for point in points(moved_by) {
            // Of a rollback only its own run's id is undone, or all since a time.
            let is_due = may_go && point != Point::Last;
            let rows = vec![told(moved_by, written, BEFORE)];
            let plan = undone(&world, point.clone(), rows);
            assert_eq!(plan.changes.len(), usize::from(is_due), "{version} {undoes} {point:?}: {plan:?}");
            if !may_go {
                let skip = &plan.skips[0];
                assert_eq!(skip.reason, Reason::Held, "{version} {point:?}: {plan:?}");
                let because = skip.because.to_string();
                for part in
                    ["\"ben\"", "\"incident 7\"", "until somebody lets it go", "unhold nas.example.com"]
                {
                    assert!(because.contains(part), "{part}: {because}");
                }
            }
        }
    }
}
