//! What one name pointed at over time.

use heartbeat_dns::queries::{OwnerId, PAST_COLUMNS, Past, Proved, past, past_query};
use pure::domain::join_addresses;
use pure::plan::report::Proof;
use pure::plan::{AdoptedBy, Motive};
use serde_json::{Value, json};

use super::world::{World, before};
use crate::stage::host;

const NAME: &str = "nas.example.com";
/// What tables of before these columns lack.
const COLUMNS: [&str; 4] = ["Cause_s", "By_s", "Proof_s", "Policy_s"];

fn asked(world: &World, installation: &str, without: &[&str]) -> Vec<Past> {
    let query = past_query(&OwnerId::new(installation), &host(NAME));
    let table = world.run_without(&query, without);
    assert_eq!(table.columns, PAST_COLUMNS);
    past(&table.columns, &table.rows)
}

fn moved(from: &str, to: &str, other: Value) -> Value {
    let own = json!({
        "OldIPs_s": from, "NewIPs_s": to, "HeartbeatTime_t": before(1.0), "Beats_d": 4.0, "TimeToTruthMs_d": 242_000.0,
        "Cause_s": "moved", "Proof_s": "dns", "By_s": "", "Policy_s": "0a1b2c3d4e5f",
    });
    super::rows::with(own, other)
}

/// Created long ago, moved by the function, and last adopted by hand.
fn world() -> World {
    World::empty()
        .change(60_000.0, NAME, "r1", moved("", "203.0.113.9", json!({"Action_s": "create", "Cause_s": "created"})))
        .change(500.0, NAME, "r2", moved("203.0.113.9", "203.0.113.15", json!({})))
        .change(
            5.0,
            NAME,
            "r3",
            moved(
                "192.0.2.1",
                "192.0.2.1",
                json!({
                    "Action_s": "adopt", "Cause_s": "adopted", "By_s": "1c2f admin@contoso.com", "Proof_s": "none",
                    "HeartbeatTime_t": null, "Beats_d": null, "TimeToTruthMs_d": null, "Outcome_s": "unconfirmed",
                }),
            ),
        )
}

fn addresses(found: &[Past]) -> Vec<String> {
    found.iter().map(|write| join_addresses(&write.to)).collect()
}

#[test]
fn each_write_that_landed_is_told_once_with_its_cause_and_its_proof_the_newest_first() {
    let noise = world()
        .change(3.0, "other.example.com", "r4", moved("", "203.0.113.99", json!({})))
        .change(3.0, NAME, "r5", moved("", "203.0.113.99", json!({"Outcome_s": "failed"})))
        .change(3.0, NAME, "r6", json!({"Action_s": "skip", "Outcome_s": "", "Reason_s": "not-owned"}));
    for world in [noise.clone(), noise.doubled(), world().reversed()] {
        let found = asked(&world, "", &[]);
        assert_eq!(addresses(&found), ["192.0.2.1", "203.0.113.15", "203.0.113.9"]);
        let [adopted, moved, created] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(adopted.motive, Some(Motive::Adopted(AdoptedBy::Hand)));
        assert_eq!((adopted.by.as_str(), adopted.proof), ("1c2f admin@contoso.com", Proved::No));
        assert_eq!((adopted.is_confirmed, adopted.beats, adopted.time_to_truth_ms), (false, None, None));
        assert_eq!((moved.motive, moved.proof), (Some(Motive::Moved), Proved::By(Proof::Dns)));
        assert_eq!((moved.is_confirmed, moved.beats, moved.time_to_truth_ms), (true, Some(4), Some(242_000)));
        assert_eq!((moved.by.as_str(), moved.run.as_str()), ("", "r2"));
        assert_eq!(moved.policy, "0a1b2c3d4e5f");
        assert_eq!(moved.time.to_string(), before(500.0).parse::<jiff::Timestamp>().unwrap().to_string());
        assert_eq!((created.motive, created.from.len()), (Some(Motive::Created), 0));
    }
}

#[test]
fn what_was_done_to_the_mark_alone_is_told_and_known_as_such() {
    let own = |action: &str, cause: &str| {
        moved(
            "203.0.113.9",
            "203.0.113.9",
            json!({"Action_s": action, "Cause_s": cause, "HeartbeatTime_t": null}),
        )
    };
    let rows = [("hold", "held"), ("unhold", "let-go"), ("release", "released")];
    for is_recovered in [false, true] {
        let mut world = world();
        for (at, (action, cause)) in rows.into_iter().enumerate() {
            let mut row = own(action, if is_recovered { "" } else { cause });
            row["Reason_s"] = json!(if is_recovered { "recovered" } else { "" });
            world = world.change(3.0 - at as f64, NAME, &format!("h{at}"), row);
        }
        let found = asked(&world, "", &[]);
        assert_eq!(found.len(), 6, "{found:?}");
        let motives: Vec<_> = found.iter().take(3).map(|write| write.motive).collect();
        assert_eq!(motives, [Motive::Released, Motive::LetGo, Motive::Held].map(Some));
        let is_of_the_mark: Vec<_> = found.iter().map(Past::is_of_the_mark).collect();
        assert_eq!(is_of_the_mark, [true, true, true, false, false, false]);
    }
    let gone = World::empty().change(
        1.0,
        NAME,
        "h",
        moved("203.0.113.9", "", json!({"Action_s": "delete", "Cause_s": "released"})),
    );
    assert!(!asked(&gone, "", &[])[0].is_of_the_mark(), "its address went");
}

#[test]
fn rows_and_tables_of_before_the_columns_tell_what_they_know() {
    let empty = json!({"Cause_s": "", "By_s": "", "Proof_s": "", "Policy_s": ""});
    let rows = World::empty()
        .change(
            9.0,
            NAME,
            "r1",
            moved("", "203.0.113.9", super::rows::with(json!({"Action_s": "create"}), empty.clone())),
        )
        .change(5.0, NAME, "r2", moved("203.0.113.9", "203.0.113.15", empty));
    for (world, without) in [(rows.clone(), &[][..]), (rows, &COLUMNS), (world(), &COLUMNS)] {
        let found = asked(&world, "", without);
        let (created, moved) = (&found[found.len() - 1], &found[found.len() - 2]);
        assert_eq!((moved.motive, created.motive), (None, Some(Motive::Created)), "{without:?}");
        assert_eq!((moved.proof, moved.by.as_str()), (Proved::Untold, ""), "{without:?}");
        assert_eq!(moved.policy, "", "{without:?}");
        assert_eq!(moved.time_to_truth_ms, Some(242_000), "{without:?}");
    }
}

#[test]
fn what_a_later_run_told_of_a_killed_one_gives_way_to_its_own_row() {
    let told = json!({"Reason_s": "recovered", "Cause_s": "", "Proof_s": "none", "TimeToTruthMs_d": null});
    let alone = World::empty().change(9.0, NAME, "r1", moved("", "203.0.113.9", told));
    let found = asked(&alone, "", &[]);
    assert!(found.len() == 1 && found[0].is_recovered, "{found:?}");
    // Its own row came after all, and later.
    let both = alone.change(8.0, NAME, "r1", moved("", "203.0.113.9", json!({})));
    let found = asked(&both, "", &[]);
    assert!(found.len() == 1 && !found[0].is_recovered, "{found:?}");
    assert_eq!(found[0].proof, Proved::By(Proof::Dns));
}

#[test]
fn each_installation_remembers_its_own() {
    let world = world()
        .change(2.0, NAME, "r7", moved("", "203.0.113.7", json!({"Installation_s": "one"})))
        .change(1.0, NAME, "r8", moved("", "203.0.113.8", json!({"Installation_s": "two"})));
    assert_eq!(addresses(&asked(&world, "one", &[]))[0], "203.0.113.7");
    assert_eq!(asked(&world, "two", &[]).len(), 4, "rows of before have no installation");
}
