//! What two screens tell of one thing they tell alike.

use serde_json::json;

use super::{NEW, OLD, code, words};
use crate::handler::{House, OWNER, beat, mark, set, tagged};

const NAME: &str = "x.example.com";
const KILLED: &str = "5f31c0d2-8a4e-4b7e-9a53-0d6c2f1b7e90";

async fn text(house: &House, arguments: &[&str]) -> String {
    words(&house.run(arguments).await).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn right() -> Vec<serde_json::Value> {
    [300, 180, 60, 5].map(|ago| beat("m", NEW, ago)).to_vec()
}

/// A machine that was never heard is silent for as long whichever command is asked.
#[tokio::test(flavor = "multi_thread")]
async fn for_how_long_a_machine_was_not_heard_every_command_says_alike() {
    let house = House::new(&[], &[tagged("m", NAME)], &[beat("other", NEW, 5)], &[]).await;
    for command in [&["plan"][..], &["plan", NAME], &["explain", NAME], &["apply", NAME, "--yes"]] {
        let told = text(&house, command).await;
        assert!(told.contains("but was not heard for 7 d"), "{command:?}: {told}");
        assert!(!told.contains("within the hour"), "{command:?}: {told}");
    }
}

/// The name servers have the last word in the first line.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_a_name_server_denies_is_not_called_in_sync_alone() {
    let ours = |address| [set("x", &[address], mark("m", OWNER, "1"))];
    let mut house = House::new(&ours(NEW), &[tagged("m", NAME)], &right(), &[]).await;
    let shown = house.run(&["explain", NAME]).await;
    let alone = String::from_utf8(shown.stdout.clone()).unwrap();
    assert!(alone.starts_with("  = x.example.com  A     203.0.113.7   in sync\n"), "{alone}");
    let liar = House::new(&ours(OLD), &[], &[], &[]).await;
    let [own, other] = [&house, &liar].map(|house| house.environment["DNS_VERIFY_SERVERS"].clone());
    house.environment.insert("DNS_VERIFY_SERVERS".to_owned(), format!("{own},{other}"));
    let shown = house.run(&["explain", NAME]).await;
    let denied = String::from_utf8(shown.stdout.clone()).unwrap();
    let first =
        "  ! x.example.com  A     203.0.113.7   in sync in Azure; 1 of 2 name servers answers otherwise\n";
    assert!(denied.starts_with(first) && code(&shown) == 0, "{denied}");
    assert!(!alone.contains("dig @"), "{alone}");
    // What to look at, for nothing is to be written.
    let (told, (host, port)) = (
        denied.split_whitespace().collect::<Vec<_>>().join(" "),
        other.rsplit_once(':').unwrap_or_else(|| panic!("{other}")),
    );
    let again = format!("{other} answers {OLD}; once more: dig @{host} -p {port} {NAME} A");
    assert!(told.contains("the record set in Azure is right: nothing is to be written"), "{denied}");
    assert!(told.contains(&again), "{denied}");
    assert!(told.contains("a second zone of that name, such as one at another provider"), "{denied}");
    assert!(told.contains("whom the parent leads to: heartbeat-dns doctor"), "{denied}");
}

/// A run that was killed before its row has left its mark.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_the_mark_alone_knows_is_the_last_one() {
    let mut metadata = mark("m", OWNER, "1");
    metadata["heartbeat_dns_run"] = json!(KILLED);
    metadata["heartbeat_dns_previous"] = json!(OLD);
    let house = House::new(&[set("x", &[NEW], metadata)], &[tagged("m", NAME)], &right(), &[]).await;
    let (explained, history) =
        (text(&house, &["explain", NAME]).await, text(&house, &["history", NAME]).await);
    assert!(explained.contains("203.0.113.7 told by its mark (run 5f31c0d2)"), "{explained}");
    assert!(history.contains("told by its mark"), "{history}");
    assert!(!explained.contains("no write to it is in the log"), "{explained}");
    let output = house.run(&["explain", NAME, "-o", "json"]).await;
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&told["changes"], &told["unlogged"][0]["run"]), (&json!([]), &json!(KILLED)), "{told}");
}
