//! Markers and rows that somebody else may have sent: what is not believed, and what is handed on to be asked.

use heartbeat_dns::queries::{HISTORY, history};
use serde_json::json;

use super::world::{World, ZONE, before, lower_id};

const MACHINES: [&str; 4] = ["a", "b", "c", "d"];

/// Machines that claim a name each, beat, and have moved.
fn fleet(machines: &[&str]) -> World {
    machines.iter().fold(World::swept(), |world, machine| {
        let host = format!("{machine}.example.com");
        world.tag(machine, &host).record(&host, &["198.51.100.1"]).beats(machine, 1..=5, "203.0.113.7")
    })
}

fn differing(world: &World) -> usize {
    world.mismatch().now().rows.len()
}

/// A row by which the machine claims nothing any more.
fn nameless(world: World, machine: &str) -> World {
    world.tag_with(machine, "", json!({ "TimeGenerated": before(2.0), "ZoneId_s": "" }))
}

#[test]
fn a_marker_that_takes_most_claims_away_takes_none() {
    assert_eq!(differing(&fleet(&MACHINES).tag_marker(1.0)), 4);
    // Two markers are no more than one.
    assert_eq!(differing(&fleet(&MACHINES).tag_marker(2.0).tag_marker(1.0)), 4);
    assert_eq!(differing(&fleet(&MACHINES[..3]).tag_marker(1.0)), 3);
    // The next sweep says the same: then it is so.
    assert_eq!(differing(&fleet(&MACHINES).tag_marker(7.0).tag_marker(1.0)), 0);
    // Of fewer one tag is most of them: the run asks for it.
    assert_eq!(differing(&fleet(&MACHINES[..2]).tag_marker(1.0)), 0);
}

#[test]
fn a_newer_row_takes_no_claim_away_from_the_run() {
    let columns = ["DNSHostName_s", "Claim_s", "Actionable", "Claimants"];
    let later = json!({ "TimeGenerated": before(2.0) });
    let renamed = fleet(&MACHINES[..1]).tag_with("a", "zz.example.com", later.clone());
    let moved = json!(["a.example.com", "before", false, 0]);
    let expected = [moved.clone(), json!(["zz.example.com", "", true, 1])];
    assert_eq!(renamed.mismatch().pick(&columns), expected);
    // Nor do markers that somebody sends along, as far back as is asked.
    let marked = fleet(&MACHINES[..1]).tag_marker(8.0).tag_marker(1.0);
    assert_eq!(marked.mismatch().pick(&columns), [moved]);
    // Where the set holds what the machine says there is nothing to ask.
    let right = renamed.record_with("a.example.com", &["203.0.113.7"], later);
    assert_eq!(right.mismatch().pick(&columns), [json!(["zz.example.com", "", true, 1])]);
}

#[test]
fn who_claims_a_name_by_right_stands_beside_who_claimed_it_before() {
    let columns = ["_ResourceId", "Claim_s", "Actionable"];
    let world = World::swept()
        .tag("a", "cc.example.com")
        .tag_with("a", "zz.example.com", json!({ "TimeGenerated": before(2.0) }))
        .tag("b", "cc.example.com")
        .record("cc.example.com", &["203.0.113.8"])
        .record("zz.example.com", &["203.0.113.7"])
        .beats("a", 1..=5, "203.0.113.7")
        .beats("b", 1..=5, "203.0.113.8");
    let expected = [json!(["~a", "before", false]), json!(["~b", "beside", false])];
    assert_eq!(world.mismatch().pick(&columns), expected);
    // Beside a claim that differs everybody who claimed the name is told.
    let conflict =
        world.record_with("cc.example.com", &["203.0.113.7"], json!({ "TimeGenerated": before(1.0) }));
    let expected = [json!(["~a", "before", false]), json!(["~b", "", true])];
    assert_eq!(conflict.mismatch().pick(&columns), expected);
}

#[test]
fn more_than_half_is_most_whatever_takes_it_away() {
    let two = MACHINES[..2].iter().fold(fleet(&MACHINES), |world, machine| nameless(world, machine));
    assert_eq!(differing(&two), 2);
    assert_eq!(differing(&nameless(two, "c")), 4);
}

#[test]
fn machines_that_do_not_beat_are_not_counted() {
    let silent = |world: World, machine: &str| {
        world.tag(machine, &format!("{machine}.example.com")).beats(machine, 16..=20, "203.0.113.7")
    };
    let world = ["x", "y", "z"].into_iter().fold(fleet(&MACHINES[..2]), silent);
    assert_eq!(differing(&world), 5);
    assert_eq!(differing(&world.tag_marker(1.0)), 0, "two of them beat");
    // Nor are machines that fell silent more than five minutes before the sweep: they may be gone.
    let gone = |minutes: u32| {
        MACHINES.iter().fold(World::swept(), |world, machine| {
            world.tag(machine, &format!("{machine}.example.com")).beats(machine, minutes..=14, "203.0.113.7")
        })
    };
    assert_eq!([6, 7].map(|minutes| differing(&gone(minutes).tag_marker(1.0))), [4, 0]);
}

#[test]
fn without_any_marker_nothing_is_claimed_all_the_same() {
    let world = MACHINES.iter().fold(World::empty().zone_marker(20.0, ZONE), |world, machine| {
        world.tag(machine, &format!("{machine}.example.com")).beats(machine, 1..=5, "203.0.113.7")
    });
    assert_eq!(differing(&world), 0);
}

#[test]
fn what_is_ahead_of_now_does_not_count() {
    assert_eq!(differing(&fleet(&MACHINES[..1]).tag_marker(-0.1)), 1);
    let ahead = json!({ "TimeGenerated": before(-30.0) });
    let nameless = fleet(&MACHINES[..1]).tag_with("a", "", ahead.clone());
    assert_eq!(differing(&nameless), 1);
    let right = fleet(&MACHINES[..1]).record_with("a.example.com", &["203.0.113.7"], ahead.clone());
    assert_eq!(differing(&right), 1);
    assert_eq!(differing(&right.zone_marker(-30.0, ZONE)), 1);
    // It is told, beyond what two clocks may differ by.
    let told = |world: &World| {
        let table = world.run(HISTORY);
        history(&table.columns, &table.rows).said.early
    };
    assert_eq!(told(&fleet(&MACHINES)), None);
    assert_eq!(told(&fleet(&MACHINES).tag_marker(-4.0)), None);
    let early =
        fleet(&MACHINES).tag_marker(-6.0).record_with("a.example.com", &["203.0.113.7"], ahead.clone());
    assert_eq!(told(&early), Some((2, before(-30.0).parse().unwrap())));
    let told_brake = fleet(&MACHINES).change(-20.0, "a.example.com", "r", json!({}));
    assert_eq!(told(&told_brake).map(|(rows, _)| rows), Some(1));
}

#[test]
fn who_claimed_lately_beats_and_claims_nothing_now_is_handed_on() {
    let of = |world: &World| {
        let table = world.run(HISTORY);
        let said = history(&table.columns, &table.rows).said;
        let nobodies: Vec<String> = said.nobodies.iter().map(|id| id.lower().to_owned()).collect();
        (said.claimed, said.nameless, nobodies)
    };
    assert_eq!(of(&fleet(&MACHINES)), (4, 0, vec![]));
    assert_eq!(of(&nameless(fleet(&MACHINES), "b")), (4, 1, vec![lower_id("b")]));
    assert_eq!(of(&fleet(&MACHINES[..2]).tag_marker(1.0)), (2, 2, vec![lower_id("a"), lower_id("b")]));
    // What was claimed before the mismatch looks back was another day's.
    let old = fleet(&MACHINES[..1])
        .tag_with("x", "x.example.com", json!({ "TimeGenerated": before(121.0) }))
        .beats("x", 1..=5, "203.0.113.7");
    assert_eq!(of(&old), (1, 0, vec![]));
    // Another name is a claim.
    let renamed = fleet(&MACHINES).tag_with("a", "new.example.com", json!({ "TimeGenerated": before(2.0) }));
    assert_eq!(of(&renamed), (4, 0, vec![]));
}

#[test]
fn a_set_of_which_no_known_run_speaks_is_handed_on_where_it_is_news() {
    let of = |world: &World| {
        let table = world.run(HISTORY);
        let strange = history(&table.columns, &table.rows).said.strange;
        strange.into_iter().map(|(id, held)| (id.name.to_string(), held.len())).collect::<Vec<_>>()
    };
    let row = |run: &str| json!({ "TimeGenerated": before(2.0), "run_s": run });
    assert_eq!(of(&fleet(&MACHINES)), []);
    let told = |address: &str, run: &str| fleet(&MACHINES).record_with("a.example.com", &[address], row(run));
    assert_eq!(of(&told("203.0.113.7", "forged")), [("a.example.com".to_owned(), 1)]);
    assert_eq!(of(&told("198.51.100.1", "forged")), [], "it says nothing new");
    let audited = told("203.0.113.7", "r-1").change(2.0, "a.example.com", "r-1", json!({}));
    assert_eq!(of(&audited), [], "a run told of itself");
    // A name that nobody claims matters to nobody.
    let other = fleet(&MACHINES).record_with("other.example.com", &["203.0.113.7"], row("forged"));
    assert_eq!(of(&other), []);
    // A set that nobody has seen before.
    let new = World::swept().tag("n", "n.example.com").beats("n", 1..=5, "203.0.113.7");
    let new = new.record_with("n.example.com", &["203.0.113.7"], row("forged"));
    assert_eq!(of(&new), [("n.example.com".to_owned(), 1)]);
}
