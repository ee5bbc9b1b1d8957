//! The rows of `history.kql` themselves: which kind fills which column.

use heartbeat_dns::queries::HISTORY;
use serde_json::{Value, json};

use super::world::{Table, World, ZONE, before, installed, lower_id};

/// The rows of one kind, cut down to these columns.
fn facts(world: &World, kind: &str, columns: &[&str]) -> Vec<Value> {
    of_kind(&world.run(HISTORY), kind, columns)
}

fn of_kind(table: &Table, kind: &str, columns: &[&str]) -> Vec<Value> {
    let all = [&["Kind"], columns].concat();
    let rows = table.pick(&all).into_iter().filter(|row| row[0] == kind);
    rows.map(|row| row.as_array().unwrap()[1..].iter().cloned().collect()).collect()
}

fn zone() -> String {
    ZONE.to_lowercase()
}

/// The other zone of the same name.
fn other() -> String {
    zone().replace("rg-dns", "rg-inside")
}

fn moves(from: &str, to: &str) -> Value {
    json!({"OldIPs_s": from, "NewIPs_s": to})
}

fn brake(outcome: &str, reason: &str, address: &str) -> Value {
    json!({
        "Action_s": "brake", "Outcome_s": outcome, "Reason_s": reason, "NewIPs_s": address, "RecordType_s": "",
        "Via_s": "",
    })
}

#[test]
fn the_columns_are_those_that_the_plan_is_made_from() {
    let table = World::empty().run(HISTORY);
    let columns: Vec<String> =
        table.columns.iter().zip(&table.types).map(|(name, ty)| format!("{name}:{ty}")).collect();
    assert_eq!(
        columns.join(" "),
        "Kind:string ZoneId_s:string DNSHostName_s:string RecordType_s:string OldIPs_s:string NewIPs_s:string \
         Reason_s:string ResourceId_s:string run_s:string Time:datetime Number:long Action_s:string \
         Outcome_s:string Etag_s:string Since:datetime Cause:string Via_s:string"
    );
}

#[test]
fn a_change_is_told_once_and_one_that_says_something_else_takes_no_others_place() {
    let world = World::empty()
        .change(50.0, "nas.example.com", "r", moves("198.51.100.1", "203.0.113.7"))
        .change(49.0, "nas.example.com", "r", {
            json!({"Reason_s": "recovered", "NewIPs_s": "203.0.113.7", "Action_s": "create"})
        })
        // That nobody knew at first whether it landed, or that a deletion did not happen, takes it away neither.
        .change(51.0, "nas.example.com", "r", {
            json!({"OldIPs_s": "198.51.100.1", "NewIPs_s": "203.0.113.7", "Outcome_s": "unconfirmed"})
        })
        .change(43.0, "nas.example.com", "r", json!({"Action_s": "delete", "Outcome_s": "failed"}))
        .change(48.0, "nas.example.com", "r", json!({"ZoneId_s": other(), "Outcome_s": "unconfirmed"}))
        .change(47.0, "nas.example.com", "r", json!({"RecordType_s": "AAAA", "Action_s": "create"}))
        .change(46.0, "pi.example.com", "r", json!({"Action_s": "adopt", "NewIPs_s": "198.51.100.9"}))
        .change(45.0, "", "r", json!({"Action_s": "brake", "Outcome_s": "confirmed"}))
        .change(44.0, "tv.example.com", "r", json!({"Outcome_s": "deferred", "Reason_s": "429"}))
        .doubled();
    let columns = [
        "ZoneId_s",
        "DNSHostName_s",
        "RecordType_s",
        "OldIPs_s",
        "NewIPs_s",
        "Time",
        "Action_s",
        "Outcome_s",
    ];
    let expected = [
        json!([zone(), "nas.example.com", "A", "", "203.0.113.7", 49.0, "create", "confirmed"]),
        json!([zone(), "nas.example.com", "A", "198.51.100.1", "203.0.113.7", 51.0, "update", "confirmed"]),
        json!([zone(), "nas.example.com", "AAAA", "", "", 47.0, "create", "confirmed"]),
        json!([zone(), "pi.example.com", "A", "", "198.51.100.9", 46.0, "adopt", "confirmed"]),
        json!([other(), "nas.example.com", "A", "", "", 48.0, "update", "unconfirmed"]),
    ];
    assert_eq!(facts(&world, "change", &columns), expected);
}

#[test]
fn a_departure_says_which_name_left() {
    let world = World::empty()
        .change(50.0, "a.example.com", "r1", moves("198.51.100.1", "203.0.113.7"))
        .change(40.0, "a.example.com", "r2", moves("198.51.100.1", "203.0.113.7"))
        .change(30.0, "b.example.com", "r1", moves("198.51.100.1", "203.0.113.7"))
        .change(20.0, "b.example.com", "r1", {
            json!({"ZoneId_s": other(), "OldIPs_s": "198.51.100.2", "NewIPs_s": "203.0.113.7"})
        })
        // No moves: the same addresses in another order, and a set that was taken over as it is.
        .change(15.0, "c.example.com", "r1", moves("198.51.100.3,198.51.100.4", "198.51.100.4,198.51.100.3"))
        .change(10.0, "d.example.com", "r1", {
            json!({"Action_s": "adopt", "OldIPs_s": "198.51.100.5", "NewIPs_s": "203.0.113.7"})
        })
        .change(5.0, "e.example.com", "r1", {
            json!({"Outcome_s": "failed", "OldIPs_s": "198.51.100.6", "NewIPs_s": "203.0.113.7"})
        })
        .change(4.0, "", "r1", brake("confirmed", "converging", "203.0.113.7"))
        .doubled();
    let expected = [
        json!([zone(), "a.example.com", "198.51.100.1", "203.0.113.7", 40.0]),
        json!([zone(), "b.example.com", "198.51.100.1", "203.0.113.7", 30.0]),
        json!([other(), "b.example.com", "198.51.100.2", "203.0.113.7", 20.0]),
    ];
    let columns = ["ZoneId_s", "DNSHostName_s", "OldIPs_s", "NewIPs_s", "Time"];
    assert_eq!(facts(&world, "departure", &columns), expected);
}

#[test]
fn a_reason_is_known_by_zone_and_tells_its_newest_outcome() {
    let row = |outcome: &str, reason: &str| json!({"Outcome_s": outcome, "Reason_s": reason});
    let world = World::empty()
        .change(90.0, "nas.example.com", "r1", row("", "not-owned"))
        .change(80.0, "nas.example.com", "r2", row("failed", "ScopeLocked"))
        .change(20.0, "nas.example.com", "r3", row("failed", "ScopeLocked"))
        .change(30.0, "nas.example.com", "r3", row("deferred", "TooManyRequests"))
        .change(25.0, "nas.example.com", "r3", {
            json!({"ZoneId_s": other(), "Outcome_s": "failed", "Reason_s": "ScopeLocked"})
        })
        .change(10.0, "", "r4", brake("stands", "surge", ""))
        .change(5.0, "nas.example.com", "r5", json!({}))
        .doubled();
    let expected = [
        json!([zone(), "nas.example.com", "A", "ScopeLocked", 20.0, "failed"]),
        json!([zone(), "nas.example.com", "A", "TooManyRequests", 30.0, "deferred"]),
        json!([zone(), "nas.example.com", "A", "not-owned", 90.0, ""]),
        json!([other(), "nas.example.com", "A", "ScopeLocked", 25.0, "failed"]),
    ];
    let columns = ["ZoneId_s", "DNSHostName_s", "RecordType_s", "Reason_s", "Time", "Outcome_s"];
    assert_eq!(facts(&world, "reason", &columns), expected);
}

#[test]
fn a_brake_is_known_by_zone_name_and_address() {
    let world = World::empty()
        // It stood, opened, and stands again since 130 minutes.
        .change(260.0, "", "r1", brake("stands", "converging", "203.0.113.7"))
        .change(200.0, "", "r2", brake("opened", "converging", "203.0.113.7"))
        .change(130.0, "", "r3", brake("stands", "converging", "203.0.113.7"))
        .change(69.0, "", "r4", brake("stands", "converging", "203.0.113.7"))
        .change(8.0, "", "r5", brake("stands", "converging", "203.0.113.7"))
        // Another address is another one, and open again.
        .change(90.0, "", "r6", brake("stands", "converging", "203.0.113.8"))
        .change(80.0, "", "r7", brake("opened", "converging", "203.0.113.8"))
        .change(40.0, "", "r7", brake("stands", "converging", "203.0.113.70"))
        // Three hours without a row: nobody said that it opened, and it is another one that stands now.
        .change(250.0, "", "r8", brake("stands", "surge", ""))
        .change(60.0, "", "r9", brake("stands", "surge", ""))
        .change(55.0, "", "r9", {
            json!({
                "Action_s": "brake", "Outcome_s": "stands", "Reason_s": "surge", "ZoneId_s": other(),
                "RecordType_s": "",
            })
        });
    let expected = [
        json!([zone(), "converging", "203.0.113.7", 8.0, "stands", 130.0]),
        json!([zone(), "converging", "203.0.113.70", 40.0, "stands", 40.0]),
        json!([zone(), "converging", "203.0.113.8", 80.0, "opened", null]),
        json!([zone(), "surge", "", 60.0, "stands", 60.0]),
        json!([other(), "surge", "", 55.0, "stands", 55.0]),
    ];
    let columns = ["ZoneId_s", "Reason_s", "NewIPs_s", "Time", "Outcome_s", "Since"];
    assert_eq!(facts(&world, "brake", &columns), expected);
    assert_eq!(facts(&world.clone().doubled(), "brake", &columns), expected);
    assert!(facts(&world, "reason", &columns).is_empty() && facts(&world, "change", &columns).is_empty());
}

#[test]
fn a_brake_that_nobody_met_for_two_and_a_half_hours_is_another_one() {
    for (gap, since) in [(60.0, 200.0), (150.0, 200.0), (150.1, 49.9)] {
        let world = World::empty().change(200.0, "", "r1", brake("stands", "surge", "")).change(
            200.0 - gap,
            "",
            "r2",
            brake("stands", "surge", ""),
        );
        assert_eq!(facts(&world, "brake", &["Since"]), [json!([since])], "{gap} minutes");
    }
}

#[test]
fn a_mark_is_owed_until_a_landed_write_has_its_key() {
    let mark = |minutes: f64| json!({"Owner_s": lower_id("nas"), "MarkRun_s": "killed", "MarkTime_t": before(minutes)});
    let failed = |reason: &str| json!({"Outcome_s": "failed", "Reason_s": reason});
    let world = World::swept()
        .record_with("refused.example.com", &["203.0.113.7"], mark(25.0))
        .record_with("elsewhere.example.com", &["203.0.113.7"], mark(25.0))
        .record_with("doubtful.example.com", &["203.0.113.7"], mark(25.0))
        .record_with("adopted.example.com", &["203.0.113.7"], mark(25.0))
        .record_with("ahead.example.com", &["203.0.113.7"], mark(-3000.0))
        .change(25.0, "refused.example.com", "killed", failed("ScopeLocked"))
        .change(25.0, "refused.example.com", "killed", json!({"Outcome_s": "", "Reason_s": "not-owned"}))
        .change(25.0, "elsewhere.example.com", "killed", json!({"ZoneId_s": other()}))
        .change(25.0, "doubtful.example.com", "killed", json!({"Outcome_s": "unconfirmed"}))
        .change(25.0, "adopted.example.com", "killed", json!({"Action_s": "adopt"}))
        .doubled();
    let expected = [
        json!([zone(), "ahead.example.com", "A", "203.0.113.7", "~nas", "killed", 0.0]),
        json!([zone(), "elsewhere.example.com", "A", "203.0.113.7", "~nas", "killed", 25.0]),
        json!([zone(), "refused.example.com", "A", "203.0.113.7", "~nas", "killed", 25.0]),
    ];
    let columns = ["ZoneId_s", "DNSHostName_s", "RecordType_s", "NewIPs_s", "ResourceId_s", "run_s", "Time"];
    assert_eq!(facts(&world, "owed", &columns), expected);
}

#[test]
fn marks_of_another_installation_are_nothing_that_we_owe() {
    let mark = json!({"Owner_s": lower_id("nas"), "MarkRun_s": "killed", "MarkTime_t": before(25.0)});
    let world = World::swept().record_with("nas.example.com", &["203.0.113.7"], mark).signed("two");
    let owed =
        |installation: &str| of_kind(&world.run(&installed(HISTORY, installation)), "owed", &["run_s"]);
    assert_eq!((owed("one"), owed("two")), (vec![], vec![json!(["killed"])]));
}

#[test]
fn a_refusal_is_told_with_the_set_that_it_was_about() {
    let refused = |minutes: f64, words: &str| json!({"TimeGenerated": before(minutes), "Refused_s": words, "Etag_s": "e7"});
    let none = json!({
        "TimeGenerated": before(3.0), "Refused_s": "code=ScopeLocked", "RecordSetId_s": "", "Etag_s": "",
    });
    let gone = json!({
        "TimeGenerated": before(4.0), "Refused_s": "code=absent", "RecordSetId_s": "", "Etag_s": "",
    });
    let world = World::swept()
        .record_with(
            "nas.example.com",
            &["198.51.100.1", "198.51.100.2"],
            refused(4.0, "code=not-owned,m=203.0.113.7"),
        )
        .record_with("pi.example.com", &[], none)
        // Read again since, and not refused.
        .record_with("tv.example.com", &["198.51.100.3"], refused(4.0, "code=not-owned"))
        .record_with("tv.example.com", &["198.51.100.3"], json!({"TimeGenerated": before(2.0)}))
        // Of before the sweep.
        .record_with("old.example.com", &["198.51.100.4"], refused(30.0, "code=not-owned"))
        // Hidden by a cut, and gone.
        .record_with("a.lab.example.com", &["198.51.100.5"], refused(4.0, "code=delegated"))
        .record_with("gone.example.com", &["198.51.100.6"], json!({"TimeGenerated": before(5.0)}))
        .record_with("gone.example.com", &[], gone)
        .doubled();
    let expected = [
        json!([zone(), "nas.example.com", "A", "code=not-owned,m=203.0.113.7", "e7"]),
        json!([zone(), "pi.example.com", "A", "code=ScopeLocked", ""]),
    ];
    let columns = ["ZoneId_s", "DNSHostName_s", "RecordType_s", "Reason_s", "Etag_s"];
    assert_eq!(facts(&world, "refused", &columns), expected);
    assert_eq!(facts(&world, "sets", &["Number"]), [json!([3])], "pi and gone have none");
    let bare = World::swept().record("nas.example.com", &["198.51.100.1"]);
    let table = bare.run_without(HISTORY, &["Installation_s", "Refused_s"]);
    assert_eq!(of_kind(&table, "sets", &["Number"]), [json!([1])]);
    assert!(of_kind(&table, "refused", &columns).is_empty());
}

#[test]
fn machines_and_names_are_counted_where_they_are_claimed() {
    let far = |name: &str| format!("/subscriptions/S2/resourceGroups/g/providers/M.C/machines/{name}");
    let world = World::swept()
        .tag("nas", "nas.example.com")
        .tag("nas", "shared.example.com")
        .tag("pi", "shared.example.com")
        .tag("tv", "tv.example.com")
        .tag("late", "late.example.com")
        .tag_with("lost", "lost.example.org", json!({"ZoneId_s": "", "Skip_s": "no-zone"}))
        .tag_with("far", "far.example.com", json!({"id_s": far("FAR")}))
        .beats("nas", 1..=5, "203.0.113.7")
        .beats("late", [16], "203.0.113.7")
        .beats("lost", [15], "203.0.113.7")
        .beat_with("far", 2.0, "203.0.113.7", json!({"_ResourceId": far("Far").to_lowercase()}))
        .doubled();
    let expected = [json!(["s1", 2]), json!(["s2", 1])];
    assert_eq!(facts(&world, "claimants", &["ResourceId_s", "Number"]), expected, "nas, lost; far");
    let zoned = |number: u64| [json!([zone(), number])];
    assert_eq!(facts(&world, "claimed", &["ZoneId_s", "Number"]), zoned(5));
    assert_eq!(facts(&world, "silent", &["ZoneId_s", "Number"]), zoned(2), "pi and tv");
    assert_eq!(facts(&world, "silent-names", &["ZoneId_s", "Number"]), zoned(1), "tv: nas speaks for shared");
}

#[test]
fn names_are_counted_by_what_the_query_calls_lately() {
    let minutes = pure::plan::standing::HEARD_LATELY.as_mins();
    let line = format!("let FreshSince = now() - {minutes}m;");
    assert!(heartbeat_dns::queries::MISMATCH.contains(&line), "{line}");
}
