//! Answers that are lost, that lie, that lead elsewhere or that never come: what a deployment did, a read tells.

use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{Caller, NAME, VIA, arm, begun, hold, house, report, rows, zone_addresses};
use crate::handler::{House, outcomes, until};

/// How often the plan of these worlds lists the zone's sets before anything is written.
const LISTINGS: u32 = 1;

/// The address of the zone's deployment at Resource Manager, and what lies below it.
fn address(below: &str) -> String {
    format!("{}/resourcegroups/rg-dns/providers/Microsoft.Resources{NAME}{below}", crate::stage::SUBSCRIPTION)
}

/// Looks at the zone's deployment since the last look, and what of it was looked at.
async fn looks(house: &House) -> Vec<String> {
    let calls = house.stage.calls().await.into_iter();
    let of_ours = calls.filter(|call| call.method == "GET" && call.path.contains(NAME));
    of_ours
        .map(|call| {
            let below = call.path.split(NAME).nth(1).unwrap_or_default();
            below.split('?').next().unwrap_or_default().split('/').nth(1).unwrap_or_default().to_owned()
        })
        .collect()
}

/// Waits until the deployment stands in the history as begun.
async fn is_begun(house: &House) {
    let list = || house.stage.standin.state().calls.list();
    let put = |call: &standin::CallRecord| call.path.contains(NAME) && call.status == 201;
    until("it is begun", async || list().iter().any(put)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_begin_whose_answer_was_lost_is_found_by_its_name_and_not_begun_again() {
    for lost in
        [json!({ "reset": "after" }), json!({ "status": 504, "effect": true }), json!({ "truncate": true })]
    {
        let house = house(&[VIA]).await;
        let mut fault = lost.clone();
        fault["method"] = json!("PUT");
        fault["path"] = json!(NAME);
        house.stage.fail(&json!([fault])).await;
        let told = report(&house, &["apply", "--yes"]).await;
        assert_eq!(
            (outcomes(&told), told["changes"].as_array().unwrap().len()),
            (vec!["confirmed".to_owned()], 3)
        );
        let calls = house.stage.calls().await;
        let puts = calls.iter().filter(|call| call.method == "PUT");
        assert_eq!(puts.count(), 1, "{lost}: {calls:?}");
        assert!(!calls.iter().any(|call| call.path.contains("/operationStatuses/")), "{lost}: {calls:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_begin_that_never_arrived_is_begun_again_and_not_for_ever() {
    let never = |times: u32| json!([{ "method": "PUT", "path": NAME, "times": times, "reset": "before" }]);
    let house = house(&[VIA]).await;
    house.stage.fail(&never(1)).await;
    let told = report(&house, &["apply", "--yes"]).await;
    assert_eq!(outcomes(&told), ["confirmed"], "{told}");
    // The first may still come where the second is refused.
    let house = super::house(&[VIA]).await;
    let refused = json!({ "method": "PUT", "path": NAME, "status": 403 });
    house.stage.fail(&json!([never(1)[0], refused])).await;
    let told = report(&house, &["apply", "--yes"]).await;
    assert_eq!(
        (outcomes(&told), house.stage.faults().await.len()),
        (vec!["unconfirmed".to_owned()], 0),
        "{told}"
    );
    let house = super::house(&[VIA]).await;
    house.stage.fail(&never(1000)).await;
    let told = report(&house, &["apply", "--yes"]).await;
    assert_eq!(outcomes(&told), ["unconfirmed"], "nobody knows whether one is still on its way: {told}");
    assert_eq!(house.addresses("new").await, [""; 0]);
    let left = 1000 - house.stage.faults().await[0]["times"].as_u64().unwrap();
    assert!((2..=5).contains(&left), "{left} tries");
}

/// Another deployment has taken the name, and with it what was asked: the deployment itself is asked from then on.
#[tokio::test(flavor = "multi_thread")]
async fn where_its_operation_is_not_known_any_more_the_deployment_is_asked() {
    let house = house(&[VIA]).await;
    hold(&house, &json!({ "held": true })).await;
    let body = json!({ "error": { "code": "DeploymentOperationNotFound", "message": "no" } });
    let fault = json!({ "method": "GET", "path": "/operationStatuses/", "status": 404, "body": body });
    house.stage.fail(&json!([fault])).await;
    let free = async {
        let refused = async || {
            let calls = house.stage.standin.state().calls.list();
            calls.iter().any(|call| call.path.contains("/operationStatuses/") && call.status == 404)
        };
        super::until("it is not known", refused).await;
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        hold(&house, &json!({ "held": false })).await;
    };
    let (told, ()) = tokio::join!(report(&house, &["apply", "--yes"]), free);
    assert_eq!(outcomes(&told), ["confirmed"], "{told}");
    assert!(house.stage.faults().await.is_empty(), "it was polled");
}

/// Whoever stands at the other end of such an address would be given a token for all of Azure.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_on_another_host_is_never_followed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = format!("http://{}/status", listener.local_addr().unwrap());
    let house = house(&[VIA]).await;
    let headers = json!({ "Azure-AsyncOperation": elsewhere, "Location": elsewhere });
    let refused = json!({ "provisioningState": "Failed", "targetResource": { "id": super::super::set_id("new") },
        "statusMessage": { "error": { "code": "ScopeLocked", "message": "said on the first page" } } });
    let page = json!({ "value": [{ "properties": refused }], "nextLink": elsewhere });
    house
        .stage
        .fail(&json!([
            { "method": "PUT", "path": NAME, "headers": headers },
            { "method": "GET", "path": format!("{NAME}/operations\\?"), "body": page },
        ]))
        .await;
    house.world(&super::super::lock(&super::super::set_id("new"))).await;
    let told = report(&house, &["apply", "--yes"]).await;
    assert_eq!(outcomes(&told), ["confirmed", "failed"], "{told}");
    let detail = super::change(&told, "new.example.com")["detail"].as_str().unwrap();
    assert!(detail.contains("said on the first page"), "what was read before it counts: {detail}");
    assert!(looks(&house).await.iter().all(|below| below != "operationStatuses"), "the deployment is asked");
    assert!(house.stage.faults().await.is_empty(), "its operations were asked for");
    let accepted = tokio::time::timeout(std::time::Duration::from_millis(200), listener.accept()).await;
    assert!(accepted.is_err(), "somebody called {elsewhere}");
}

/// It says that all went well, and nothing was written yet.
#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_that_says_it_succeeded_has_written_nothing_that_no_read_shows() {
    let house = house(&[VIA]).await;
    hold(&house, &json!({ "held": true })).await;
    let word = json!({ "method": "GET", "path": "/operationStatuses/", "body": { "status": "Succeeded" } });
    house.stage.fail(&json!([word])).await;
    let told = report(&house, &["apply", "--yes"]).await;
    assert_eq!(outcomes(&told), ["failed"], "{told}");
    assert!(rows(&house).await.iter().all(|row| row[2] == "not-written"), "{:?}", rows(&house).await);
    // In truth it goes on, and the zone waits.
    let told = report(&house, &["apply", "--yes"]).await;
    assert_eq!(outcomes(&told), ["deferred"], "{told}");
    hold(&house, &json!({ "held": false })).await;
}

/// It says that all has failed, and all is written: nobody asks for its words.
#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_that_says_it_failed_is_not_asked_why_where_all_is_written() {
    let house = house(&[VIA]).await;
    let failed = json!({ "status": "Failed", "error": { "code": "DeploymentFailed", "message": "no" } });
    let word = json!({ "method": "GET", "path": "/operationStatuses/", "delay_ms": 2500, "body": failed });
    house.stage.fail(&json!([word])).await;
    let told = report(&house, &["apply", "--yes"]).await;
    assert_eq!(outcomes(&told), ["confirmed"], "{told}");
    let looks = looks(&house).await;
    let count = |what: &str| looks.iter().filter(|below| *below == what).count();
    assert_eq!(
        (count("operations"), count("")),
        (0, 1),
        "before anything is planned it is read once: {looks:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_somebody_cancels_has_ended_and_the_next_run_goes_on() {
    let house = house(&[VIA]).await;
    hold(&house, &json!({ "held": true, "after": 1 })).await;
    let cancelled = async {
        is_begun(&house).await;
        let is_one = async || {
            let sets = zone_addresses(&house).await;
            sets.iter().filter(|addresses| **addresses != [super::OLD] && !addresses.is_empty()).count() == 1
        };
        until("one set is written", is_one).await;
        assert_eq!(arm(&house, "POST", &address("/cancel"), &Value::Null).await.0, 204);
    };
    let handler = house.serve().await;
    let (told, ()) = tokio::join!(handler.apply(), cancelled);
    assert_eq!(outcomes(&told), ["confirmed", "failed"], "{told}");
    assert_eq!(told["summary"]["changes"], 3, "{told}");
    hold(&house, &json!({ "held": false })).await;
    let told = handler.apply().await;
    assert_eq!(
        (outcomes(&told), begun(&house).await),
        (vec!["confirmed".to_owned()], vec![201, 200]),
        "{told}"
    );
}

/// One that goes on past the run's time is waited for by the next run, which then finds its work done.
#[tokio::test(flavor = "multi_thread")]
async fn one_that_outlasts_its_run_is_waited_for_and_not_begun_again() {
    let house = house(&[VIA, ("RUN_DEADLINE", "6s")]).await;
    hold(&house, &json!({ "held": true, "after": 1 })).await;
    let handler = house.serve().await;
    let told = handler.apply().await;
    assert_eq!(outcomes(&told), ["confirmed", "unconfirmed"], "{told}");
    let words =
        |change: &Value| change["detail"].as_str().unwrap_or_default().contains("is at work since 20");
    assert_eq!(
        told["changes"].as_array().unwrap().iter().filter(|change| words(change)).count(),
        2,
        "{told}"
    );
    for name in ["hold", "release"] {
        let told = report(&house, &[name, "b.example.com", "--yes"]).await;
        assert_eq!(outcomes(&told), ["deferred"], "{name}: {told}");
    }
    let told = handler.apply().await;
    assert_eq!(
        (outcomes(&told), told["summary"]["changes"].clone()),
        (vec!["deferred".to_owned()], json!(2)),
        "{told}"
    );
    assert_eq!(begun(&house).await, [201]);
    hold(&house, &json!({ "held": false })).await;
    let is_whole = async || {
        zone_addresses(&house)
            .await
            .iter()
            .all(|addresses| *addresses != [super::OLD] && !addresses.is_empty())
    };
    until("it has ended", is_whole).await;
    let told = report(&house, &["apply", "--yes"]).await;
    assert_eq!((&told["result"], begun(&house).await), (&json!("in-sync"), Vec::new()), "{told}");
}

/// A lock keeps Azure from making room; the entry that is there already is written over and needs none.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_history_refuses_the_first_deployment_of_a_zone_and_no_later_one() {
    let house = house(&[VIA]).await;
    let group = format!("{}/resourceGroups/rg-dns", crate::stage::SUBSCRIPTION);
    let lock = json!([{ "id": format!("{group}/providers/Microsoft.Authorization/locks/keep"), "level": "CanNotDelete" }]);
    house.world(&json!({ "locks": lock })).await;
    let empty = json!({ "properties": { "mode": "Incremental", "template": {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0", "resources": [],
    } } });
    let caller = Caller::of(&house).await;
    let fill = async |count: u32| {
        for number in 0..count {
            let other = format!("{group}/providers/Microsoft.Resources/deployments/other{number}");
            assert_eq!(caller.ask("PUT", &other, &empty).await.0, 201, "{number}");
        }
    };
    fill(800).await;
    let told = report(&house, &["apply", "--yes"]).await;
    assert_eq!(outcomes(&told), ["failed"], "{told}");
    let detail = super::change(&told, "a.example.com")["detail"].as_str().unwrap();
    for said in ["az lock list --resource-group rg-dns", "az deployment group delete --resource-group rg-dns"]
    {
        assert!(detail.contains(said), "{detail}");
    }
    assert!(
        rows(&house).await.iter().all(|row| row[2] == "DeploymentQuotaExceeded"),
        "{:?}",
        rows(&house).await
    );
    // One goes, ours comes, and the history is full again.
    let one = format!("{group}/providers/Microsoft.Resources/deployments/other0");
    house.world(&json!({ "locks": [] })).await;
    assert_eq!(arm(&house, "DELETE", &one, &Value::Null).await.0, 202);
    house.world(&json!({ "locks": lock })).await;
    let told = report(&house, &["apply", "--yes"]).await;
    assert_eq!(
        (outcomes(&told), begun(&house).await),
        (vec!["confirmed".to_owned()], vec![409, 201]),
        "{told}"
    );
    let held = report(&house, &["hold", "a.example.com", "--yes"]).await;
    assert_eq!((outcomes(&held), begun(&house).await), (vec!["confirmed".to_owned()], vec![200]), "{held}");
}

/// Each set that was refused is told its own reason, and what somebody else changed meanwhile is nobody's failure.
#[tokio::test(flavor = "multi_thread")]
async fn each_set_has_its_own_words_and_what_others_changed_is_a_conflict() {
    let house = house(&[VIA]).await;
    hold(&house, &json!({ "held": true })).await;
    let meanwhile = async {
        is_begun(&house).await;
        let mut world = house.control("GET", "/standin/world", &Value::Null).await;
        let sets = world["zones"][0]["recordSets"].as_array_mut().unwrap();
        let edited = sets.iter_mut().find(|set| set["name"] == "a").unwrap();
        *edited = crate::handler::set("a", &["192.0.2.77"], Value::Null);
        let locks: Vec<_> = ["a", "b", "new"]
            .iter()
            .map(|name| super::super::lock(&super::super::set_id(name))["locks"][0].clone())
            .collect();
        house.world(&json!({ "zones": world["zones"], "locks": locks })).await;
        hold(&house, &json!({ "held": false })).await;
    };
    let handler = house.serve().await;
    let (told, ()) = tokio::join!(handler.apply(), meanwhile);
    assert_eq!(super::change(&told, "a.example.com")["outcome"], "conflict", "{told}");
    for name in ["b", "new"] {
        let failed = super::change(&told, &format!("{name}.example.com"));
        assert_eq!(failed["outcome"], "failed", "{told}");
        assert!(failed["detail"].as_str().unwrap().contains(&format!("/A/{name}'")), "{failed}");
    }
    let query = "DNSData_CL | where DNSHostName_s == 'a.example.com' | summarize arg_max(TimeGenerated, DNSIP_s) | project DNSIP_s";
    assert_eq!(house.query(query).await, [json!(["192.0.2.77"])], "what was read is told");
    let refused = crate::run::alarming(&house).await;
    assert!(!refused.contains(&json!(["new.example.com"])), "it was refused for good: {refused:?}");
}

/// What came after it under its name says nothing of it.
#[tokio::test(flavor = "multi_thread")]
async fn the_words_of_anothers_deployment_are_not_ours() {
    let house = house(&[VIA]).await;
    hold(&house, &json!({ "held": true })).await;
    let alien = json!({ "tags": { "heartbeat-dns-run": "another" }, "properties": {
        "provisioningState": "Failed", "error": { "code": "Alien", "message": "of another" } } });
    let look = json!({ "method": "GET", "path": format!("{NAME}\\?"), "delay_ms": 1 });
    let word = json!({ "method": "GET", "path": "/operationStatuses/", "body": { "status": "Failed" } });
    let words = json!({ "method": "GET", "path": format!("{NAME}\\?"), "body": alien });
    house.stage.fail(&json!([look, word, words])).await;
    let told = report(&house, &["apply", "--yes"]).await;
    assert_eq!(
        (outcomes(&told), house.stage.faults().await),
        (vec!["failed".to_owned()], Vec::new()),
        "{told}"
    );
    assert!(rows(&house).await.iter().all(|row| row[2] == "not-written"), "{:?}", rows(&house).await);
    hold(&house, &json!({ "held": false })).await;
}

/// The refusals of a begin: what passes is put off, and what does not has failed.
#[tokio::test(flavor = "multi_thread")]
async fn a_begin_that_is_refused_is_put_off_or_has_failed_by_what_it_says() {
    for (status, code, outcome) in [
        (409, "Conflict", "deferred"),
        (409, "ScopeLocked", "failed"),
        (429, "TooManyRequests", "deferred"),
        (400, "InvalidTemplateDeployment", "failed"),
    ] {
        let house = house(&[VIA, ("RUN_DEADLINE", "6s")]).await;
        let body = json!({ "error": { "code": code, "message": "no" } });
        house
            .stage
            .fail(&json!([{ "method": "PUT", "path": NAME, "times": 99, "status": status, "body": body }]))
            .await;
        let told = report(&house, &["apply", "--yes"]).await;
        assert_eq!(outcomes(&told), [outcome], "{code}: {told}");
        assert!(rows(&house).await.iter().all(|row| row[2] == code), "{code}: {:?}", rows(&house).await);
        assert_eq!(house.addresses("a").await, [super::OLD]);
    }
}

/// What cannot be read again just before is left to the next run.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_again_is_not_deployed() {
    let house = house(&[VIA]).await;
    let listing = |times: u32, effect: (&str, u32)| {
        let mut fault = json!({ "method": "GET", "path": "/A\\?", "times": times });
        fault[effect.0] = json!(effect.1);
        fault
    };
    house.stage.fail(&json!([listing(LISTINGS, ("delay_ms", 1)), listing(99, ("status", 403))])).await;
    let told = report(&house, &["apply", "--yes"]).await;
    assert_eq!(outcomes(&told), ["deferred"], "{told}");
    assert!(rows(&house).await.iter().all(|row| row[2] == "unread"), "{:?}", rows(&house).await);
    assert_eq!((begun(&house).await, house.addresses("a").await), (Vec::new(), vec![super::OLD.to_owned()]));
}

/// What no request of its own would write no deployment writes either.
#[tokio::test(flavor = "multi_thread")]
async fn a_set_that_was_read_without_a_ttl_is_not_deployed() {
    let house = house(&[VIA]).await;
    let world = house.control("GET", "/standin/world", &Value::Null).await;
    let all = world["zones"][0]["recordSets"].as_array().unwrap().iter().cloned();
    let mut sets: Vec<_> = all.filter(|set| set["type"].as_str().unwrap().ends_with("/A")).collect();
    let a = sets.iter_mut().find(|set| set["name"] == "a").unwrap();
    a["properties"].as_object_mut().unwrap().remove("TTL").expect("a TTL");
    let listed = json!({ "method": "GET", "path": "/A\\?", "times": 99, "body": { "value": sets } });
    house.stage.fail(&json!([listed])).await;
    report(&house, &["apply", "--yes"]).await;
    assert_eq!(rows(&house).await[0][2], "not-writable", "{:?}", rows(&house).await);
    assert_eq!((house.addresses("a").await, begun(&house).await), (vec![super::OLD.to_owned()], vec![201]));
}
