//! Queries that want more memory than there is.

use serde_json::json;
use standin::Options;

use crate::Azure;

#[tokio::test]
async fn a_query_that_takes_too_much_memory_is_a_partial_error() {
    let azure = Azure::start(Options::default()).await;
    for (query, operator, columns) in [
        (
            "range x from 1 to 3000000 step 1 | extend s = strcat('a text of some weight ', x) | sort by s desc",
            "extend",
            json!([{ "name": "x", "type": "long" }, { "name": "s", "type": "string" }]),
        ),
        (
            "range x from 1 to 10 step 1 | mv-expand y = range(1, 1000000) to typeof(long)",
            "mv-expand",
            json!([{ "name": "x", "type": "long" }, { "name": "y", "type": "long" }]),
        ),
    ] {
        let answer = azure.query(&json!({ "query": query })).await;
        let body = answer.json();
        assert_eq!(answer.status, 200, "{body}");
        let table = json!([{ "name": "PrimaryResult", "columns": columns, "rows": [] }]);
        assert_eq!((&body["tables"], &body["error"]["code"]), (&table, &json!("PartialError")), "{body}");
        let detail = &body["error"]["details"][0];
        assert_eq!(detail["code"], "EngineError");
        let inner = &detail["innererror"];
        assert_eq!((&inner["code"], &inner["severity"]), (&json!("-2133196799"), &json!(2)), "{inner}");
        let words = inner["message"].as_str().unwrap_or_default();
        assert!(
            words.starts_with(&format!("'{operator}' operator has exceeded the memory budget (")),
            "{words}"
        );
        assert!(words.contains("(E_RUNAWAY_QUERY; see "), "{words}");
    }
}
