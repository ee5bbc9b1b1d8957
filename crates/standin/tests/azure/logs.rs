//! Logs Query and Ingestion in the forms that were recorded of the services.

use serde_json::{Value, json};

use crate::stage::{Got, Stage};

const WORKSPACE: &str = "00000000-0000-0000-0000-0000000000c1";

/// A call of the query surface with its own token.
async fn post(stage: &Stage, path: &str, prefer: &str, body: &Value) -> Got {
    let token = format!("Bearer {}", stage.token_for("https://api.loganalytics.io").await);
    stage.send("POST", path, &[("Authorization", &token), ("Prefer", prefer)], Some(body)).await
}

async fn ask(stage: &Stage, prefer: &str, query: &str) -> Got {
    post(stage, &format!("/v1/workspaces/{WORKSPACE}/query"), prefer, &json!({ "query": query })).await
}

#[tokio::test]
async fn an_answer_that_was_cut_says_so_in_its_details() {
    let stage = Stage::new().await;
    let body = ask(&stage, "", "range x from 1 to 500001 step 1").await.json();
    let error = &body["error"];
    assert_eq!(
        (&error["code"], error.get("innererror"), error["details"].as_array().map(Vec::len)),
        (&json!("PartialError"), None, Some(1))
    );
    let detail = &error["details"][0];
    assert_eq!(detail["code"], "EngineError");
    let inner = &detail["innererror"];
    assert_eq!((&inner["severity"], &inner["severityName"]), (&json!(2), &json!("Error")));
    assert_eq!(inner["code"], "-2133196797");
    assert!(inner["message"].as_str().is_some_and(|text| text.contains("500000")), "{inner}");
    assert_eq!(body["tables"][0]["rows"].as_array().map(Vec::len), Some(500_000));
}

#[tokio::test]
async fn an_error_can_be_told_apart_by_its_id() {
    let stage = Stage::new().await;
    let one = ask(&stage, "", "Heartbeat | nonsense").await;
    let other = ask(&stage, "", "Nothing").await;
    let id = |got: &Got| got.json()["error"]["correlationId"].as_str().expect("an id").to_owned();
    assert_eq!((one.status, other.status, id(&one).len()), (400, 400, 36));
    assert_ne!(id(&one), id(&other));
}

#[tokio::test]
async fn a_preference_that_was_heard_is_named() {
    let stage = Stage::new().await;
    for (prefer, applied) in [
        ("wait=600", "wait=600"),
        ("wait=9999,include-statistics=true", "wait=600"),
        ("include-statistics=true", ""),
        ("", ""),
    ] {
        let got = ask(&stage, prefer, "print 1").await;
        assert_eq!((got.status, got.header("preference-applied")), (200, applied), "{prefer}");
        assert_eq!(ask(&stage, prefer, "nonsense(").await.header("preference-applied"), applied, "{prefer}");
    }
}

#[tokio::test]
async fn statistics_come_whole_and_only_when_asked_for() {
    let stage = Stage::new().await;
    stage.own("POST", "heartbeats", Some(&json!([{ "Computer": "a" }, { "Computer": "b" }]))).await;
    let plain = ask(&stage, "", "Heartbeat | count").await.json();
    assert_eq!((plain.get("statistics"), plain.get("render")), (None, None));
    let query = "Heartbeat | summarize n = count() by Computer | render barchart with (title='x')";
    let body = ask(&stage, "include-statistics=true,include-render=true", query).await.json();
    let statistics = &body["statistics"]["query"];
    assert!(statistics["executionTime"].as_f64().is_some_and(|seconds| seconds > 0.0));
    assert_eq!(statistics["inputDatasetStatistics"]["rows"], json!({ "total": 2, "scanned": 2 }));
    assert_eq!(statistics["datasetStatistics"][0]["tableRowCount"], 2);
    for pointer in
        ["/cache/memory/hits", "/cache/shards/hot/hitbytes", "/cpu/totalCpu", "/memory/peakPerNode"]
    {
        assert!(statistics["resourceUsage"].pointer(pointer).is_some(), "{pointer}: {statistics}");
    }
    assert_eq!(
        (&body["render"]["visualization"], &body["render"]["title"]),
        (&json!("barchart"), &json!("x"))
    );
}

#[tokio::test]
async fn a_batch_is_answered_question_by_question() {
    let stage = Stage::new().await;
    let question = |id: &str, workspace: &str, body: Value| {
        json!({ "id": id, "method": "POST", "path": "/query", "workspace": workspace, "body": body,
                "headers": { "Prefer": "include-statistics=true" } })
    };
    let query = |text: &str| json!({ "query": text, "timespan": "PT1H" });
    let mut elsewhere = question("e", WORKSPACE, query("print 1"));
    elsewhere["path"] = json!("/metadata");
    let requests = json!([
        question("a", WORKSPACE, query("print n = 7")),
        question("b", WORKSPACE, query("Heartbeat | nonsense")),
        question("c", "00000000-0000-0000-0000-00000000beef", query("print 1")),
        question("d", WORKSPACE, json!({})),
        elsewhere,
    ]);
    let got = post(&stage, "/v1/$batch", "", &json!({ "requests": requests })).await;
    assert_eq!(got.status, 200, "{got:?}");
    let body = got.json();
    let responses = body["responses"].as_array().expect("responses");
    assert_eq!(responses.len(), 5);
    let of = |id: &str| responses.iter().find(|response| response["id"] == id).expect(id);
    assert_eq!((&of("a")["status"], &of("a")["body"]["tables"][0]["rows"]), (&json!(200), &json!([[7]])));
    assert!(of("a")["body"]["statistics"]["query"].is_object(), "each question has its own headers");
    for (id, status, code) in [
        ("b", 400, "BadArgumentError"),
        ("c", 400, "FailedToResolveResource"),
        ("d", 400, "BadArgumentError"),
        ("e", 404, "PathNotFoundError"),
    ] {
        let response = of(id);
        assert_eq!(
            (&response["status"], &response["body"]["error"]["code"]),
            (&json!(status), &json!(code)),
            "{id}"
        );
    }
    for body in [json!({}), json!({ "requests": [] }), json!({ "requests": [{}] })] {
        assert_eq!(post(&stage, "/v1/$batch", "", &body).await.status, 400, "{body}");
    }
    let refused = stage.send("POST", "/v1/$batch", &[], Some(&json!({ "requests": requests }))).await;
    assert_eq!(refused.status, 403, "a token for Resource Manager is none for this");
}

#[tokio::test]
async fn an_upload_gets_its_callers_id_back() {
    let stage = Stage::new().await;
    let token = format!("Bearer {}", stage.token_for("https://monitor.azure.com").await);
    let upload = async |stream: &str| {
        let path = format!(
            "/dataCollectionRules/dcr-00000000000000000000000000000001/streams/{stream}?api-version=2023-01-01"
        );
        let headers = [("Authorization", token.as_str()), ("x-ms-client-request-id", "of-the-caller")];
        stage.send("POST", &path, &headers, Some(&json!([]))).await
    };
    for (stream, status) in [("Custom-DNSData", 204), ("Custom-Nobody", 400)] {
        let got = upload(stream).await;
        assert_eq!((got.status, got.header("x-ms-client-request-id")), (status, "of-the-caller"));
    }
}
