//! Which machines a sweep of the tags must find again.

use serde_json::{Value, json};

use super::world::{World, before, replaced};

pub(super) use heartbeat_dns::queries::CLAIMANTS as QUERY;

fn asked(world: &World, subscriptions: &str) -> Vec<Value> {
    let line = "let Subscriptions = dynamic([]);";
    let query = replaced(QUERY, line, &format!("let Subscriptions = dynamic([{subscriptions}]);"));
    world.run(&query).pick(&["ResourceId_s"])
}

fn world() -> World {
    let far = |name: &str| format!("/subscriptions/S2/resourceGroups/g/providers/M.C/machines/{name}");
    World::swept()
        .tag("nas", "nas.example.com")
        .tag("nas", "files.example.com")
        .tag("pi", "pi.example.com")
        .tag("mute", "mute.example.com")
        .tag_with("lost", "lost.example.org", json!({"ZoneId_s": "", "Skip_s": "no-zone"}))
        .tag("none", "none.example.com")
        .tag_with("none", "", json!({"TimeGenerated": before(6.0)}))
        .tag_with("old", "old.example.com", json!({"TimeGenerated": before(25.0)}))
        .tag_with("far", "far.example.com", json!({"id_s": far("FAR")}))
        .beats("nas", [15], "203.0.113.7")
        .beats("pi", [16], "203.0.113.7")
        .beat_with("mute", 1.0, "203.0.113.7", json!({"SCAgentChannel": "SCManagementServer"}))
        .beats("lost", [1], "203.0.113.7")
        .beats("none", [1], "203.0.113.7")
        .beats("old", [1], "203.0.113.7")
        .beats("untagged", [1], "203.0.113.7")
        .beat_with("far", 2.0, "203.0.113.7", json!({"_ResourceId": far("Far")}))
}

#[test]
fn they_claimed_a_name_in_the_newest_sweep_and_were_heard_lately() {
    let far = json!(["/subscriptions/s2/resourcegroups/g/providers/m.c/machines/far"]);
    let ours = [json!(["~lost"]), json!(["~nas"])];
    assert_eq!(asked(&world(), ""), [&[far.clone()][..], &ours].concat());
    assert_eq!(asked(&world().doubled(), "'s1'"), ours);
    assert_eq!(asked(&world(), "'s2', 's3'"), [far]);
    assert_eq!(asked(&world(), "'s3'"), Vec::<Value>::new());
}

#[test]
fn the_last_complete_sweep_counts_however_old_it_is() {
    let doubtful = World::empty()
        .tag_marker(400.0)
        .tag_with("nas", "nas.example.com", json!({"TimeGenerated": before(399.0)}))
        .tag_with("pi", "pi.example.com", json!({"TimeGenerated": before(3.0)}))
        .beats("nas", [1], "203.0.113.7");
    assert_eq!(asked(&doubtful, ""), [json!(["~nas"])]);
}

#[test]
fn without_a_complete_sweep_there_is_nobody_to_find() {
    let world = World::empty().tag("nas", "nas.example.com").beats("nas", [1], "203.0.113.7");
    assert_eq!(asked(&world, ""), Vec::<Value>::new());
}

#[test]
fn the_columns_are_one() {
    let table = world().run(QUERY);
    assert_eq!((table.columns, table.types), (vec!["ResourceId_s".to_owned()], vec!["string".to_owned()]));
}
