//! A tag whose key is a slip of the pen away from the one that claims names.

use serde_json::{Value, json};

use super::{NEW, OLD, code, words};
use crate::handler::{House, OWNER, beat, mark, set, tagged};
use crate::stage::{machine, machine_id};

const NAME: &str = "quiet-0012.example.com";

/// One machine whose tag is spelt right, and one whose key is not; its set is ours from before.
async fn house(key: &str) -> House {
    let sets = [set("quiet-0012", &[OLD], mark("quiet-0012", OWNER, "1"))];
    let machines = [
        tagged("quiet-0011", "quiet-0011.example.com"),
        machine("quiet-0012", &json!({ key: NAME, "owner": "ops" })),
    ];
    let beats = ["quiet-0011", "quiet-0012"].map(|machine| beat(machine, NEW, 5));
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
