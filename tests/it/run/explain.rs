//! A name explained by the real binary: on a healthy world and on broken ones, what it says is what the next run does, and
//! what can be done is named.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{NEW, OLD, code, street, words};
use crate::handler::{House, OWNER, beat, mark, moved, set, tagged};
use crate::stage::machine_id;

const NAME: &str = "x.example.com";

/// The explanation of a name as programs read it, with the exit code.
async fn explained(house: &House, name: &str) -> (i32, Value) {
    let output = house.run(&["explain", name, "-o", "json"]).await;
    let answer = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", words(&output)));
    (code(&output), answer)
}

/// What people read.
async fn shown(house: &House, arguments: &[&str]) -> String {
    let output = house.run(&[&["explain"], arguments].concat()).await;
    String::from_utf8(output.stdout).unwrap()
}

fn steady(machine: &str, address: &str) -> Vec<Value> {
    [300, 180, 60, 5].map(|ago| beat(machine, address, ago)).to_vec()
}

/// One name, of a machine `m` with these heartbeats.
async fn one(set: Value, beats: &[Value], more: &[(&str, &str)]) -> House {
    House::new(&[set], &[tagged("m", NAME)], beats, more).await
}

/// The only record set of an answer.
fn only(answer: &Value) -> &Value {
    let [set] = answer["record_sets"].as_array().unwrap().as_slice() else { panic!("{answer}") };
    set
}

/// The code of the rule that decided about the first claim.
fn decided(set: &Value) -> Vec<&str> {
    let rules = set["claims"][0]["rules"].as_array().unwrap().iter();
    let decides = rules.filter(|told| told["answer"] == "yes" || told["answer"] == "unknown");
    decides.map(|told| told["rule"].as_str().unwrap()).collect()
}

/// Explains a name that is left as it is: the same reason and sentence as in the plan, one rule that decided, a way out.
async fn left(house: &House, name: &str, reason: &str, way: &str) -> Value {
    let (code, answer) = explained(house, name).await;
    let set = answer["record_sets"][0].clone();
    assert_eq!(
        (code, &set["verdict"]["is"], &set["reason"]),
        (0, &json!("left"), &json!(reason)),
        "{answer}"
    );
    assert_eq!(decided(&set), [reason], "{set}");
    let would_move = set["would_move"].as_str().unwrap();
    assert!(would_move.contains(way), "{would_move}");
    let plan = super::report(house, &["plan", name]).await;
    let skip = super::skip(&plan, name);
    assert_eq!(set["reason"], skip["reason"], "{plan}");
    // A plan says once above all names what a brake saw.
    if reason != "braked" {
        assert_eq!(set["because"], skip["because"], "{plan}");
    }
    assert_eq!(answer["failed"].as_array().unwrap().len(), 1, "but the parent, nothing is missing: {answer}");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_in_sync_is_told_with_everything_that_it_rests_on() {
    let house = one(set("x", &[NEW], mark("m", OWNER, "1")), &steady("m", NEW), &[]).await;
    let before = house.query("DNSChange_CL | count").await;
    let (exit, answer) = explained(&house, NAME).await;
    let set = only(&answer);
    assert_eq!((exit, &set["verdict"]), (0, &json!({ "is": "in-sync" })), "{answer}");
    assert_eq!(answer["schema"], "heartbeat-dns-explain/1");
    assert_eq!(set["claims"][0]["machine"].as_str().unwrap().to_lowercase(), machine_id("m").to_lowercase());
    assert_eq!((&set["record_set"]["addresses"], &set["record_set"]["ttl"]), (&json!([NEW]), &json!(300)));
    assert_eq!(set["record_set"]["mark"]["is_ours"], true);
    let served = &answer["name_servers"][0];
    assert_eq!((&served["addresses"], &served["failed"]), (&json!([NEW]), &json!(null)), "{answer}");
    let heard = &answer["heard"][0];
    assert_eq!((&heard["reported"], &heard["beats"]), (&json!(NEW), &json!(4)), "{answer}");
    assert_eq!(
        set["claims"][0]["rules"].as_array().unwrap().len(),
        pure::plan::Reason::ALL.len(),
        "every rule has an answer"
    );
    let text = shown(&house, &[NAME]).await;
    assert!(text.starts_with("  = x.example.com  A     203.0.113.7   in sync\n"), "{text}");
    assert!(text.contains("203.0.113.7 from 1 of 1 name servers"), "{text}");
    assert!(text.contains(" more not asked (--all)"), "{text}");
    let all = shown(&house, &[NAME, "--all"]).await;
    assert!(all.contains("claim-conflict        not asked") && !all.contains("(--all)"), "{all}");
    assert_eq!(
        (house.writes().await, house.query("DNSChange_CL | count").await),
        (0, before),
        "it only reads"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_moves_is_told_so_before_it_does_and_its_last_change_after() {
    let house = one(set("x", &[OLD], mark("m", OWNER, "1")), &moved("m", OLD, NEW), &[]).await;
    let (exit, answer) = explained(&house, NAME).await;
    let verdict = &only(&answer)["verdict"];
    assert_eq!(
        (exit, verdict),
        (0, &json!({ "is": "to-write", "action": "update", "to": [NEW] })),
        "{answer}"
    );
    assert_eq!(decided(only(&answer)), [] as [&str; 0]);
    assert_eq!(answer["changes"], json!([]));
    let said: Vec<_> =
        answer["heard"].as_array().unwrap().iter().map(|part| part["reported"].clone()).collect();
    assert_eq!(said, [NEW, OLD], "the newest first");
    house.serve().await.apply().await;
    let (_, answer) = explained(&house, NAME).await;
    assert_eq!(only(&answer)["verdict"]["is"], "in-sync");
    assert_eq!(
        (&answer["changes"][0]["to"], &answer["changes"][0]["cause"]),
        (&json!([NEW]), &json!("moved"))
    );
    let text = shown(&house, &[NAME]).await;
    assert!(text.contains("203.0.113.7  moved, 3 beats (run "), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_address_too_few_beats_and_silence_are_told_with_what_ends_them() {
    let ours = || set("x", &[OLD], mark("m", OWNER, "1"));
    let house = one(ours(), &steady("m", "10.1.2.3"), &[]).await;
    left(&house, NAME, "address-not-public", "with a public address from m").await;
    let text = shown(&house, &[NAME]).await;
    assert!(text.contains("> address-not-public    yes, 10.1.2.3 is a private address"), "{text}");
    assert!(
        text.contains("left as it is: address-not-public\n      m reports 10.1.2.3, a private address"),
        "{text}"
    );
    let beats = [steady("m", OLD)[0].clone(), beat("m", NEW, 2)];
    let house = one(ours(), &beats, &[]).await;
    left(&house, NAME, "too-few-beats", "with 2 heartbeats of m in a row that say 203.0.113.7").await;
    let house = one(ours(), &[beat("m", NEW, 1300), beat("m", NEW, 1200)], &[]).await;
    left(&house, NAME, "stale-heartbeat", "as soon as m sends heartbeats").await;
    // Nobody heard it within the hour: no row speaks of it, and still it is explained.
    let house = one(ours(), &[beat("m", NEW, 7200), beat("other", NEW, 2)], &[]).await;
    let answer = left(&house, NAME, "no-heartbeat", "as soon as m sends heartbeats").await;
    assert_eq!(
        only(&answer)["record_set"]["addresses"],
        json!([OLD]),
        "what stands there is read all the same"
    );
    assert_eq!(answer["heard"][0]["reported"], NEW, "the day is told");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_of_somebody_else_and_one_that_is_held_are_told_with_who_and_until_when() {
    let house = one(set("x", &[OLD], Value::Null), &steady("m", NEW), &[]).await;
    let answer = left(&house, NAME, "not-owned", "with heartbeat-dns adopt x.example.com").await;
    assert_eq!(only(&answer)["record_set"]["mark"], Value::Null);
    let mut held = mark("m", OWNER, "2");
    held["heartbeat_dns_hold"] = json!("2999-01-01T00:00:00Z");
    held["heartbeat_dns_hold_why"] = json!("the line is moved");
    let house = one(set("x", &[OLD], held), &moved("m", OLD, NEW), &[]).await;
    let answer = left(&house, NAME, "held", "after 2999-01-01 00:00 UTC, or with heartbeat-dns unhold").await;
    let hold = &only(&answer)["record_set"]["hold"];
    assert_eq!((&hold["why"], &hold["stands"]), (&json!("the line is moved"), &json!(true)), "{answer}");
    let text = shown(&house, &[NAME]).await;
    assert!(text.contains("held until 2999-01-01 00:00: the line is moved"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_brake_is_told_with_what_opens_it() {
    let house = street(24, &[]).await;
    let name = format!("{}.example.com", super::name(20));
    let answer = left(&house, &name, "braked", "by itself at ").await;
    let brakes = only(&answer)["brakes"].as_array().unwrap();
    assert_eq!(
        (brakes.len(), &brakes[0]["brake"], &brakes[0]["names"]),
        (1, &json!("surge"), &json!([name]))
    );
    let text = shown(&house, &[&name]).await;
    assert!(text.contains("surge holds it; opens by itself at "), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_machines_that_disagree_are_told_side_by_side() {
    let sets = [set("x", &[OLD], mark("m", OWNER, "1"))];
    let machines = [tagged("m", NAME), tagged("clone", NAME)];
    let beats = [moved("m", OLD, NEW), moved("clone", OLD, "203.0.113.8")].concat();
    let house = House::new(&sets, &machines, &beats, &[]).await;
    let answer = left(&house, NAME, "claim-conflict", "in the tag of one machine alone").await;
    let claims = only(&answer)["claims"].as_array().unwrap();
    let mut reported: Vec<_> = claims.iter().map(|claim| claim["reported"].as_str().unwrap()).collect();
    reported.sort_unstable();
    assert_eq!(reported, [NEW, "203.0.113.8"]);
    let text = shown(&house, &[NAME]).await;
    assert!(text.contains("for clone (rg-edge, Arc):") && text.contains("for m (rg-edge, Arc):"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_is_gone_is_told_with_who_took_it_off_and_when() {
    let house = one(set("x", &[OLD], mark("m", OWNER, "1")), &moved("m", OLD, NEW), &[]).await;
    let azure = house.stage.standin.azure_url();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let token = http
        .get(azure.join("/msi/token?resource=https://management.azure.com/&api-version=2019-08-01").unwrap());
    let token = token.header("x-identity-header", &house.environment["IDENTITY_HEADER"]);
    let token: Value = serde_json::from_str(&token.send().await.unwrap().text().await.unwrap()).unwrap();
    let path =
        format!("{}/providers/Microsoft.Resources/tags/default?api-version=2022-09-01", machine_id("m"));
    let body =
        json!({ "operation": "Merge", "properties": { "tags": { "DNSHostName": "other.example.com" } } });
    let patch = http.patch(azure.join(&path).unwrap()).bearer_auth(token["access_token"].as_str().unwrap());
    let patched =
        patch.header("content-type", "application/json").body(body.to_string()).send().await.unwrap();
    assert_eq!(patched.status(), 200, "{}", patched.text().await.unwrap());
    let answer = left(&house, NAME, "tag-gone", "with x.example.com in the tag of m again").await;
    let change = &answer["tag_changes"][0];
    assert_eq!((&change["from"], &change["to"]), (&json!(NAME), &json!("other.example.com")), "{answer}");
    assert!(!change["by"].as_str().unwrap().is_empty());
    let text = shown(&house, &[NAME]).await;
    let by = format!(" by {}", change["by"].as_str().unwrap());
    assert!(
        text.contains("m (rg-edge, Arc); its tag was set to other.example.com ") && text.contains(&by),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_below_a_cut_is_told_where_the_zone_hands_over() {
    let cut = json!({ "name": "lab", "type": "NS", "properties": { "TTL": 300,
        "NSRecords": [{ "nsdname": "ns1.example.net." }] } });
    let sets = [cut, set("x.lab", &[OLD], mark("m", OWNER, "1"))];
    let house = House::new(&sets, &[tagged("m", "x.lab.example.com")], &moved("m", OLD, NEW), &[]).await;
    let answer =
        left(&house, "x.lab.example.com", "delegated", "with the zone lab.example.com in DNS_ZONES").await;
    assert_eq!(only(&answer)["delegated_at"], "lab.example.com");
    let failed = &answer["name_servers"][0]["failed"];
    assert_eq!(failed, "it does not answer for the zone", "what stands in the zone reaches nobody: {answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_name_that_nobody_claims_it_is_told_what_was_meant_and_what_to_do() {
    let house = one(set("x", &[NEW], mark("m", OWNER, "1")), &steady("m", NEW), &[]).await;
    let (exit, answer) = explained(&house, "xx.example.com").await;
    assert_eq!((exit, &only(&answer)["verdict"]["is"]), (2, &json!("unclaimed")), "{answer}");
    assert_eq!(only(&answer)["record_set"]["state"], "absent");
    let nobodys = &answer["unclaimed"];
    assert_eq!((&nobodys["near"], &nobodys["is_allowed"]), (&json!([NAME]), &json!(true)), "{answer}");
    let text = shown(&house, &["xx.example.com"]).await;
    assert!(text.contains("did you mean:  heartbeat-dns explain x.example.com\n"), "{text}");
    assert!(text.contains("    --tags DNSHostName=xx.example.com\n"), "{text}");
    let (exit, answer) = explained(&house, "x.example.net").await;
    assert_eq!((exit, &answer["zone"], &answer["unclaimed"]["is_allowed"]), (2, &json!(null), &json!(false)));
    let nonsense = house.run(&["explain", "no name"]).await;
    assert!(code(&nonsense) == 2 && words(&nonsense).contains("no host name"), "{}", words(&nonsense));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_two_families_has_a_block_for_each() {
    let (v6, old) = ("2001:db8::7", "2001:db8::1");
    let records =
        json!({ "TTL": 300, "AAAARecords": [{ "ipv6Address": old }], "metadata": mark("m", OWNER, "1") });
    let sets = [
        set("x", &[NEW], mark("m", OWNER, "1")),
        json!({ "name": "x", "type": "AAAA", "properties": records }),
    ];
    let beats = [steady("m", NEW), moved("m", old, v6)].concat();
    let house = House::new(&sets, &[tagged("m", NAME)], &beats, &[("POLICY_RECORD_TYPES", "A,AAAA")]).await;
    let (exit, answer) = explained(&house, NAME).await;
    let told: Vec<_> = answer["record_sets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|set| (&set["record_type"], &set["verdict"]["is"]))
        .collect();
    assert_eq!(
        (exit, told),
        (0, vec![(&json!("A"), &json!("in-sync")), (&json!("AAAA"), &json!("to-write"))]),
        "{answer}"
    );
    let text = shown(&house, &[NAME]).await;
    assert!(text.contains("  = x.example.com  A ") && text.contains("\n  ~ x.example.com  AAAA "), "{text}");
    assert_eq!(text.matches("203.0.113.7--").count(), 1, "each block has the line of its own family: {text}");
    let table = house.run(&["explain", NAME, "-o", "csv"]).await;
    let table = String::from_utf8(table.stdout).unwrap();
    assert!(table.starts_with("record_type,machine,rule,answer,because,zone\nA,"), "{table}");
    assert!(table.contains(",already-right,yes,") && !table.contains("not-asked"), "{table}");
}

/// The verdict rests on the logs; the rest does not.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_logs_no_verdict_is_told_and_everything_else_is() {
    let house = one(set("x", &[OLD], mark("m", OWNER, "1")), &moved("m", OLD, NEW), &[]).await;
    house.stage.fail(&json!([{ "path": "/query", "times": 1000, "status": 503 }])).await;
    let begin = Instant::now();
    let (exit, answer) = explained(&house, NAME).await;
    assert!(begin.elapsed() < Duration::from_secs(45), "{:?}", begin.elapsed());
    let set = only(&answer);
    assert_eq!(
        (exit, &set["verdict"]["is"], &set["would_move"]),
        (1, &json!("unknown"), &json!(null)),
        "{answer}"
    );
    assert_eq!(set["claims"][0]["machine"].as_str().unwrap().to_lowercase(), machine_id("m").to_lowercase());
    assert_eq!(set["record_set"]["addresses"], json!([OLD]));
    assert_eq!(answer["name_servers"][0]["addresses"], json!([OLD]));
    assert_eq!((&answer["heard"], &answer["changes"]), (&json!(null), &json!(null)));
    let parts: Vec<_> =
        answer["failed"].as_array().unwrap().iter().map(|part| part["part"].clone()).collect();
    assert_eq!(parts, ["heard", "delegation", "changes", "verdict"], "{answer}");
    let text = shown(&house, &[NAME]).await;
    assert!(text.starts_with("  x x.example.com  A     198.51.100.10   not known\n"), "{text}");
    assert!(
        text.contains("  heard        not known: ") && text.contains("  last         not known: "),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_part_that_fails_takes_nothing_from_the_others() {
    let mut house = one(set("x", &[NEW], mark("m", OWNER, "1")), &steady("m", NEW), &[]).await;
    let silent = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let both = format!("{},{}", house.environment["DNS_VERIFY_SERVERS"], silent.local_addr().unwrap());
    house.environment.insert("DNS_VERIFY_SERVERS".to_owned(), both);
    let (exit, answer) = explained(&house, NAME).await;
    assert_eq!((exit, &only(&answer)["verdict"]["is"]), (0, &json!("in-sync")), "{answer}");
    let failed: Vec<_> =
        answer["name_servers"].as_array().unwrap().iter().map(|one| one["failed"].is_null()).collect();
    assert_eq!(failed, [true, false], "{answer}");
    let text = shown(&house, &[NAME]).await;
    assert!(
        text.contains("203.0.113.7 from 1 of 2 name servers") && text.contains(": it does not answer"),
        "{text}"
    );
    // A machine that cannot be asked for leaves the name as it is, and that is a verdict.
    house.stage.fail(&json!([{ "path": "ResourceGraph", "times": 1000, "status": 403 }])).await;
    let (exit, answer) = explained(&house, NAME).await;
    let set = only(&answer);
    assert_eq!(
        (exit, &set["verdict"]["is"], &set["reason"]),
        (0, &json!("left"), &json!("blind")),
        "{answer}"
    );
    assert_eq!(decided(set), ["tag-gone"], "the rule that could not tell");
    assert_eq!(answer["tag_changes"], Value::Null);
    assert_eq!(set["would_move"], "when the tag of m can be read");
    let text = shown(&house, &[NAME]).await;
    assert!(text.contains("left as it is: blind"), "{text}");
    assert!(text.contains("blind holds it") && !text.contains("none holds it"), "{text}");
}
