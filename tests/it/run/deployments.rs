//! `APPLY_VIA=deployment`: one world repaired by record sets and by template deployments ends alike, and a zone waits for what is at
//! work in it.

mod answers;
mod many;
mod order;
mod silent;
mod templates;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use standin::Options;

use super::{NEW, OLD, change, code, report, skip, words};
use crate::handler::{House, OWNER, beat, mark, moved, set, tagged, until};
use crate::stage::SUBSCRIPTION;

const VIA: (&str, &str) = ("APPLY_VIA", "deployment");
/// The zone's one deployment, as paths name it.
const NAME: &str = "/deployments/heartbeat-dns-example.com";

/// Creations, moves, another's metadata, and a machine that keeps its name.
async fn house(more: &[(&str, &str)]) -> House {
    let mut foreign = mark("b", OWNER, "1");
    foreign["team"] = json!("[resourceGroup().id]");
    foreign["[parameters('x')]"] = json!("theirs");
    let sets = [
        set("a", &[OLD], mark("a", OWNER, "1")),
        set("b", &[OLD], foreign),
        set("same", &["203.0.113.9"], mark("same", OWNER, "1")),
    ];
    let names = ["a", "b", "new", "same"];
    let machines = names.map(|name| tagged(name, &format!("{name}.example.com")));
    let mut beats = [moved("a", OLD, NEW), moved("b", OLD, "203.0.113.8")].concat();
    for (name, address) in [("new", "203.0.113.6"), ("same", "203.0.113.9")] {
        beats.extend([60, 30, 2].map(|ago| beat(name, address, ago)));
    }
    // Azure asks for up to 30 s between two looks; nobody waits for that here.
    let options = Options { retry_after: 0, ..Options::default() };
    House::with_options(&sets, &machines, &beats, more, options).await
}

/// Everything in the zone but what names the run and its time.
async fn zone(house: &House) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for name in ["a", "b", "new", "same"] {
        let mut found = house.record_set(name).await;
        if let Some(metadata) = found["metadata"].as_object_mut() {
            for key in ["heartbeat_dns_run", "heartbeat_dns_time"] {
                assert!(metadata.remove(key).is_some(), "{name}: {key}");
            }
        }
        all.insert(name.to_owned(), found);
    }
    all
}

async fn hold(house: &House, held: &Value) {
    house.control("PUT", "/standin/deployments", held).await;
}

/// Resource Manager, as the identity itself asks it.
struct Caller {
    http: reqwest::Client,
    url: reqwest::Url,
    token: String,
}

impl Caller {
    async fn of(house: &House) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = house.stage.standin.azure_url().clone();
        let of = "/msi/token?resource=https%3A%2F%2Fmanagement.azure.com%2F&api-version=2019-08-01";
        let secret = Options::default().identity_header;
        let given = http.get(url.join(of).unwrap()).header("X-IDENTITY-HEADER", secret).send().await.unwrap();
        let given: Value = serde_json::from_str(&given.text().await.unwrap()).unwrap();
        Self { http, url, token: given["access_token"].as_str().unwrap().to_owned() }
    }

    /// The status and the answer.
    async fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let url = self.url.join(&format!("{path}?api-version=2021-04-01")).unwrap();
        let mut request = self.http.request(method.parse().unwrap(), url).bearer_auth(&self.token);
        if !body.is_null() {
            request = request.header("Content-Type", "application/json").body(body.to_string());
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
    }
}

/// One question to Resource Manager.
async fn arm(house: &House, method: &str, path: &str, body: &Value) -> (u16, Value) {
    Caller::of(house).await.ask(method, path, body).await
}

/// Begun deployments, with the status of each.
async fn begun(house: &House) -> Vec<u16> {
    let calls = house.stage.calls().await;
    let puts = calls.iter().filter(|call| call.method == "PUT" && call.path.contains(NAME));
    puts.map(|call| call.status).collect()
}

/// The outcome and the code of each change, as the log has them.
async fn rows(house: &House) -> Vec<Value> {
    house
        .query(
            "DNSChange_CL | project DNSHostName_s, Outcome_s, Reason_s, Via_s | order by DNSHostName_s asc",
        )
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_world_ends_alike_by_record_sets_and_by_deployments() {
    let (sets, deployed) = (house(&[]).await, house(&[VIA]).await);
    for (house, via) in [(&sets, "record-set"), (&deployed, "deployment")] {
        let told = report(house, &["apply", "--yes"]).await;
        assert_eq!(told["changes"].as_array().unwrap().len(), 3, "{told}");
        for change in told["changes"].as_array().unwrap() {
            let proved = (&change["outcome"], &change["via"], &change["proved_by"]);
            assert_eq!(proved, (&json!("confirmed"), &json!(via), &json!("dns")), "{change}");
        }
        assert!(rows(house).await.iter().all(|row| row[3] == via && row[1] == "confirmed"));
    }
    assert_eq!(zone(&sets).await, zone(&deployed).await);
    let metadata = zone(&deployed).await["b"]["metadata"].clone();
    assert_eq!(
        (&metadata["team"], &metadata["[parameters('x')]"]),
        (&json!("[resourceGroup().id]"), &json!("theirs"))
    );
    let calls = deployed.stage.calls().await;
    let puts = calls.iter().filter(|call| call.method == "PUT");
    assert_eq!(puts.clone().count(), 1, "one deployment and no record set: {calls:?}");
    assert!(puts.clone().all(|call| call.path.contains("/resourcegroups/rg-dns/")), "{calls:?}");
    assert!(calls.iter().any(|call| call.path.contains("/operationStatuses/")), "{calls:?}");
    assert_eq!(report(&deployed, &["apply", "--yes"]).await["result"], "in-sync");
    assert_eq!(sets.stage.calls().await.iter().filter(|call| call.path.contains("/deployments/")).count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_dies_between_the_begin_and_the_look_is_waited_for_and_then_the_next_run_goes_on() {
    let house = house(&[VIA]).await;
    hold(&house, &json!({ "held": true, "after": 1 })).await;
    let mut killed =
        house.command().args(["apply", "--yes"]).stdin(std::process::Stdio::null()).spawn().unwrap();
    let is_running = async || {
        let sets = zone_addresses(&house).await;
        sets.iter().filter(|addresses| **addresses != [OLD] && !addresses.is_empty()).count() == 1
    };
    until("one set is written", is_running).await;
    killed.kill().await.unwrap();
    assert_eq!(begun(&house).await, [201]);
    // While it is at work nothing is written, and nothing of it is cancelled.
    let told = report(&house, &["apply", "--yes"]).await;
    let changes = told["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 2, "{told}");
    for change in changes {
        assert_eq!(change["outcome"], "deferred", "{change}");
        let detail = change["detail"].as_str().unwrap();
        assert!(detail.contains("heartbeat-dns-example.com is at work since 20"), "{detail}");
    }
    let doctor = house.run(&["doctor", "--no-probe", "-o", "csv"]).await;
    let told = String::from_utf8_lossy(&doctor.stdout).into_owned();
    let at_work = told.lines().find(|line| line.starts_with("warn,deployments,")).unwrap_or_default();
    assert!(at_work.contains("is at work since 20") && at_work.contains(" UTC, for "), "{told}");
    assert_eq!(begun(&house).await, [0; 0]);
    hold(&house, &json!({ "held": false })).await;
    let is_whole = async || {
        zone_addresses(&house).await.iter().all(|addresses| *addresses != [OLD] && !addresses.is_empty())
    };
    until("the killed one's deployment has ended", is_whole).await;
    // Its rows are owed, and told from the marks once they are old enough to have arrived.
    house.age_marks(11, None).await;
    assert!(house.run(&["collect"]).await.status.success());
    let told = house.serve().await.apply().await;
    assert_eq!(told["result"], "in-sync", "{told}");
    assert_eq!(begun(&house).await, [0; 0]);
    let confirmed = rows(&house).await.into_iter().filter(|row| row[1] == "confirmed").count();
    assert_eq!(confirmed, 3, "{:?}", rows(&house).await);
}

async fn zone_addresses(house: &House) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for name in ["a", "b", "new"] {
        all.push(house.addresses(name).await);
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_runs_at_once_one_deploys_and_the_other_waits_for_it() {
    let house = house(&[VIA]).await;
    hold(&house, &json!({ "held": true })).await;
    // The second has read that nothing is at work before the first begins.
    let fault = json!({ "method": "PUT", "path": NAME, "times": 2, "delay_ms": 1500 });
    house.stage.fail(&json!([fault])).await;
    let (one, other) = (house.serve().await, house.serve().await);
    let free = async {
        let refused = async || {
            let calls = house.stage.standin.state().calls.list();
            calls.iter().any(|call| call.path.contains(NAME) && call.status == 409)
        };
        until("the other is refused", refused).await;
        hold(&house, &json!({ "held": false })).await;
    };
    let (first, second, ()) = tokio::join!(one.apply(), other.apply(), free);
    let mut outcomes = [&first, &second].map(|report| {
        let change = change(report, "a.example.com");
        (
            change["outcome"].as_str().unwrap().to_owned(),
            change["detail"].as_str().unwrap_or_default().to_owned(),
        )
    });
    outcomes.sort();
    assert_eq!([&outcomes[0].0, &outcomes[1].0], ["confirmed", "deferred"], "{first} {second}");
    assert!(outcomes[1].1.contains("is at work since"), "{outcomes:?}");
    let mut statuses = begun(&house).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_time_ends_says_that_nobody_knows_and_what_stands_there_is_confirmed() {
    let house = house(&[VIA, ("RUN_DEADLINE", "6s")]).await;
    hold(&house, &json!({ "held": true, "after": 1 })).await;
    let told = house.serve().await.apply().await;
    let mut outcomes: Vec<&str> = told["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["outcome"].as_str().unwrap())
        .collect();
    outcomes.sort_unstable();
    assert_eq!(outcomes, ["confirmed", "unconfirmed", "unconfirmed"], "{told}");
    hold(&house, &json!({ "held": false })).await;
}

/// The deployment's word is not believed: it says that it has failed, and what it wrote is confirmed.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_failed_deployment_wrote_is_confirmed_and_the_rest_has_its_own_words() {
    let house = house(&[VIA]).await;
    hold(&house, &json!({ "held": true })).await;
    let locked = async {
        until("it is begun", async || {
            house
                .stage
                .standin
                .state()
                .calls
                .list()
                .iter()
                .any(|call| call.path.contains(NAME) && call.status == 201)
        })
        .await;
        house.world(&super::lock(&super::set_id("new"))).await;
        hold(&house, &json!({ "held": false })).await;
    };
    let handler = house.serve().await;
    let (told, ()) = tokio::join!(handler.apply(), locked);
    assert_eq!(change(&told, "a.example.com")["outcome"], "confirmed", "{told}");
    let failed = change(&told, "new.example.com");
    assert_eq!(failed["outcome"], "failed", "{told}");
    let detail = failed["detail"].as_str().unwrap();
    assert!(detail.contains("ScopeLocked") && detail.contains("who may lift it"), "{detail}");
    let refused =
        house.query("DNSChange_CL | where Outcome_s == 'failed' | project DNSHostName_s, Reason_s").await;
    assert_eq!(refused, [json!(["new.example.com", "ScopeLocked"])]);
}

/// What is not any more as the plan saw it is taken out, and the others are deployed.
#[tokio::test(flavor = "multi_thread")]
async fn a_set_that_was_edited_since_the_plan_is_not_in_the_deployment() {
    for (edited, kept, becomes) in [
        (set("a", &["192.0.2.77"], Value::Null), "192.0.2.77", "conflict"),
        (set("a", &[NEW], mark("a", OWNER, "1")), NEW, "already-right"),
    ] {
        let house = house(&[VIA]).await;
        // What tells of it comes late, and with it the plan, which has read the set by then.
        house.stage.fail(&json!([{ "method": "GET", "path": "/CNAME/new", "delay_ms": 2500 }])).await;
        let handler = house.serve().await;
        let edit = async {
            let list = || house.stage.standin.state().calls.list();
            let is_read = |call: &&standin::CallRecord| call.method == "GET" && call.path.contains("/A?");
            until("the plan has read it", async || list().iter().any(|call| is_read(&call))).await;
            let mut world = house.control("GET", "/standin/world", &Value::Null).await;
            let sets = world["zones"][0]["recordSets"].as_array_mut().unwrap();
            *sets.iter_mut().find(|set| set["name"] == "a").unwrap() = edited;
            house.world(&json!({ "zones": world["zones"] })).await;
        };
        let (told, ()) = tokio::join!(handler.apply(), edit);
        assert_eq!(house.addresses("a").await, [kept], "{told}");
        assert_eq!(change(&told, "b.example.com")["outcome"], "confirmed", "{told}");
        let said = (&change(&told, "a.example.com")["outcome"], &skip(&told, "a.example.com")["reason"]);
        assert!([said.0, said.1].contains(&&json!(becomes)), "{said:?}: {told}");
        let calls = house.stage.calls().await;
        assert_eq!(calls.iter().filter(|call| call.method == "PUT").count(), 1, "{calls:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_names_are_three_deployments() {
    let name = |index: usize| format!("k{index:04}");
    let all = 0..2000;
    let machines: Vec<_> =
        all.clone().map(|index| tagged(&name(index), &format!("{}.example.com", name(index)))).collect();
    let address = |index: usize| format!("198.18.{}.{}", index / 200, index % 200 + 1);
    let beats: Vec<_> = all
        .clone()
        .flat_map(|index| [60, 30, 2].map(|ago| beat(&name(index), &address(index), ago)))
        .collect();
    let more = [VIA, ("POLICY_ALLOW_PREFIXES", "198.18.0.0/15")];
    let options = Options { retry_after: 0, ..Options::default() };
    let house = House::with_options(&[], &machines, &beats, &more, options).await;
    let told = report(&house, &["apply", "--yes"]).await;
    let changes = told["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 2000, "{}", told["summary"]);
    assert!(changes.iter().all(|change| change["outcome"] == "confirmed"), "{}", told["summary"]);
    assert_eq!(begun(&house).await, [201, 200, 200]);
    assert_eq!(house.addresses("k1999").await, [address(1999)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_role_it_is_said_who_gives_it_and_nothing_is_written() {
    let house = house(&[VIA]).await;
    let roles = json!([{ "scope": SUBSCRIPTION, "actions": ["Microsoft.Network/*", "Microsoft.HybridCompute/*/read",
        "Microsoft.OperationalInsights/*", "Microsoft.Insights/*"] }]);
    house.world(&json!({ "identity": { "roles": roles } })).await;
    let told = house.serve().await.apply().await;
    let failed = change(&told, "a.example.com");
    assert_eq!(failed["outcome"], "failed", "{told}");
    assert!(failed["detail"].as_str().unwrap().contains("infra/roles/deployments.json"), "{failed}");
    let shown = words(&house.run(&["apply", "--yes"]).await);
    assert!(
        shown.contains("templates may not be deployed into rg-dns, as APPLY_VIA=deployment does"),
        "{shown}"
    );
    assert!(shown.contains("heartbeat-dns doctor") && !shown.contains("infra/roles/"), "{shown}");
    assert_eq!((begun(&house).await, house.addresses("a").await), (vec![], vec![OLD.to_owned()]));
    // So does whoever looks at it afterwards.
    for verb in ["plan", "explain"] {
        let told = words(&house.run(&[verb, "a.example.com"]).await);
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        let why = "to deploy templates into rg-dns, as APPLY_VIA=deployment does, or to write to the zone";
        assert!(told.contains(why) && told.contains("heartbeat-dns doctor"), "{told}");
        assert!(!told.contains("DNS Zone Contributor"), "{told}");
    }
    let doctor = house.run(&["doctor", "-o", "json"]).await;
    let told: Value = serde_json::from_slice(&doctor.stdout).unwrap();
    let line = told["lines"].as_array().unwrap().iter().find(|line| line["topic"] == "deployments").unwrap();
    assert_eq!(line["verdict"], "fail", "{line}");
    let az: Vec<&str> = line["az"].as_array().unwrap().iter().map(|az| az.as_str().unwrap()).collect();
    assert!(az[0].contains("Microsoft.Resources/deployments/write"), "{az:?}");
    assert!(az[1].contains("--scope /subscriptions/") && az[1].ends_with("/resourceGroups/rg-dns"), "{az:?}");
    // With the role all is well, and nothing was changed by the question.
    house.world(&json!({ "identity": {} })).await;
    let told = house.run(&["doctor", "-o", "json"]).await;
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    let line = told["lines"].as_array().unwrap().iter().find(|line| line["topic"] == "deployments").unwrap();
    assert_eq!(line["verdict"], "ok", "{line}");
    assert_eq!(begun(&house).await, [0; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_printed_as_a_template_of_one_zone() {
    let house = house(&[]).await;
    let output = house.run(&["plan", "-o", "arm"]).await;
    assert_eq!(code(&output), 0, "{}", words(&output));
    let template: Value = serde_json::from_slice(&output.stdout).unwrap();
    let names: Vec<&str> = template["resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|resource| resource["name"].as_str().unwrap())
        .collect();
    assert_eq!(names.len(), 3, "{template}");
    for name in ["example.com/a", "example.com/b", "example.com/new"] {
        assert!(names.contains(&name), "{names:?}");
    }
    assert_eq!(house.writes().await, 0);
    for (arguments, words_of) in [
        (&["apply", "-o", "arm", "--yes"][..], "prints no template"),
        (&["plan", "--zone", "example.com"], "no name is given"),
        (&["plan", "-o", "arm", "--zone", "example.net"], "none of the zones of DNS_ZONES"),
    ] {
        let output = house.run(arguments).await;
        assert_eq!(code(&output), 2, "{arguments:?}: {}", words(&output));
        assert!(words(&output).contains(words_of), "{arguments:?}: {}", words(&output));
    }
}
