//! A policy file through the real binary: whose claim counts, what the tables say of it, and what a faulty one starts.

use serde_json::{Value, json};

use super::{NEW, OLD};
use crate::handler::{House, moved, set, tagged};
use crate::output::{code, report, words};
use crate::stage::SUBSCRIPTION;

/// The same in another resource group.
fn within(group: &str, value: &Value) -> Value {
    serde_json::from_str(&value.to_string().replace("rg-edge", group)).unwrap()
}

/// Machines of groups, each with its tag, its old address and its new one; the record set `x.dyn` is nobody's yet.
async fn house(policy: &str, machines: &[(&str, &str, &str, &str, &str)]) -> House {
    let tags: Vec<Value> =
        machines.iter().map(|(group, name, host, _, _)| within(group, &tagged(name, host))).collect();
    let beats = machines.iter().flat_map(|(group, name, _, from, to)| {
        moved(name, from, to).into_iter().map(move |beat| within(group, &beat))
    });
    let beats: Vec<Value> = beats.collect();
    let more = [("POLICY_NAMES", ""), ("POLICY_FILE", policy)];
    House::new(&[set("x.dyn", &[OLD], Value::Null)], &tags, &beats, &more).await
}

const TAGS: &str =
    "TagData_CL | where DNSHostName_s != '' | order by name_s asc | project name_s, Skip_s, Types_s";

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_beside_the_scope_is_refused_and_the_tables_say_so() {
    let policy = format!(
        "[[claim]]\nscope = \"{SUBSCRIPTION}/resourceGroups/RG-A\"\nnames = \"*.dyn.example.com\"\n\
         [[claim]]\nscope = \"{SUBSCRIPTION}/resourceGroups/rg-other\"\nnames = \"*.dyn.example.com\"\ntypes = [\"AAAA\"]\n"
    );
    let machines = [
        ("rg-a", "a", "x.dyn.example.com", OLD, NEW),
        ("rg-ab", "b", "y.dyn.example.com", "198.51.100.20", "203.0.113.20"),
        ("rg-other", "c", "z.dyn.example.com", "198.51.100.30", "203.0.113.30"),
    ];
    let house = house(&policy, &machines).await;
    let rows = [["a", "", "A"], ["b", "name-not-allowed", "A,AAAA"], ["c", "", "AAAA"]].map(|row| json!(row));
    assert_eq!(house.query(TAGS).await, rows);
    let asked = report(&house, &["plan", "y.dyn.example.com", "z.dyn.example.com"]).await;
    let told: Vec<_> =
        asked["skips"].as_array().unwrap().iter().map(|skip| (&skip["name"], &skip["reason"])).collect();
    let wanted = [
        (json!("y.dyn.example.com"), json!("name-not-allowed")),
        (json!("z.dyn.example.com"), json!("type-not-wanted")),
    ];
    assert_eq!(told, wanted.iter().map(|(name, reason)| (name, reason)).collect::<Vec<_>>(), "{asked}");
    let because = asked["skips"][1]["because"].as_str().unwrap();
    assert!(because.contains("line 7 of POLICY_FILE lacks A"), "{because}");
    let output = house.run(&["apply", "--yes"]).await;
    assert_eq!(
        (code(&output), house.addresses("x.dyn").await),
        (0, vec![NEW.to_owned()]),
        "{}",
        words(&output)
    );
    for name in ["y.dyn", "z.dyn"] {
        assert_eq!(house.record_set(name).await, Value::Null, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_claims_its_own_name_and_no_other() {
    let policy = "[[claim]]\nnames = \"{name}.dyn.example.com\"\n";
    let machines = [
        ("rg-a", "x", "x.dyn.example.com", OLD, NEW),
        ("rg-a", "thief", "x.dyn.example.com", "198.51.100.20", "203.0.113.20"),
    ];
    let house = house(policy, &machines).await;
    let output = house.run(&["apply", "--yes"]).await;
    assert_eq!(
        (code(&output), house.addresses("x.dyn").await),
        (0, vec![NEW.to_owned()]),
        "{}",
        words(&output)
    );
    let checked = house.run(&["check", "x.dyn.example.com", "a.b.dyn.example.com"]).await;
    assert_eq!(code(&checked), 1, "{}", words(&checked));
    assert!(words(&checked).contains("1 allowed, 1 refused"), "{}", words(&checked));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_faulty_file_starts_nothing() {
    let mut house =
        house("[[claim]]\nnames = \"*\"\n", &[("rg-a", "x", "x.dyn.example.com", OLD, NEW)]).await;
    for (value, fault) in [
        ("[[claim]]\nnmaes = \"*\"\n", "line 2: there is no `nmaes`; did you mean names?"),
        ("/nowhere/policy.toml", "names /nowhere/policy.toml, which cannot be read"),
        ("# nothing\n", "line 1: there is no [[claim]]"),
    ] {
        house.environment.insert("POLICY_FILE".to_owned(), value.to_owned());
        let output = house.run(&["apply", "--yes"]).await;
        assert_eq!(code(&output), 2, "{}", words(&output));
        assert!(words(&output).contains(fault), "{}", words(&output));
        let handler = house.serve().await;
        assert_eq!(handler.remediate("{}").await.0, 503);
        assert_eq!(handler.tick().await.0, 500);
    }
    assert_eq!(house.stage.all_calls().await.len(), 0, "Azure was not asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_claim_holds_is_shown_and_no_run_writes_it_nor_does_the_alert_call_for_it() {
    let policy =
        "[[claim]]\nnames = \"x.dyn.example.com\"\n[[claim]]\nnames = \"*.dyn.example.com\"\nhold = true\n";
    let machines = [
        ("rg-a", "x", "x.dyn.example.com", OLD, NEW),
        ("rg-a", "y", "y.dyn.example.com", "198.51.100.20", "203.0.113.20"),
    ];
    let house = house(policy, &machines).await;
    assert_eq!(house.query(TAGS).await, [["x", "", "A"], ["y", "held", "A"]].map(|row| json!(row)));
    let planned = report(&house, &["plan", "y.dyn.example.com"]).await;
    let skip = &planned["skips"][0];
    assert_eq!(skip["reason"], "held", "{planned}");
    assert!(skip["because"].as_str().unwrap().contains("take hold off line 5 of POLICY_FILE"), "{planned}");
    let adopted = house.run(&["adopt", "y.dyn.example.com", "--yes"]).await;
    assert_eq!(code(&adopted), 1, "{}", words(&adopted));
    let output = house.run(&["apply", "--yes"]).await;
    assert_eq!(code(&output), 0, "{}", words(&output));
    assert_eq!(house.record_set("y.dyn").await, Value::Null);
    assert_eq!(house.addresses("x.dyn").await, [NEW]);
    let digest = "ddb1f8e90218";
    let rows = "DNSChange_CL | where DNSHostName_s != '' | project DNSHostName_s, Reason_s, Policy_s";
    assert_eq!(house.query(rows).await, [json!(["x.dyn.example.com", "", digest])]);
    let told = house.run(&["history", "x.dyn.example.com", "-o", "json"]).await;
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(told["changes"][0]["policy"], digest, "{told}");
}

/// A machine with further tags.
fn with_tags(mut machine: Value, more: &Value) -> Value {
    for (key, value) in more.as_object().unwrap() {
        machine["tags"][key] = value.clone();
    }
    machine
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_places_and_management_groups_decide_and_no_run_makes_a_call_more() {
    let group = "/providers/Microsoft.Management/managementGroups/Lab";
    let policy = format!(
        "[[claim]]\nscope = \"{group}\"\nnames = \"{{tag:Site}}.{{location}}.example.com\"\n\
         [[claim]]\nscope = \"/providers/Microsoft.Management/managementGroups/other\"\nnames = \"*\"\n"
    );
    let host = |site: &str| format!("{site}.westeurope.example.com");
    let machines = [("a", "zrh", "zrh"), ("b", "ber", "*"), ("c", "muc", "muc.lab")];
    let tags =
        machines.map(|(name, site, tag)| with_tags(tagged(name, &host(site)), &json!({ "site": tag })));
    let beats: Vec<Value> = ["a", "b", "c"]
        .iter()
        .zip([
            ("198.51.100.1", "203.0.113.1"),
            ("198.51.100.2", "203.0.113.2"),
            ("198.51.100.3", "203.0.113.3"),
        ])
        .flat_map(|(name, (from, to))| moved(name, from, to))
        .collect();
    let calls = async |policy: &str| {
        let more = [("POLICY_NAMES", ""), ("POLICY_FILE", policy)];
        let house = House::new(&[], &tags, &beats, &more).await;
        let subscription = SUBSCRIPTION.rsplit('/').next().unwrap();
        house
            .world(
                &json!({ "managementGroups": [{ "name": "lab", "subscriptions": [subscription] }, { "name": "other" }] }),
            )
            .await;
        assert_eq!(code(&house.run(&["collect"]).await), 0);
        house.stage.all_calls().await;
        let output = house.run(&["apply", "--yes"]).await;
        assert!(matches!(code(&output), 0 | 1), "{}", words(&output));
        (house.stage.all_calls().await.len(), house)
    };
    let (many, house) = calls(&policy).await;
    let rows = ["name-not-allowed", "name-not-allowed"];
    let newest = "TagData_CL | where DNSHostName_s != '' | summarize arg_max(TimeGenerated, Skip_s, Types_s) by name_s | \
                  order by name_s asc | project name_s, Skip_s, Types_s";
    let skips = house.query(newest).await;
    assert_eq!(skips, [json!(["a", "", "A"]), json!(["b", rows[0], "A"]), json!(["c", rows[1], "A"])]);
    assert_eq!(house.addresses("zrh.westeurope").await, ["203.0.113.1"]);
    for name in ["ber.westeurope", "muc.westeurope"] {
        assert_eq!(house.record_set(name).await, Value::Null, "{name}");
    }
    let planned = report(&house, &["plan", &host("ber")]).await;
    let because = planned["skips"][0]["because"].as_str().unwrap();
    assert!(because.contains("the placeholder {tag:site} on line 1 of POLICY_FILE"), "{because}");
    let (few, _) = calls("[[claim]]\nnames = \"zrh.westeurope.example.com\"\n").await;
    assert_eq!(many, few, "the same work by a policy that asks for nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_names_machines_that_nobody_tagged_at_the_live_check_too() {
    let beats: Vec<Value> = ["a", "b", "c"]
        .iter()
        .zip([
            ("198.51.100.1", "203.0.113.1"),
            ("198.51.100.2", "203.0.113.2"),
            ("198.51.100.3", "203.0.113.3"),
        ])
        .flat_map(|(name, (from, to))| moved(name, from, to))
        .collect();
    let bare = |name: &str| crate::stage::machine(name, &Value::Null);
    let machines = [bare("a"), tagged("b", "own.dyn.example.com"), tagged("c", "-")];
    let policy = "[[claim]]\nnames = [\"{name}.dyn.example.com\", \"own.dyn.example.com\"]\n";
    let more =
        [("POLICY_NAMES", ""), ("POLICY_FILE", policy), ("HOSTNAME_TEMPLATE", "{name}.dyn.example.com")];
    let house = House::new(&[], &machines, &beats, &more).await;
    let named =
        "TagData_CL | where DNSHostName_s != '' | order by name_s asc | project name_s, DNSHostName_s";
    let wanted = [["a", "a.dyn.example.com"], ["b", "own.dyn.example.com"]].map(|row| json!(row));
    assert_eq!(house.query(named).await, wanted);
    let output = house.run(&["apply", "--yes"]).await;
    assert_eq!(code(&output), 0, "{}", words(&output));
    assert_eq!(house.addresses("a.dyn").await, ["203.0.113.1"]);
    assert_eq!(house.addresses("own.dyn").await, ["203.0.113.2"]);
    for name in ["b.dyn", "c.dyn"] {
        assert_eq!(house.record_set(name).await, Value::Null, "{name}");
    }
    let right = report(&house, &["plan", "a.dyn.example.com"]).await;
    assert_eq!(right["summary"]["in_sync"], 1, "{right}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_in_the_file_is_told_with_its_path_and_the_command_that_shows_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.toml");
    std::fs::write(&path, "claim = ['*']\n").unwrap();
    let path = path.to_str().unwrap();
    let mut house = House::new(&[], &[], &[], &[]).await;
    house.environment.insert("POLICY_NAMES".to_owned(), String::new());
    house.environment.insert("POLICY_FILE".to_owned(), path.to_owned());
    let planned = house.run(&["plan"]).await;
    let said = words(&planned);
    assert_eq!(code(&planned), 2, "{said}");
    assert!(said.contains(&format!("POLICY_FILE {path} line 1: claim is no list")), "{said}");
    assert!(said.contains(&format!("heartbeat-dns policy check {path}")), "{said}");
    assert!(!said.contains("local.settings.json"), "{said}");
}
