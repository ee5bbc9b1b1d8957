//! Whether the machines can be seen: what may not be read is left out of an answer without a word.

use serde_json::{Value, json};

use super::{OLD, examined, fails, healthy, line};
use crate::handler::{House, beat, set, tagged};
use crate::run::doctor::Parent;
use crate::run::doctor::world::{SCOPE, alert, deployed, own_name_servers, resources};

const ASSIGN: &str = "az role assignment create --assignee-object-id 00000000-0000-0000-0000-0000000000f2 --assignee-principal-type ServicePrincipal --role \"Reader\" --scope ";

/// The roles that `infra` assigns, without the one for the machines.
fn without_reader() -> Value {
    let roles: Vec<Value> = deployed().as_array().unwrap().clone();
    let is_kept = |role: &Value| !role["scope"].as_str().unwrap().ends_with("/rg-edge");
    roles.into_iter().filter(is_kept).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_was_lost_is_told_with_its_assignment() {
    let (house, parent) = healthy(&[]).await;
    let group = format!("{ASSIGN}{SCOPE}/resourceGroups/rg-edge");
    house.control("PUT", "/standin/hidden", &json!({ "subscriptions": ["*"] })).await;
    let (report, code) = examined(&house, &parent, &["--no-probe"]).await;
    assert_eq!(code, 1, "{report:#}");
    fails(&report, "machines", "1 of 1 machine that claims names and is heard may not be read", &group);
    house.control("DELETE", "/standin/hidden", &Value::Null).await;
    house.world(&json!({ "identity": { "roles": without_reader() } })).await;
    let (report, _) = examined(&house, &parent, &["--no-probe"]).await;
    fails(&report, "machines", "1 of 1 machine", &group);
}

/// A machine that is gone needs no right, and one that never claimed anything is no business of ours.
#[tokio::test(flavor = "multi_thread")]
async fn machines_that_are_gone_or_claim_nothing_are_no_lost_right() {
    let machines = [tagged("x", "x.example.com"), tagged("y", "y.example.com")];
    let beats = [beat("x", OLD, 30), beat("y", OLD, 30), beat("stranger", OLD, 30)];
    let house = House::new(&[set("x", &[OLD], Value::Null)], &machines, &beats, &[]).await;
    house.world(&json!({ "resources": resources(&alert(), true), "machines": [machines[0]] })).await;
    let parent = Parent::naming(&own_name_servers(&house)).await;
    let (report, code) = examined(&house, &parent, &["--no-probe"]).await;
    let seen = line(&report, "machines");
    assert_eq!((&seen["verdict"], code), (&json!("ok"), 0), "{report:#}");
    assert!(seen["said"].as_str().unwrap().contains("1 of 2 machines"), "{seen:#}");
}

/// Before the first sweep nobody has claimed anything; the heartbeats tell of machines all the same.
#[tokio::test(flavor = "multi_thread")]
async fn before_the_first_sweep_the_heartbeats_tell_of_machines() {
    let house = House::new(&[set("x", &[OLD], Value::Null)], &[], &[beat("x", OLD, 30)], &[]).await;
    let machines = json!([tagged("x", "x.example.com")]);
    house.world(&json!({ "resources": resources(&alert(), true), "machines": machines })).await;
    let parent = Parent::naming(&own_name_servers(&house)).await;
    let (report, _) = examined(&house, &parent, &["--no-probe"]).await;
    assert_eq!(line(&report, "machines")["verdict"], "ok", "{report:#}");
    house.control("PUT", "/standin/hidden", &json!({ "subscriptions": ["*"] })).await;
    let (report, _) = examined(&house, &parent, &["--no-probe"]).await;
    let group = format!("{ASSIGN}{SCOPE}/resourceGroups/rg-edge");
    fails(&report, "machines", "none of the machines that are heard may be read", &group);
}
