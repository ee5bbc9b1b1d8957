//! Days of a name that machines share: they join and leave, the last address stays, and one day the policy shares it no more.

use serde_json::{Value, json};

use super::day::Day;
use super::{HOUR, NEW, OLD, THIRD, because};
use crate::handler::{reasons, tagged};
use crate::stage::machine_id;

const HOST: &str = "web.example.com";
const SHARED: &str = "[[claim]]\nnames = \"web.example.com\"\nshared = true\n";
const ALONE: &str = "[[claim]]\nnames = \"web.example.com\"\n";
/// The time after which a machine counts as silent, the evaluation after it, and some for the run.
const SILENT: i64 = 18;

fn claimants(machines: &[&str]) -> Vec<Value> {
    machines.iter().map(|machine| tagged(machine, HOST)).collect()
}

/// Two machines behind the address of one site and one at another: the run has written their set.
async fn house() -> Day {
    let places = [("a", OLD), ("b", OLD), ("c", NEW)];
    let more = [("POLICY_NAMES", ""), ("POLICY_FILE", SHARED)];
    let mut day = Day::begin(&[], &claimants(&["a", "b", "c"]), &places, &more).await;
    day.pass(3).await;
    assert_eq!(day.held("web"), [both()]);
    day
}

fn both() -> String {
    format!("{OLD},{NEW}")
}

/// Nothing is left to say of the name: no row of it, so that no alert fires.
async fn is_quiet(day: &Day) {
    let rows =
        day.ask(&format!("{}\n| project DNSHostName_s, Actionable", heartbeat_dns::queries::MISMATCH)).await;
    assert!(rows.is_empty() && !day.fires().await, "{rows:?}");
}

/// Once the set is right the alert is quiet. It fires when the machine of the other site is silent for a quarter of an hour, and
/// when another one joins; a site that keeps one of its two machines keeps its address, and the last address never goes.
#[tokio::test(flavor = "multi_thread")]
async fn machines_join_and_leave_and_the_last_address_stays() {
    let mut day = house().await;
    is_quiet(&day).await;
    let fired = day.fired.len();
    day.pass(2 * HOUR).await;
    assert_eq!((day.fired.len(), day.held("web")), (fired, vec![both()]));

    // One of two behind one address: nothing differs.
    day.falls_silent("b");
    day.pass(SILENT).await;
    is_quiet(&day).await;
    assert_eq!(day.fired.len(), fired);

    // The only one of its site.
    day.falls_silent("c");
    let left = day.minute;
    day.pass(SILENT).await;
    assert_eq!(day.held("web"), [both(), OLD.to_owned()]);
    assert!((15..SILENT).contains(&(day.since("web") - left)), "{} after {left}", day.since("web"));
    assert!(day.fired.len() > fired && day.fired[fired..].iter().all(|minute| *minute - left >= 15));
    is_quiet(&day).await;

    // One joins: its tag is read by the next sweep.
    day.machines(&claimants(&["a", "b", "c", "d"])).await;
    day.moves("d", THIRD);
    day.pass(40).await;
    assert_eq!(day.held("web").last(), Some(&format!("{OLD},{THIRD}")));
    is_quiet(&day).await;

    // All leave, one after the other.
    day.falls_silent("a");
    day.pass(SILENT).await;
    assert_eq!(day.held("web").last().map(String::as_str), Some(THIRD));
    day.falls_silent("d");
    day.pass(SILENT).await;
    day.pass_quietly(3 * HOUR).await;
    assert_eq!((day.held("web").len(), day.served("web").await.as_str()), (4, THIRD));
    assert!(!day.fires().await);
    // Nobody at all is heard any more, which is told each hour.
    let told = [("brake stands blind", 3), ("create confirmed", 1), ("update confirmed", 3)];
    assert_eq!(day.told().await, told.map(|(what, count)| (what.to_owned(), count)).into());
}

/// The log calls all machines of one site tagless: their tags say otherwise, and they beat from there all the time.
#[tokio::test(flavor = "multi_thread")]
async fn a_forged_row_takes_no_living_machine_out_of_its_set() {
    let mut day = house().await;
    // Of rows that call most machines tagless nobody believes one; these are two of five.
    day.machines(&claimants(&["a", "b", "c", "d", "e"])).await;
    day.moves("d", NEW);
    day.moves("e", NEW);
    day.pass(40).await;
    let forged = ["a", "b"].map(|machine| {
        json!({
            "TimeGenerated": day.at(day.minute).to_string(), "id_s": machine_id(machine), "DNSHostName_s": "",
            "ZoneId_s": "", "Skip_s": "", "Types_s": "", "run_s": "r",
        })
    });
    day.append("TagData_CL", &forged);
    let now = "| where isempty(Claim_s) | project ComputerIP";
    let rows = day.ask(&format!("{}\n{now}", heartbeat_dns::queries::MISMATCH)).await;
    assert_eq!(rows, vec![json!([NEW]); 3], "the log says that one address is too many");
    day.pass(6).await;
    assert_eq!(day.held("web"), [both()]);
    // The run has read the tags, and written down what they say.
    let rows = day.ask(&format!("{}\n| project ComputerIP", heartbeat_dns::queries::MISMATCH)).await;
    assert!(rows.is_empty(), "{rows:?}");
    // Whose tag is truly gone leaves with a sweep; of most machines two must say it.
    day.machines(&claimants(&["a", "b"])).await;
    day.pass(80).await;
    assert_eq!(day.held("web"), [both(), OLD.to_owned()]);
}

/// Without `shared` they contradict each other: the set stays as it is, also when one leaves, and it is told once a day.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_shared_no_more_stays_until_one_machine_is_left() {
    let mut day = house().await;
    day.goes_by(ALONE).await;
    // While the set holds what all of them say nobody has anything to say.
    day.pass(HOUR).await;
    is_quiet(&day).await;
    day.moves("b", THIRD);
    day.pass(2 * HOUR).await;
    assert_eq!(day.held("web"), [both()]);
    let plan = day.plan().await;
    assert_eq!(reasons(&plan, HOST), ["claim-conflict"], "{plan}");
    assert!(because(&plan, HOST).contains("shared"), "{plan}");
    assert_eq!(day.told().await.get("skip claim-conflict"), Some(&1), "{:?}", day.told().await);

    // Shared again, it follows them.
    day.goes_by(SHARED).await;
    day.pass(6).await;
    assert_eq!(day.held("web"), [both(), [OLD, NEW, THIRD].join(",")]);
    is_quiet(&day).await;
}
