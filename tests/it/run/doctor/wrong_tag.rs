//! A tag that the machines do not carry: the setting is wrong, or nobody is tagged any more.

use serde_json::{Value, json};

use super::world::{alert, own_name_servers, resources};
use super::{OLD, Parent};
use crate::handler::{House, beat, tagged};
use crate::run::{code, sweep};

const FLEET: [&str; 3] = ["nas", "pi", "tv"];

#[tokio::test(flavor = "multi_thread")]
async fn the_setting_is_told_from_the_fleet() {
    let machines: Vec<_> = FLEET.iter().map(|name| tagged(name, &format!("{name}.example.com"))).collect();
    let beats: Vec<_> = FLEET.iter().map(|name| beat(name, OLD, 5)).collect();
    let house = House::new(&[], &machines, &beats, &[]).await;
    sweep(&house).await;
    house.world(&json!({ "resources": resources(&alert(), true) })).await;
    let parent = Parent::naming(&own_name_servers(&house)).await;
    let cure = "HOSTNAME_TAG=DNSHostName";
    for (tag, verdict, exit) in
        [("DNSHostname2", "fail", 1), ("Another", "warn", 0), ("DNSHostName", "ok", 0)]
    {
        let (line, found) = told(&house, &parent, tag).await;
        assert_eq!((&line["verdict"], found), (&json!(verdict), exit), "{tag}: {line:#}");
        assert_eq!(line["said"].as_str().unwrap().contains(cure), verdict != "ok", "{line:#}");
    }
    let bare: Vec<Value> = FLEET.iter().map(|name| crate::stage::machine(name, &json!({}))).collect();
    house.world(&json!({ "machines": bare })).await;
    let (line, found) = told(&house, &parent, "DNSHostName").await;
    let said = "the tag DNSHostName (HOSTNAME_TAG) is on no machine, and 3 claimed names by one";
    assert_eq!((&line["verdict"], &line["said"], found), (&json!("warn"), &json!(said), 0), "{line:#}");
}

/// The last line about the machines, and the code that the command ended with.
async fn told(house: &House, parent: &Parent, tag: &str) -> (Value, i32) {
    let arguments = ["doctor", "--no-probe", "--parent", &parent.address, "-o", "json"];
    let output = house.command().env("HOSTNAME_TAG", tag).args(arguments).output().await.unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut lines = report["lines"].as_array().unwrap().iter();
    (lines.rfind(|line| line["topic"] == "machines").unwrap().clone(), code(&output))
}
