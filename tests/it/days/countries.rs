//! Days of a machine that travels, under a policy that publishes addresses of its own country alone.

use super::day::Day;
use super::{HOUR, NEW, OLD, THIRD, because, named, ours};
use crate::handler::reasons;

const HOST: &str = "x.example.com";
const POLICY: &str = "[[claim]]\nnames = \"*.example.com\"\ncountries = [\"CH\"]\n";

/// A place, and the country that the platform takes it for.
fn place(address: &str, country: &str) -> String {
    format!("{address}@{country}")
}

/// It goes abroad for more than two days: the name stays where it is, and the log is told of it once a day. The alert goes on
/// counting it. Home again it moves by itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_machine_travels_for_two_days_and_comes_home() {
    let home = place(OLD, "Switzerland");
    let more = [("POLICY_NAMES", ""), ("POLICY_FILE", POLICY)];
    let mut day = Day::begin(&[ours("x", "x", OLD)], &[named("x")], &[("x", &home)], &more).await;
    day.pass(6).await;
    assert!(!day.fires().await);

    day.moves("x", &place(NEW, "Italy"));
    day.pass_quietly(50 * HOUR).await;
    assert_eq!(day.held("x"), [OLD]);
    let plan = day.plan().await;
    assert_eq!(reasons(&plan, HOST), ["country-changed"], "{plan}");
    assert!(because(&plan, HOST).contains("Italy"), "{plan}");
    assert!(day.fires().await);
    let told = [("skip country-changed".to_owned(), 3)].into();
    assert_eq!(day.told().await, told);
    assert!(!day.notices().iter().any(|notice| notice.starts_with("moved")), "{:?}", day.notices());

    // The country is missing: it is none of them.
    day.moves("x", &place(NEW, ""));
    day.pass(10).await;
    assert_eq!(
        (day.held("x"), reasons(&day.plan().await, HOST)),
        (vec![OLD.to_owned()], vec!["country-changed".to_owned()])
    );

    // At home it is given another address.
    day.moves("x", &place(THIRD, "switzerland"));
    day.pass(10).await;
    assert_eq!(
        (day.held("x"), day.served("x").await),
        (vec![OLD.to_owned(), THIRD.to_owned()], THIRD.to_owned())
    );
    assert!(!day.fires().await);
    let plan = day.counted().await;
    assert!(reasons(&plan, HOST).is_empty(), "{plan}");
    assert_eq!(day.told().await.get("update confirmed"), Some(&1));
}
