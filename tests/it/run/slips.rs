//! Orders that reach nothing say so: a name with a slip of the pen, an installation that observes, a hold that stands already.

use super::{NEW, OLD, code, words};
use crate::handler::{House, OWNER, mark, moved, set, tagged};
use serde_json::Value;

const HOST: &str = "nas.example.com";

async fn house_of(more: &[(&str, &str)]) -> House {
    let sets = [set("nas", &[OLD], mark("m", OWNER, "1")), set("www", &["198.51.100.80"], Value::Null)];
    House::new(&sets, &[tagged("m", HOST)], &moved("m", OLD, NEW), more).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slip_of_the_pen_is_a_failure_that_names_what_was_meant() {
    let house = house_of(&[]).await;
    for verb in ["hold", "unhold", "rollback", "release"] {
        for slip in ["nsa.example.com", "nas"] {
            let refused = house.run(&[verb, slip, "--yes"]).await;
            assert_eq!((code(&refused), house.writes().await), (1, 0), "{verb} {slip}: {}", words(&refused));
            assert!(words(&refused).contains("did you mean nas.example.com?"), "{verb}: {}", words(&refused));
            assert!(!words(&refused).contains("DNS_ZONES"), "{verb} {slip}: {}", words(&refused));
        }
        // What nobody claims no adoption helps.
        let strange = house.run(&[verb, "www.example.com", "--yes"]).await;
        assert_eq!((code(&strange), house.writes().await), (1, 0), "{verb}: {}", words(&strange));
        assert!(words(&strange).contains("No tagged machine claims www.example.com"), "{}", words(&strange));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_that_an_observing_installation_does_not_write_is_no_success() {
    let house = house_of(&[("MODE", "observe")]).await;
    let held = house.run(&["hold", HOST, "--yes"]).await;
    assert_eq!((code(&held), house.writes().await), (3, 0), "{}", words(&held));
    assert!(words(&held).contains("1 change is still to be made"), "{}", words(&held));
    // On a narrow screen these words are broken as all others are.
    let narrow = house_of(&[("MODE", "observe"), ("COLUMNS", "60")]).await;
    let held = narrow.run(&["hold", HOST, "--yes"]).await;
    let told = String::from_utf8(held.stderr).unwrap();
    assert!(told.lines().all(|line| line.chars().count() <= 60), "{told}");
    assert!(
        told.split_whitespace().collect::<Vec<_>>().join(" ").contains("1 change is still to be made"),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_over_another_shows_it_and_keeps_what_is_not_given() {
    let house = house_of(&[]).await;
    let until = "2999-01-01T00:00:00Z";
    let first = house.run(&["hold", HOST, "--until", until, "--why", "line maintenance", "--yes"]).await;
    assert_eq!((code(&first), house.writes().await), (0, 1), "{}", words(&first));
    let again = house.run(&["hold", HOST, "--yes"]).await;
    assert_eq!((code(&again), house.writes().await), (0, 0), "{}", words(&again));
    let shown = house.run(&["hold", HOST, "--until", "forever", "--dry-run"]).await;
    let said = words(&shown).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("was held until 2999-01-01") && said.contains(": line maintenance"), "{said}");
    assert!(said.contains("then held until you say unhold: line maintenance"), "{said}");
}
