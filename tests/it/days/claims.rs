//! Days on which the machine behind a name changes: replaced, deleted, renamed, enrolled anew, its tag moved or cloned.

use serde_json::Value;

use super::day::Day;
use super::{HOUR, NEW, OLD, THIRD, because, named, ours};
use crate::handler::{reasons, tagged};
use crate::stage::machine_id;

const HOST: &str = "x.example.com";
const STAYS: &str = "198.51.100.20";

/// A machine with its name, and another that stays where it is.
async fn house() -> Day {
    let sets = [ours("x", "m", OLD), ours("stays", "stays", STAYS)];
    let mut day =
        Day::begin(&sets, &[tagged("m", HOST), named("stays")], &[("m", OLD), ("stays", STAYS)], &[]).await;
    day.pass(6).await;
    day
}

/// Who claims the name from now on, beside the machine that stays.
async fn claim(day: &Day, machines: &[&str]) {
    let claimants = machines.iter().map(|machine| tagged(machine, HOST));
    let all: Vec<Value> = claimants.chain([named("stays")]).collect();
    day.machines(&all).await;
}

/// What is so at the end of each of these days: the other name was not touched, and of this one nothing else is left to say.
async fn well(day: &Day, address: &str, left: &[&str]) {
    assert_eq!(day.held("stays"), [STAYS]);
    assert_eq!((day.served("x").await.as_str(), day.served("stays").await.as_str()), (address, STAYS));
    let plan = day.counted().await;
    assert_eq!(
        (&plan["changes"], reasons(&plan, HOST)),
        (&Value::Array(Vec::new()), left.iter().map(|left| (*left).to_owned()).collect()),
        "{plan}"
    );
    assert!(!day.fires().await);
}

/// A machine is scrapped, and its resource with it; another one takes over its name. The next sweep knows the new claim, and
/// the old one is over.
#[tokio::test(flavor = "multi_thread")]
async fn a_machine_is_replaced() {
    let mut day = house().await;
    day.falls_silent("m");
    claim(&day, &["n"]).await;
    day.moves("n", NEW);
    day.pass(40).await;
    assert_eq!(day.held("x"), [OLD, NEW]);
    assert!(day.since("x") <= 31, "{}", day.since("x"));
    day.pass_quietly(23 * HOUR).await;
    well(&day, NEW, &[]).await;
    assert_eq!(day.told().await, [("update confirmed".to_owned(), 1)].into());
    assert_eq!(day.notices(), ["moved x.example.com"]);
    assert_eq!(day.held("x"), [OLD, NEW]);
}

/// A machine is deleted, and nobody takes its name over: what stands there stays, and is told as what nobody claims.
#[tokio::test(flavor = "multi_thread")]
async fn a_machine_is_deleted() {
    let mut day = house().await;
    day.falls_silent("m");
    claim(&day, &[]).await;
    day.pass(HOUR).await;
    day.pass_quietly(23 * HOUR).await;
    assert_eq!(day.held("x"), [OLD]);
    well(&day, OLD, &[]).await;
    let orphan = &day.counted().await["orphans"][0];
    assert_eq!(orphan["name"], HOST, "{orphan}");
    assert!(orphan["because"].as_str().unwrap().contains("no tagged machine claims"), "{orphan}");
    assert_eq!((day.told().await.len(), day.notices()), (0, Vec::new()));
}

/// A machine gets a new resource under a new name, and the old one is gone. It says itself from where it beats: the name
/// follows it, and passes to its new id with the first move.
#[tokio::test(flavor = "multi_thread")]
async fn a_machine_is_renamed() {
    let mut day = house().await;
    day.falls_silent("m");
    claim(&day, &["renamed"]).await;
    day.moves("renamed", OLD);
    day.pass(40).await;
    assert_eq!(day.held("x"), [OLD]);
    day.moves("renamed", NEW);
    day.pass(10).await;
    assert_eq!(day.held("x"), [OLD, NEW]);
    day.moves("renamed", THIRD);
    day.pass_quietly(23 * HOUR).await;
    assert_eq!(day.held("x"), [OLD, NEW, THIRD]);
    well(&day, THIRD, &[]).await;
    let owner = day.ask("DNSChange_CL | distinct ResourceId_s").await;
    assert!(owner[0][0].as_str().unwrap().eq_ignore_ascii_case(&machine_id("renamed")), "{owner:?}");
    assert_eq!(day.told().await, [("update confirmed".to_owned(), 2)].into());
}

/// A machine is enrolled anew, and its old resource lingers with its tag. Nobody knows but that the old one only sleeps: what
/// stands there stays, told once and with what ends it, until the old one was silent for a day.
#[tokio::test(flavor = "multi_thread")]
async fn a_machine_is_enrolled_anew_and_the_old_one_lingers() {
    let mut day = house().await;
    day.falls_silent("m");
    claim(&day, &["m", "anew"]).await;
    day.moves("anew", NEW);
    day.pass(HOUR).await;
    let plan = day.plan().await;
    assert_eq!(reasons(&plan, HOST), ["not-owned"], "{plan}");
    let said = because(&plan, HOST);
    assert!(said.contains("belongs to m,") && said.contains("or wait until it is silent for 24 h"), "{said}");
    day.pass_quietly(22 * HOUR).await;
    assert_eq!(day.held("x"), [OLD]);
    day.pass_quietly(2 * HOUR).await;
    assert_eq!(day.held("x"), [OLD, NEW]);
    assert!(day.since("x") >= 24 * HOUR, "{}", day.since("x"));
    // The old resource is still there, and still silent.
    well(&day, NEW, &["no-heartbeat"]).await;
    let told = [("skip not-owned".to_owned(), 1), ("update confirmed".to_owned(), 1)].into();
    assert_eq!((day.told().await, day.notices()), (told, vec!["moved x.example.com".to_owned()]));
}

/// A tag moves from one machine to another, and both are well: the name follows the tag with the next sweep.
#[tokio::test(flavor = "multi_thread")]
async fn a_tag_is_moved() {
    let mut day = house().await;
    day.moves("n", NEW);
    day.pass(5).await;
    claim(&day, &["n"]).await;
    day.pass(35).await;
    assert_eq!(day.held("x"), [OLD, NEW]);
    assert!(day.since("x") <= 31, "{}", day.since("x"));
    // Where the one before goes is nobody's business any more.
    day.moves("m", THIRD);
    day.pass_quietly(23 * HOUR).await;
    assert_eq!(day.held("x"), [OLD, NEW]);
    well(&day, NEW, &[]).await;
    assert_eq!(day.told().await, [("update confirmed".to_owned(), 1)].into());
}

/// A template clones a machine, tag and all, to fifty: none of them is believed, what stands there stays, and it is told once.
/// When the tags are taken off, the name follows its machine again.
#[tokio::test(flavor = "multi_thread")]
async fn a_tag_is_cloned_to_fifty() {
    let mut day = house().await;
    let clones: Vec<String> = (0..49).map(|index| format!("clone{index:02}")).collect();
    for (index, clone) in clones.iter().enumerate() {
        day.moves(clone, &format!("203.0.113.{}", 100 + index));
    }
    let all: Vec<&str> = ["m"].into_iter().chain(clones.iter().map(String::as_str)).collect();
    claim(&day, &all).await;
    day.pass(40).await;
    day.moves("m", NEW);
    day.pass_quietly(22 * HOUR).await;
    assert_eq!(day.held("x"), [OLD]);
    let plan = day.plan().await;
    assert_eq!(reasons(&plan, HOST), ["claim-conflict"], "{plan}");
    let said = because(&plan, HOST);
    assert!(said.contains("take the name out there and off all but one of them"), "{said}");
    assert_eq!(
        (day.told().await, day.notices()),
        ([("skip claim-conflict".to_owned(), 1)].into(), Vec::new())
    );
    claim(&day, &["m"]).await;
    day.pass(40).await;
    assert_eq!(day.held("x"), [OLD, NEW]);
    // That most claims are gone is believed when the next sweep says it again.
    day.pass(30).await;
    well(&day, NEW, &[]).await;
}
