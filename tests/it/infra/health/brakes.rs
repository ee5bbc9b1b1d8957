//! A brake is told as long as it stands.

use serde_json::{Value, json};

use super::{World, ZONE, asked, at, change, one, query, skip, told, well, with};

fn brake(time: &str, outcome: &str, reason: &str, address: &str) -> Value {
    let brake = json!({
        "Action_s": "brake", "Outcome_s": outcome, "Reason_s": reason, "NewIPs_s": address, "RecordType_s": "",
        "Via_s": "",
    });
    with(change(at(time), "r", "", ZONE), brake)
}

fn world(changes: Vec<Value>) -> World {
    World { changes, ..well() }
}

fn converging(time: &str, outcome: &str) -> Value {
    brake(time, outcome, "converging", "203.0.113.9")
}

#[test]
fn it_says_which_brake_holds_what_since_when() {
    let fault = one(&world(vec![converging("11:50:00", "stands")]));
    assert_eq!(fault.fault, "brake");
    assert_eq!(fault.subject, "converging of zone example.com, new address 203.0.113.9");
    assert_eq!(fault.since, "11:50:00");
    assert!(fault.because.contains("heartbeat-dns plan"), "{fault:?}");
    let private = json!({ "ZoneId_s": ZONE.replace("dnsZones", "privateDnsZones") });
    let inside = one(&world(vec![with(brake("11:50:00", "stands", "surge", ""), private)]));
    assert_eq!(inside.subject, "surge of private zone example.com");
    let surge = one(&world(vec![brake("11:50:00", "stands", "surge", "")]));
    assert_eq!((surge.fault.as_str(), surge.subject.as_str()), ("brake", "surge of zone example.com"));
}

#[test]
fn it_stands_for_hours_and_is_told_all_the_time() {
    // Written down again an hour and some minutes later each time.
    let rows = ["05:00:00", "06:04:00", "07:08:00", "08:12:00", "09:16:00", "10:20:00"];
    let mut changes: Vec<Value> = rows.map(|time| converging(time, "stands")).into();
    assert_eq!(one(&world(changes.clone())).since, "05:00:00");
    // The newest row is two and a half hours old: nobody meets it any more.
    changes.truncate(5);
    assert_eq!(one(&world([&changes[..], &[converging("09:30:00", "stands")]].concat())).since, "05:00:00");
    assert_eq!(told(&world(changes)), Vec::<[String; 3]>::new());
}

#[test]
fn it_ends_when_it_opened_and_begins_anew() {
    let opened = vec![converging("11:00:00", "stands"), converging("11:40:00", "opened")];
    assert_eq!(told(&world(opened.clone())), Vec::<[String; 3]>::new());
    let again = [&opened[..], &[converging("11:55:00", "stands")]].concat();
    assert_eq!(one(&world(again)).since, "11:55:00");
    // What nobody saw open, and nobody met for three hours, is another one.
    let gap = vec![converging("08:00:00", "stands"), converging("11:00:00", "stands")];
    assert_eq!(one(&world(gap)).since, "11:00:00");
}

#[test]
fn each_address_zone_and_brake_stands_for_itself() {
    let other = ZONE.replace("rg-dns", "rg-inside").replace("example.com", "example.net");
    let elsewhere = with(converging("11:20:00", "stands"), json!({ "ZoneId_s": other }));
    let everywhere = with(brake("11:30:00", "stands", "blind", ""), json!({ "ZoneId_s": "" }));
    let found = told(&world(vec![
        converging("11:00:00", "stands"),
        brake("11:10:00", "opened", "converging", "203.0.113.8"),
        brake("11:05:00", "stands", "converging", "203.0.113.8"),
        brake("10:50:00", "stands", "converging", "203.0.113.90"),
        brake("11:15:00", "stands", "surge", ""),
        elsewhere,
        everywhere,
    ]));
    let mut expected = [
        ["brake", "converging of zone example.com, new address 203.0.113.9", "11:00:00"],
        ["brake", "converging of zone example.com, new address 203.0.113.90", "10:50:00"],
        ["brake", "surge of zone example.com", "11:15:00"],
        ["brake", "converging of zone example.net, new address 203.0.113.9", "11:20:00"],
        ["blind", "blind", "11:30:00"],
    ]
    .map(|fault| fault.map(str::to_owned));
    let mut found = found;
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn the_brake_of_another_installation_is_not_ours() {
    let theirs = with(converging("11:50:00", "stands"), json!({ "Installation_s": "two" }));
    let world = world(vec![theirs]);
    let kinds = |installation: &str| {
        let line = format!("let Installation = '{installation}';");
        let found = asked(&world, &query().replace("let Installation = \"\";", &line)).into_iter();
        found.filter(|fault| fault.fault == "brake").count()
    };
    assert_eq!((kinds("one"), kinds("two")), (0, 1));
}

#[test]
fn the_rows_of_what_it_holds_are_no_fault_of_their_own() {
    let skips = vec![
        skip("11:50:00", "a.example.com", "braked"),
        skip("11:50:00", "b.example.com", "blind"),
        skip("11:50:00", "c.example.com", "not-owned"),
    ];
    assert_eq!(told(&world(skips)), Vec::<[String; 3]>::new());
}
