//! A day of two installations on one zone: each moves what is its own, and neither touches what is the other's.

use super::day::Day;
use super::{HOUR, NEW, OLD, THIRD, because, named, ours};
use crate::handler::{OWNER, mark, reasons, set};

const ANOTHER: &str = "another-installation";
const THEIRS: &str = "198.51.100.20";

/// Both see all machines and all of the zone. A name of each moves twice, and a new one is anybody's: whoever makes it, has it.
#[tokio::test(flavor = "multi_thread")]
async fn two_installations_share_a_zone() {
    let sets = [ours("x", "x", OLD), set("y", &[THEIRS], mark("y", ANOTHER, "1"))];
    let machines = ["x", "y", "new"].map(named);
    let mut day = Day::begin(&sets, &machines, &[("x", OLD), ("y", THEIRS)], &[]).await;
    day.also(&[("OWNER_ID", ANOTHER)]).await;
    day.pass(6).await;
    for (machine, address) in [("x", NEW), ("y", "203.0.113.20"), ("new", "203.0.113.30")] {
        day.moves(machine, address);
    }
    day.pass(HOUR).await;
    assert_eq!(day.held("new"), ["203.0.113.30"]);
    for (machine, address) in [("x", THIRD), ("y", "203.0.113.21"), ("new", "203.0.113.31")] {
        day.moves(machine, address);
    }
    day.pass_quietly(23 * HOUR).await;
    assert_eq!(day.held("x"), [OLD, NEW, THIRD]);
    assert_eq!(day.held("y"), [THEIRS, "203.0.113.20", "203.0.113.21"]);
    assert_eq!(day.held("new"), ["203.0.113.30", "203.0.113.31"]);
    for (name, address) in [("x", THIRD), ("y", "203.0.113.21"), ("new", "203.0.113.31")] {
        let owner = if name == "y" { ANOTHER } else { OWNER };
        let set = day.house.record_set(name).await;
        assert_eq!(
            (day.served(name).await.as_str(), &set["metadata"]["heartbeat_dns_owner"]),
            (address, &owner.into()),
            "{set}"
        );
    }
    // What is the other's is told once, and people hear of what moved.
    let told = day.told().await;
    assert_eq!(
        (told["create confirmed"], told["update confirmed"], told.get("skip not-owned")),
        (1, 5, Some(&1)),
        "{told:?}"
    );
    assert_eq!(
        day.notices().iter().filter(|notice| notice.starts_with("moved ")).count(),
        day.notices().len()
    );
    assert!(!day.fires().await);
    // And it is named while it stands.
    day.moves("y", THEIRS);
    day.alert = false;
    day.pass(3).await;
    let plan = day.plan().await;
    assert_eq!(reasons(&plan, "y.example.com"), ["not-owned"], "{plan}");
    assert!(because(&plan, "y.example.com").contains(ANOTHER), "{plan}");
}
