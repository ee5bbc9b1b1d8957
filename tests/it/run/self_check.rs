//! An identity that may do more than its roles give is told of, by the timer, and by nothing else; nobody waits for that.

use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::OLD;
use super::doctor::world::{deployed, may_all_but};
use crate::handler::{Handler, House, OWNER, beat, mark, set, tagged, until};
use crate::stage::{SUBSCRIPTION, zone_id};
use crate::watch::notices::Receiver;

const FIRED: &str = include_str!("../fixtures/alerts/alert-v2-fired.json");
const GIVE_ROLES: &str = "Microsoft.Authorization/roleAssignments/write";

fn group() -> String {
    format!("{SUBSCRIPTION}/resourceGroups/rg-dns")
}

/// The roles of `infra` and these besides.
fn with(more: &[Value]) -> Value {
    let roles = [deployed().as_array().unwrap(), more].concat();
    json!({ "identity": { "roles": roles } })
}

fn owner() -> Value {
    json!({ "scope": group(), "actions": ["*"] })
}

struct Scene {
    house: House,
    people: Receiver,
}

impl Scene {
    /// A quiet house whose identity has the roles of `infra` and these.
    async fn of(more: &[Value]) -> Self {
        let people = Receiver::start().await;
        let url = format!("{}/hook", people.url);
        let notify = [("NOTIFY_URL", url.as_str()), ("NOTIFY_FORMAT", "json")];
        let beats = [beat("x", OLD, 300)];
        let house =
            House::new(&[set("x", &[OLD], Value::Null)], &[tagged("x", "x.example.com")], &beats, &notify)
                .await;
        house.world(&with(more)).await;
        house.stage.all_calls().await;
        Self { house, people }
    }

    async fn tick(&self, handler: &Handler) {
        let (status, said) = handler.tick().await;
        assert_eq!(status, 200, "{said}");
    }

    /// The paths at which the own rights were asked for since the last time.
    async fn asked(&self) -> Vec<String> {
        let calls = self.house.stage.all_calls().await;
        let paths = calls.into_iter().map(|call| call.path);
        paths.filter(|path| path.contains("Microsoft.Authorization/permissions")).collect()
    }

    /// What the log remembers.
    async fn rows(&self) -> Vec<Value> {
        let query =
            "DNSChange_CL | where Action_s == 'warning' | project DNSHostName_s, Reason_s, ResourceId_s";
        self.house.query(query).await
    }

    fn warned(&self) -> Vec<Value> {
        let posts = self.people.posts();
        let events = posts.iter().flat_map(|post| post.json()["events"].as_array().unwrap().clone());
        events.filter(|event| event["event"] == "warned").collect()
    }

    /// A row that says that people were told of the group, and that nobody of ours has sent.
    fn forged(&self) -> Map<String, Value> {
        let time = heartbeat_dns::clock::now() - SignedDuration::from_mins(1);
        let row = json!({ "TimeGenerated": time.to_string(), "run_s": "forged", "Trigger_s": "timer", "DNSHostName_s": "rg-dns",
            "RecordType_s": "", "ZoneId_s": zone_id("example.com").to_lowercase(), "Action_s": "warning", "Outcome_s": "stands",
            "Reason_s": "rights-too-wide", "ResourceId_s": group(), "Installation_s": OWNER });
        row.as_object().unwrap().clone()
    }

    /// What one tick of a new process tells: the action in the sentence of each warning.
    async fn told(&self) -> Vec<String> {
        let before = self.warned().len();
        let handler = self.house.serve().await;
        self.tick(&handler).await;
        let rows = self.rows().await.len();
        until("people hear what the log remembers", async || self.warned().len() == rows).await;
        let quoted = |event: &Value| event["because"].as_str().unwrap().split('`').nth(1).unwrap().to_owned();
        self.warned()[before..].iter().map(quoted).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_is_told_of_once_and_no_alert_asks() {
    let scene = Scene::of(&[owner()]).await;
    let (handler, log) = Handler::with_log(&mut scene.house.command()).await;
    assert_eq!(handler.remediate(FIRED).await.0, 200);
    assert_eq!(scene.asked().await, [""; 0], "an alert asks for nothing of the kind");
    scene.tick(&handler).await;
    let mut asked = scene.asked().await;
    asked.sort();
    let at =
        |scope: &str| format!("{scope}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01");
    assert_eq!(asked, [at(&group()), at(&zone_id("example.com"))]);
    until("people are told", async || !scene.warned().is_empty()).await;
    let warned = scene.warned();
    assert_eq!(warned.len(), 1, "the zone says no more than its group: {warned:?}");
    assert_eq!((&warned[0]["what"], &warned[0]["subject"]), (&json!("rights-too-wide"), &json!("rg-dns")));
    let because = warned[0]["because"].as_str().unwrap();
    for part in [
        "`*` at the resource group rg-dns",
        GIVE_ROLES,
        &format!("--include-inherited --scope '{}'", group()),
        "az role assignment list --assignee ",
    ] {
        assert!(because.contains(part), "{part}: {because}");
    }
    assert!(!because.contains("OBJECT_ID"), "{because}");
    let logged = log.lock().unwrap().join("\n");
    let told: Value = logged
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|line| serde_json::from_str(line["report"].as_str()?).ok())
        .next_back()
        .expect("the report stands in the line of the run");
    assert_eq!(told["warnings"][0]["because"], because, "{told}");
    assert_eq!(scene.rows().await, [json!(["rg-dns", "rights-too-wide", group()])]);
    // It is asked for once, and told once, by another process too.
    scene.tick(&handler).await;
    assert_eq!(scene.asked().await, [""; 0]);
    assert_eq!(scene.told().await, [""; 0]);
    assert_eq!(scene.asked().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_roles_of_infra_and_what_comes_to_the_same_are_no_news() {
    let zone = "Microsoft.Network/dnsZones";
    let all =
        json!({ "scope": SUBSCRIPTION, "actions": ["*"], "notActions": ["*/write", "*/delete", "*/action"] });
    let like_ours =
        json!({ "scope": SUBSCRIPTION, "actions": [format!("{zone}/A*/write"), format!("{zone}/a/*")] });
    let reader = json!({ "scope": SUBSCRIPTION, "actions": ["*/READ"] });
    let publisher = json!({ "scope": group(), "actions": ["Microsoft.Insights/Register/Action", "Microsoft.Support/*"],
        "dataActions": ["Microsoft.Insights/Metrics/Write", "Microsoft.Insights/Telemetry/Write"] });
    // A right below the zone is not one at the zone, and one at another group is none at ours.
    let below = json!({ "scope": format!("{}/TXT/x", zone_id("example.com")), "actions": ["*"] });
    let elsewhere = json!({ "scope": format!("{SUBSCRIPTION}/resourceGroups/rg-edge"), "actions": ["*"] });
    let scene = Scene::of(&[all, like_ours, reader, publisher, below, elsewhere]).await;
    assert_eq!(scene.told().await, [""; 0]);
    assert_eq!(scene.asked().await.len(), 2, "it was asked");
    // Who may not ask is not asked again by the same process.
    scene.house.world(&json!({ "identity": { "roles": deployed() } })).await;
    let handler = scene.house.serve().await;
    for expected in [2, 0] {
        scene.tick(&handler).await;
        assert_eq!(scene.asked().await.len(), expected, "a refusal is an answer");
    }
    assert_eq!((scene.rows().await, scene.warned()), (vec![], vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_thing_that_goes_beyond_is_told_where_it_does() {
    let read = json!({ "scope": SUBSCRIPTION, "actions": ["*/read"] });
    for (role, action) in [
        (
            json!({ "scope": zone_id("example.com"), "actions": ["Microsoft.Network/dnszones/*"] }),
            "Microsoft.Network/dnszones/*",
        ),
        (
            json!({ "scope": "/", "actions": ["*/Write"], "notActions": ["Microsoft.Authorization/*/write"] }),
            "*/Write",
        ),
        (
            json!({ "scope": group(), "actions": [], "dataActions": ["Microsoft.Storage/*"] }),
            "Microsoft.Storage/*",
        ),
        (
            json!({ "scope": group(), "actions": ["Microsoft.Network/dnsZones/TXT/write"] }),
            "Microsoft.Network/dnsZones/TXT/write",
        ),
    ] {
        // What another role takes away from itself, it does not take from this one.
        let other =
            json!({ "scope": "/", "actions": ["*/read"], "notActions": ["*/write", "*/delete", "*/action"] });
        let scene = Scene::of(&[other, role.clone(), read.clone()]).await;
        assert_eq!(scene.told().await, [action], "{role}");
        let resource = scene.rows().await[0][2].clone();
        let zone = zone_id("example.com");
        let at = if role["scope"] == zone.as_str() { zone } else { group() };
        assert_eq!(resource, at, "{role}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_of_many_pages_counts() {
    let mut roles: Vec<Value> =
        (0..230).map(|_| json!({ "scope": group(), "actions": ["*/read"] })).collect();
    roles.push(owner());
    let scene = Scene::of(&roles).await;
    assert_eq!(scene.told().await, ["*"]);
    assert_eq!(scene.asked().await.len(), 6, "three pages of each scope");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_answered_is_quiet_and_asked_again_with_the_next_tick() {
    let elsewhere =
        json!({ "value": [], "nextLink": "https://example.com/permissions?api-version=2022-04-01" });
    let list =
        |kind: &str| (0..150).map(|index| format!("Some.Kind/{kind}{index}/write")).collect::<Vec<_>>();
    let endless = json!({ "value": [{ "actions": list("a"), "notActions": list("b") }] });
    let large = json!({ "value": [{ "actions": ["*"] }], "more": "x".repeat(1 << 20) });
    for fault in [
        json!({ "status": 200, "body": endless }),
        json!({ "status": 200, "body": large }),
        json!({ "status": 429, "headers": { "Retry-After": "60" } }),
        json!({ "status": 500 }),
        json!({ "status": 200, "body": "<html>no JSON</html>" }),
        json!({ "status": 200, "body": { "value": ["*"] } }),
        json!({ "status": 200, "body": { "permissions": [] } }),
        json!({ "status": 200, "body": elsewhere }),
    ] {
        let scene = Scene::of(&[owner()]).await;
        let mut broken = fault.clone();
        (broken["path"], broken["times"]) = (json!("Microsoft.Authorization/permissions"), json!(1000));
        scene.house.stage.fail(&json!([broken])).await;
        let handler = scene.house.serve().await;
        scene.tick(&handler).await;
        assert!(scene.asked().await.len() >= 2, "{fault}");
        assert_eq!((scene.rows().await, scene.warned()), (vec![], vec![]), "{fault}");
        scene.house.stage.fail(&json!([])).await;
        scene.tick(&handler).await;
        until("it is told after all", async || scene.warned().len() == 1).await;
        assert_eq!(scene.rows().await.len(), 1, "{fault}");
    }
}

/// The service of rights hangs: the tick has made its run all the same, and ends within the time of a look.
#[tokio::test(flavor = "multi_thread")]
async fn no_run_waits_for_it() {
    let scene = Scene::of(&[owner()]).await;
    scene.house.world(&json!({ "zones": [{ "id": zone_id("example.com"), "recordSets": [set("x", &[OLD], mark("x", OWNER, "1"))] }] })).await;
    let hangs = json!({ "path": "Microsoft.Authorization/permissions", "times": 1000, "delay_ms": 60_000 });
    scene.house.stage.fail(&json!([hangs])).await;
    scene.house.heartbeats(&[90, 60, 30, 2].map(|ago| beat("x", "203.0.113.7", ago))).await;
    let handler = scene.house.serve().await;
    let begin = std::time::Instant::now();
    let moved = async {
        until("the name has moved", async || scene.house.addresses("x").await == ["203.0.113.7"]).await;
        begin.elapsed()
    };
    let (moved, ()) = tokio::join!(moved, scene.tick(&handler));
    assert!(moved + std::time::Duration::from_secs(2) < begin.elapsed(), "the run came first: {moved:?}");
    assert!(begin.elapsed().as_secs() < 40, "{:?}", begin.elapsed());
    assert_eq!(scene.warned().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_says_the_same() {
    let scene = Scene::of(&[owner()]).await;
    let examined = async |house: &House| -> Value {
        let output = house.run(&["doctor", "--no-probe", "-o", "json"]).await;
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let lines = report["lines"].as_array().unwrap().iter();
        let rights: Vec<Value> = lines.filter(|line| line["topic"] == "rights").cloned().collect();
        json!(rights)
    };
    let rights = examined(&scene.house).await;
    assert_eq!(
        (&rights[0]["verdict"], &rights[0]["of"], &rights[1]),
        (&json!("warn"), &json!("rg-dns"), &Value::Null)
    );
    assert!(rights[0]["said"].as_str().unwrap().contains("`*` at the resource group rg-dns"), "{rights}");
    assert!(
        rights[0]["az"][0].as_str().unwrap().starts_with("az role assignment list --assignee "),
        "{rights}"
    );
    scene.house.world(&json!({ "identity": { "roles": may_all_but(&[]) } })).await;
    let rights = examined(&scene.house).await;
    assert_eq!(rights[0]["verdict"], "ok", "{rights}");
    assert!(rights[0]["said"].as_str().unwrap().contains("may not be asked, which is well"), "{rights}");
    scene.house.world(&with(&[json!({ "scope": SUBSCRIPTION, "actions": ["*/read"] })])).await;
    let rights = examined(&scene.house).await;
    assert!(rights[0]["said"].as_str().unwrap().contains("no wider than"), "{rights}");
    let fault =
        json!({ "path": "Microsoft.Authorization/permissions", "times": 1000, "status": 200, "body": {} });
    scene.house.stage.fail(&json!([fault])).await;
    let rights = examined(&scene.house).await;
    assert_eq!((&rights[0]["verdict"], &rights[1]), (&json!("skip"), &Value::Null), "{rights}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_memory_keeps_no_process_from_saying_it_in_its_log() {
    let scene = Scene::of(&[owner()]).await;
    scene.house.stage.standin.state().workspace().append("DNSChange_CL", &[scene.forged()]).unwrap();
    for process in ["the first", "the next"] {
        let (handler, log) = Handler::with_log(&mut scene.house.command_in_one_stream()).await;
        let said = || -> Vec<Value> {
            let log = log.lock().unwrap();
            let lines = log.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            lines.filter(|line| line.to_string().contains("`*` at the resource group rg-dns")).collect()
        };
        scene.tick(&handler).await;
        until("the log says it", async || !said().is_empty()).await;
        scene.tick(&handler).await;
        assert_eq!((said().len(), &said()[0]["level"]), (1, &json!("WARN")), "{process}: {:?}", said());
    }
    assert_eq!(scene.warned().len(), 0, "the log is believed as far as a notice goes");
}

/// Each role at the widest place at which somebody may assign it, alone and together with the others.
#[tokio::test(flavor = "multi_thread")]
async fn no_role_of_infra_is_too_wide_wherever_it_is_assigned() {
    let folder = format!("{}/infra/roles", env!("CARGO_MANIFEST_DIR"));
    let mut given = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let role: Value = serde_json::from_str(&text).unwrap();
        let lists = role.as_object().unwrap().iter().filter(|(member, _)| member.starts_with("actions"));
        given.extend(lists.map(|(_, actions)| json!({ "scope": SUBSCRIPTION, "actions": actions })));
    }
    assert!(given.len() >= 7, "deployments, deletions and virtual machines among them: {given:?}");
    let scene = Scene::of(&[]).await;
    // Who reads everything may ask for this too.
    let reader = json!({ "scope": SUBSCRIPTION, "actions": ["*/read"] });
    let alone = given.iter().map(std::slice::from_ref);
    for roles in alone.chain([&given[..]]) {
        scene.house.world(&with(&[roles, std::slice::from_ref(&reader)].concat())).await;
        assert_eq!(scene.told().await, [""; 0], "{roles:?}");
        assert_eq!(scene.asked().await.len(), 2, "it was asked: {roles:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_role_that_builtin_assigns_is_told_as_a_choice() {
    let actions = json!([
        "Microsoft.Authorization/*/read",
        "Microsoft.Network/dnsZones/*",
        "Microsoft.Resources/deployments/*",
        "Microsoft.Resources/subscriptions/resourceGroups/read",
        "Microsoft.Support/*"
    ]);
    let scene = Scene::of(&[json!({ "scope": zone_id("example.com"), "actions": actions })]).await;
    assert_eq!(scene.told().await, ["Microsoft.Network/dnsZones/*"]);
    let warned = scene.warned();
    let because = warned[0]["because"].as_str().unwrap();
    assert!(because.contains("DNS Zone Contributor, the choice of roles=builtin"), "{because}");
    let scene = Scene::of(&[owner()]).await;
    scene.told().await;
    let warned = scene.warned();
    let because = warned[0]["because"].as_str().unwrap();
    assert!(!because.contains("builtin"), "an owner is nobody's choice: {because}");
}
