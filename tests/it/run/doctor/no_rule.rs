//! A data collection rule that is not seen: there is none with the id, or this identity may not read it.

use serde_json::json;

use super::{examined, healthy, holds, line, world};

/// An id that no rule can have is wrong whatever may be read; of one that may be another's only that none is seen is known.
#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_no_rule_has_is_told_without_a_probe() {
    let (mut house, parent) = healthy(&[]).await;
    let look_up = "az rest --method get --url ";
    for (id, verdict, said) in [
        ("dcr-1", "fail", "LOGS_DCR_RULE_ID is dcr-1, which no data collection rule can be"),
        (
            "dcr-00000000000000000000000000000009",
            "warn",
            "is there for this identity: one with another id is seen",
        ),
    ] {
        house.environment.insert("LOGS_DCR_RULE_ID".to_owned(), id.to_owned());
        let (report, _) = examined(&house, &parent, &["--no-probe"]).await;
        let seen = line(&report, "rule");
        assert_eq!(seen["verdict"], verdict, "{report:#}");
        holds(seen, said, look_up);
    }
    // Without the right to read rules none is seen, whoever has the id.
    house.world(&json!({ "identity": { "roles": world::deployed() } })).await;
    let (report, _) = examined(&house, &parent, &["--no-probe"]).await;
    let seen = line(&report, "rule");
    assert_eq!(seen["verdict"], "skip", "{seen:#}");
    holds(seen, "it may not be read, or there is none", look_up);
}
