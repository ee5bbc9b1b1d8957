//! `HOSTNAME_TAG` misspelt: the cure is the setting, not the tags of the fleet.

use serde_json::json;

use super::{OLD, code, sweep, words};
use crate::handler::{House, OWNER, beat, mark, set, tagged};

const FLEET: [&str; 3] = ["nas", "pi", "tv"];

/// A fleet that is tagged right, swept under the right setting.
async fn house() -> House {
    let sets: Vec<_> = FLEET.iter().map(|name| set(name, &[OLD], mark(name, OWNER, "1"))).collect();
    let machines: Vec<_> = FLEET.iter().map(|name| tagged(name, &format!("{name}.example.com"))).collect();
    let beats: Vec<_> = FLEET.iter().map(|name| beat(name, OLD, 5)).collect();
    let house = House::new(&sets, &machines, &beats, &[]).await;
    sweep(&house).await;
    house
}

async fn told(house: &House, tag: &str, arguments: &[&str]) -> (i32, String) {
    let output = house.command().env("HOSTNAME_TAG", tag).args(arguments).output().await.unwrap();
    (code(&output), words(&output).split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A key that is nearly the fleet's, and one that is not; before a sweep under it, and after.
#[tokio::test(flavor = "multi_thread")]
async fn the_setting_is_corrected_and_no_machine_is_tagged_anew() {
    for tag in ["DNSHostname2", "Another"] {
        let house = house().await;
        for is_swept in [false, true] {
            if is_swept {
                assert_eq!(told(&house, tag, &["collect"]).await.0, 0);
            }
            let said = format!(
                "HOSTNAME_TAG names the tag {tag}, which no machine carries; 3 machines carry the tag DNSHostName"
            );
            for arguments in [&["plan"][..], &["explain", "nas.example.com"]] {
                let (_, text) = told(&house, tag, arguments).await;
                let place = format!("{tag} {arguments:?} {is_swept}: {text}");
                assert!(text.contains(&said) && text.contains("HOSTNAME_TAG=DNSHostName"), "{place}");
                assert_eq!(text.matches("HOSTNAME_TAG names the tag").count(), 1, "{place}");
                assert!(!text.contains("az ") && !text.contains("names nothing any more"), "{place}");
            }
            let (_, text) = told(&house, tag, &["plan", "nas.example.com"]).await;
            assert!(
                text.contains("DNSHostName") && text.contains("correct HOSTNAME_TAG"),
                "{tag} {is_swept}: {text}"
            );
        }
    }
}

/// A machine whose tag alone was renamed has the setting right: its tag is written anew.
#[tokio::test(flavor = "multi_thread")]
async fn of_one_machine_alone_it_is_the_tag() {
    let house = house().await;
    let mut machines: Vec<_> =
        FLEET.iter().map(|name| tagged(name, &format!("{name}.example.com"))).collect();
    machines[0]["tags"] = json!({ "DNSHostNam": "nas.example.com" });
    house.world(&json!({ "machines": machines })).await;
    let (_, text) = told(&house, "DNSHostName", &["explain", "nas.example.com"]).await;
    for part in ["its tag DNSHostNam names nas.example.com", "if its key was changed: az tag update"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("HOSTNAME_TAG names the tag"), "{text}");
}
