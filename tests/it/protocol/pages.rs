//! A page in a browser may find the port of the handler, which asks for no key.

use super::house;

#[tokio::test(flavor = "multi_thread")]
async fn no_page_of_a_browser_runs_a_function() {
    let house = house().await;
    let handler = house.serve().await;
    let body = r#"{"Data":{"req":{"Method":"POST","Body":"{\"mode\":\"plan\",\"wait\":true}"}}}"#;
    let pages = [
        ("Origin", "http://evil.example"),
        ("Origin", "null"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "none"),
    ];
    for header in pages {
        for function in ["function-remediate", "function-collector"] {
            assert_eq!(handler.post_with(function, &[header], body).await, 403, "{header:?} {function}");
        }
    }
    let asked = house.stage.calls().await.into_iter().filter(|call| call.path.contains("/query")).count();
    assert_eq!(asked, 0, "no page started a run");
    assert_eq!(handler.post_with("function-remediate", &[], body).await, 200, "the host does");
}
