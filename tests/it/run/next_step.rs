//! The command that ends a reason stands on the screen of `explain`, with the ids that are known.

use serde_json::{Value, json};

use super::{NEW, OLD, code, report, street, words};
use crate::handler::{House, OWNER, beat, mark, moved, set, tagged};
use crate::stage::{machine_id, zone_id};

const NAME: &str = "x.example.com";

/// What people read of a name, on one line.
async fn explained(house: &House, name: &str) -> String {
    words(&house.run(&["explain", name]).await).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn ours() -> Value {
    set("x", &[OLD], mark("m", OWNER, "1"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_brake_is_explained_with_the_command_that_opens_it() {
    let house = street(24, &[]).await;
    let planned = report(&house, &["plan"]).await;
    let digest = planned["brakes"][0]["digest"].as_str().unwrap();
    let text = explained(&house, &format!("{}.example.com", super::name(20))).await;
    let command = format!("with all that it holds: heartbeat-dns approve {}", &digest[..12]);
    assert!(text.contains(&command), "{text}");
    assert!(text.contains("> braked yes, the brake surge holds it"), "{text}");
    // It is of all that the brake holds by then.
    let done = house.run(&["approve", &digest[..12], "--yes"]).await;
    assert_eq!(house.writes().await, 24, "{}", words(&done));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_claims_that_differ_each_tag_has_its_line() {
    let machines = [tagged("m", NAME), tagged("clone", NAME)];
    let beats = [moved("m", OLD, NEW), moved("clone", OLD, "203.0.113.8")].concat();
    let house = House::new(&[ours()], &machines, &beats, &[]).await;
    let text = explained(&house, NAME).await;
    for (keeper, other) in [("m", "clone"), ("clone", "m")] {
        let id = machine_id(other).to_lowercase();
        let line = format!(
            "to keep {keeper}: az tag update --resource-id {id} --operation delete --tags dnshostname={NAME}"
        );
        assert_eq!(text.to_lowercase().matches(&line).count(), 1, "{line}: {text}");
    }
    assert_eq!(text.matches("az tag update").count(), 2, "{text}");
    assert!(text.contains("> claim-conflict yes, 2 machines, 2 addresses"), "{text}");
}

/// The other names of a machine are its own still, and its tag is written as it is spelt there.
#[tokio::test(flavor = "multi_thread")]
async fn what_takes_a_name_off_a_tag_leaves_the_others_there() {
    let machines = [
        tagged("m", "cam.example.com, X.example.com,web.example.com"),
        tagged("clone", "a.example.com; x.example.com"),
        tagged("third", "X.example.com"),
    ];
    let beats =
        [moved("m", OLD, NEW), moved("clone", OLD, "203.0.113.8"), moved("third", OLD, "203.0.113.9")]
            .concat();
    let house = House::new(&[ours()], &machines, &beats, &[]).await;
    let text = explained(&house, NAME).await.to_lowercase();
    let of = |machine: &str, change: &str| {
        let id = machine_id(machine).to_lowercase();
        format!("az tag update --resource-id {id} --operation {change}")
    };
    for line in [
        of("m", "merge --tags dnshostname=cam.example.com,web.example.com"),
        of("clone", "merge --tags dnshostname=a.example.com"),
        of("third", "delete --tags dnshostname=x.example.com"),
    ] {
        assert_eq!(text.matches(&line).count(), 2, "{line}: {text}");
    }
    assert_eq!(text.matches("--operation delete").count(), 2, "{text}");
    assert!(text.contains("until the name is taken off the tags of all but one of them"), "{text}");
}

/// A tag that holds a name which cannot be keeps the names beside it.
#[tokio::test(flavor = "multi_thread")]
async fn what_corrects_a_name_leaves_the_others_there() {
    let machines = [tagged("m", "cam.example.com,bad_name!.example.com")];
    let house = House::new(&[], &machines, &moved("m", OLD, NEW), &[]).await;
    let text = explained(&house, "bad_name!.example.com").await;
    assert!(text.contains("merge --tags DNSHostName=cam.example.com,RIGHT_NAME"), "{text}");
}

/// Whoever gives a machine a name that was its own does not take its others away; of an unknown one it is said.
#[tokio::test(flavor = "multi_thread")]
async fn what_claims_a_name_leaves_the_others_there() {
    let machines = [tagged("m", "cam.example.com")];
    let house = House::new(&[ours()], &machines, &moved("m", OLD, NEW), &[]).await;
    let text = explained(&house, NAME).await;
    assert!(text.contains("--tags DNSHostName=cam.example.com,x.example.com"), "{text}");
    assert!(!text.contains("only if it is said too"), "{text}");
    let text = explained(&house, "y.example.com").await;
    assert!(text.contains("stays only if it is said too: --tags DNSHostName=y.example.com,OTHER"), "{text}");
    assert!(text.contains("holds:tags.\"DNSHostName\""), "{text}");
}

/// Whoever copies all that stands there leaves the name to one of them, and to none less.
#[tokio::test(flavor = "multi_thread")]
async fn of_many_claims_that_differ_one_keeps_the_name() {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let machines = names.map(|machine| tagged(machine, NAME));
    let beats: Vec<Value> = names
        .iter()
        .enumerate()
        .flat_map(|(at, machine)| moved(machine, OLD, &format!("203.0.113.{}", 10 + at)))
        .collect();
    let house = House::new(&[ours()], &machines, &beats, &[]).await;
    let text = explained(&house, NAME).await;
    let keepers = text.matches("to keep a:").count();
    let spared = format!("--resource-id {} ", machine_id("a").to_lowercase());
    assert_eq!((keepers, text.to_lowercase().contains(&spared)), (1, false), "{text}");
    assert!(text.matches("az tag update").count() == 5 && text.contains("... 2 more"), "{text}");
    assert!(text.contains("to keep another one, take the name off the tag of a instead of it"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cname_is_looked_at_and_then_deleted() {
    let cname = json!({ "name": "x", "type": "CNAME", "properties": { "TTL": 300, "CNAMERecord": { "cname": "y.example.net" } } });
    let house = House::new(&[cname], &[tagged("m", NAME)], &moved("m", NEW, NEW), &[]).await;
    let text = explained(&house, NAME).await;
    let id = format!("{}/CNAME/x", zone_id("example.com"));
    for line in [
        format!(
            "where it leads: az network dns record-set cname show --ids {id} --query CNAMERecord.cname --output tsv"
        ),
        format!("delete it: az network dns record-set cname delete --ids {id} --yes"),
    ] {
        assert!(text.contains(&line), "{line}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_an_unwanted_type_and_a_read_that_fails_have_their_next_step() {
    let cut = json!({ "name": "lab", "type": "NS", "properties": { "TTL": 300,
        "NSRecords": [{ "nsdname": "ns1.example.net." }] } });
    let below = [cut, set("x.lab", &[OLD], mark("m", OWNER, "1"))];
    let house = House::new(&below, &[tagged("m", "x.lab.example.com")], &moved("m", OLD, NEW), &[]).await;
    let text = explained(&house, "x.lab.example.com").await;
    assert!(text.contains("az network dns zone list --query \"[?name=='lab.example.com'].id\""), "{text}");

    let six: Vec<_> = [300, 180, 60, 5].map(|ago| beat("m", "2001:db8::7", ago)).to_vec();
    let house = House::new(&[], &[tagged("m", NAME)], &six, &[("POLICY_RECORD_TYPES", "A")]).await;
    let text = explained(&house, NAME).await;
    let line = "az functionapp config appsettings set --resource-group GROUP --name APP --settings POLICY_RECORD_TYPES=A,AAAA";
    assert!(text.contains(line), "{text}");

    let house = House::new(&[ours()], &[tagged("m", NAME)], &moved("m", OLD, NEW), &[]).await;
    house.stage.fail(&json!([{ "method": "GET", "path": "/A/x", "times": 1000, "status": 403 }])).await;
    let text = explained(&house, NAME).await;
    assert!(text.contains("and the az line for it: heartbeat-dns doctor"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_holds_no_name_is_told_with_its_machine() {
    let machines = [tagged("m", "bad_name!.example.com"), tagged("w", "*.example.com")];
    let beats = [moved("m", OLD, NEW), moved("w", OLD, NEW)].concat();
    let house = House::new(&[], &machines, &beats, &[]).await;
    for (machine, name, reason) in
        [("m", "bad_name!.example.com", "name-invalid"), ("w", "*.example.com", "wildcard")]
    {
        let told = house.run(&["explain", name]).await;
        assert_eq!(code(&told), 0, "{}", words(&told));
        let text = explained(&house, name).await;
        let id = machine_id(machine).to_lowercase();
        let line =
            format!("az tag update --resource-id {id} --operation merge --tags dnshostname=right_name");
        assert!(text.to_lowercase().contains(&line), "{text}");
        assert!(text.contains(&format!("left as it is: {reason}")), "{text}");
        assert!(text.contains(&format!("correct the tag of {machine} (rg-edge)")), "{text}");
    }
    let json = house.run(&["explain", "bad_name!.example.com", "-o", "json"]).await;
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["misnamed"][0]["reason"], "name-invalid", "{json}");
    let nobody = house.run(&["explain", "other_name!.example.com"]).await;
    assert_eq!(code(&nobody), 2, "{}", words(&nobody));
}
