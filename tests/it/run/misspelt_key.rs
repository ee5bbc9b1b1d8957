//! A tag whose key is a slip of the pen away from the one that claims names.

use serde_json::{Value, json};

use super::{NEW, OLD, code, words};
use crate::handler::{House, OWNER, beat, mark, set, tagged};
use crate::stage::{machine, machine_id};

const NAME: &str = "quiet-0012.example.com";

/// One machine whose tag is spelt right, and one whose key is not; its set is ours from before.
async fn house(key: &str) -> House {
    saying(key, NEW).await
}

/// The same with machines that say this address.
async fn saying(key: &str, address: &str) -> House {
    let ours = |name| set(name, &[OLD], mark("quiet-0012", OWNER, "1"));
    let sets = [ours("quiet-0012"), ours("before")];
    let machines = [
        tagged("quiet-0011", "quiet-0011.example.com"),
        machine("quiet-0012", &json!({ key: NAME, "owner": "ops" })),
    ];
    let beats = ["quiet-0011", "quiet-0012"].map(|machine| beat(machine, address, 5));
    House::new(&sets, &machines, &beats, &[]).await
}

async fn told(house: &House, arguments: &[&str]) -> (i32, String) {
    let output = house.run(arguments).await;
    (code(&output), words(&output).split_whitespace().collect::<Vec<_>>().join(" "))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_machine_and_the_command_are_told_and_no_other_name_is_guessed() {
    let house = house("DNSHostnam").await;
    let said = format!("quiet-0012 (rg-edge) has no tag DNSHostName, and one named DNSHostnam: {NAME}");
    let command = format!(
        "write it as it was probably meant: az tag update --resource-id {} --operation merge --tags DNSHostName={NAME}",
        machine_id("quiet-0012")
    );
    house.stage.calls().await;
    for (arguments, exit) in [(&["explain", NAME][..], 2), (&["plan"], 0)] {
        let (found, text) = told(&house, arguments).await;
        assert!(text.contains(&said) && text.contains(&command), "{arguments:?}: {text}");
        assert!(
            found == exit && !text.contains("did you mean") && !text.contains("MACHINE_ID"),
            "{found}: {text}"
        );
    }
    let (found, text) = told(&house, &["plan", NAME]).await;
    assert!(text.contains("quiet-0012 carries it in a tag DNSHostnam"), "{text}");
    assert_eq!(found, 2, "{text}");
    let output = house.run(&["plan", "-o", "json"]).await;
    assert!(serde_json::from_slice::<Value>(&output.stdout).is_ok(), "{}", words(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_is_no_slip_of_the_pen() {
    let house = house("hostname").await;
    for arguments in [&["explain", NAME][..], &["plan"]] {
        let (_, text) = told(&house, arguments).await;
        assert!(!text.contains("has no tag"), "{arguments:?}: {text}");
    }
}

/// A machine has claimed another name, then its tag was misspelt for a sweep, and now it claims this one: whoever explains the
/// name does not call it nobody's.
#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_was_mended_since_the_sweep_is_told_alike() {
    let house = saying("DNSHostnam", OLD).await;
    let written = |tags: &Value| json!({ "machines": [tagged("quiet-0011", "quiet-0011.example.com"), machine("quiet-0012", tags)] });
    for tags in [json!({ "DNSHostName": "before.example.com" }), json!({ "DNSHostnam": NAME })] {
        house.world(&written(&tags)).await;
        let swept = house.run(&["collect"]).await;
        assert_eq!(code(&swept), 0, "{}", words(&swept));
    }
    house.world(&written(&json!({ "DNSHostnam": NAME, "DNSHostName": NAME }))).await;
    for arguments in [&["plan"][..], &["explain", NAME], &["plan", NAME]] {
        let (found, text) = told(&house, arguments).await;
        let is_blind = text.contains("blind") && text.contains("but its live tag names");
        assert!(
            found == 0 && is_blind && text.contains("heartbeat-dns collect"),
            "{arguments:?} {found}: {text}"
        );
        let is_nobodys = text.contains("claimed by nobody") && arguments[0] == "explain";
        assert!(!is_nobodys && !text.contains("nobody speaks of it"), "{arguments:?}: {text}");
    }
}
