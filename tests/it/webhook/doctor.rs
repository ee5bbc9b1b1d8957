//! `doctor --function` where the function asks for a token beside the key.

use serde_json::{Value, json};

use super::Gate;
use crate::run::doctor::function::asked;

/// What a person sees who has the right key and this token: the code, the words on one line, the report.
async fn seen(gate: &Gate, token: Option<&str>) -> (i32, String, Value) {
    let variables = gate.variables();
    let of_function: Vec<(&str, &str)> =
        variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut own = vec![("FUNCTION_KEY", "right")];
    own.extend(token.map(|token| ("FUNCTION_TOKEN", token)));
    let (code, said, report) = asked(&gate.house, &of_function, &own, &["--no-probe"]).await;
    (code, said.split_whitespace().collect::<Vec<_>>().join(" "), report)
}

/// The door of the function reads what came over the wire: only the bearer opens it.
#[tokio::test(flavor = "multi_thread")]
async fn the_token_of_whoever_asks_goes_with_the_key_and_what_to_do_without_one_is_told() {
    let gate = Gate::new(&[]).await;
    let (_, said, report) = seen(&gate, Some(&gate.right().await)).await;
    assert_eq!(report["schema"], "heartbeat-dns-doctor/1", "{said}");
    assert_eq!(report["by"]["object"], "00000000-0000-0000-0000-0000000000f2", "{report:#}");

    let get = "az account get-access-token --scope api://CLIENT_ID/.default ";
    let (code, said, report) = seen(&gate, None).await;
    assert_eq!((code, &report), (1, &Value::Null), "{said}");
    assert!(said.contains("FAIL function: 401") && said.contains("put one into FUNCTION_TOKEN"), "{said}");
    assert!(said.contains(get) && !said.contains("is no key of this function"), "{said}");

    let now = heartbeat_dns::clock::now().as_second();
    let ended = gate.saying("exp", json!(now - 600)).await;
    let (code, said, report) = seen(&gate, Some(&ended)).await;
    assert_eq!((code, &report), (1, &Value::Null), "{said}");
    assert!(said.contains("the token in FUNCTION_TOKEN is refused") && said.contains(get), "{said}");
    assert!(!said.contains("says which"), "{said}");
    assert!(!said.contains(&ended) && !said.contains("put one into FUNCTION_TOKEN"), "{said}");
}
