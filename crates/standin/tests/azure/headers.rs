//! The ids and budgets on answers (contract azure-resource-manager, sections 1.2, 1.4 and 11.1).

use crate::stage::{SUBSCRIPTION, Stage, ZONE};

const CLIENT: &str = "1c2b2eedaef4879e7c13fc6ad074041e";
const HYPHENED: &str = "1c2b2eed-aef4-879e-7c13-fc6ad074041e";

#[tokio::test]
async fn the_dns_provider_takes_the_callers_id_for_its_own() {
    let stage = Stage::new().await;
    for id in [CLIENT, HYPHENED] {
        let got = stage.dns("GET", ZONE, &[("x-ms-client-request-id", id)], None).await;
        assert_eq!(got.header("x-ms-request-id"), HYPHENED);
        assert_eq!(got.header("x-ms-client-request-id"), "", "it was not asked for");
    }
    let headers = [("x-ms-client-request-id", CLIENT), ("x-ms-return-client-request-id", "true")];
    let path = format!("/subscriptions/{SUBSCRIPTION}?api-version=2021-01-01");
    let got = stage.send("GET", &path, &headers, None).await;
    assert_eq!(got.header("x-ms-client-request-id"), CLIENT);
    assert_eq!(got.header("x-ms-request-id"), got.header("x-ms-correlation-request-id"), "its own id");
    assert_ne!(stage.get(ZONE).await.header("x-ms-request-id"), "", "also without one");
}

#[tokio::test]
async fn budgets_are_those_of_the_service_that_answers() {
    let stage = Stage::new().await;
    let subscription = format!("/subscriptions/{SUBSCRIPTION}");
    let version = "api-version=2021-04-01";
    let all = [
        "subscription-reads",
        "subscription-writes",
        "subscription-deletes",
        "subscription-resource-requests",
        "subscription-resource-entities-read",
        "tenant-resource-requests",
    ];
    for (method, path, budgets) in [
        ("GET", format!("{ZONE}?api-version=2018-05-01"), &["subscription-resource-requests"][..]),
        ("GET", format!("{ZONE}/A/x?api-version=2018-05-01"), &["subscription-resource-requests"]),
        (
            "GET",
            format!("{ZONE}/A?api-version=2018-05-01"),
            &["subscription-resource-requests", "subscription-resource-entities-read"],
        ),
        (
            "GET",
            format!("{subscription}/providers/Microsoft.Network/dnsZones?api-version=2018-05-01"),
            &["subscription-resource-requests", "subscription-resource-entities-read"],
        ),
        (
            "GET",
            format!("{ZONE}/providers/Microsoft.Resources/tags/default?{version}"),
            &["subscription-reads"],
        ),
        ("GET", format!("{subscription}/resourcegroups?{version}"), &["subscription-reads"]),
        ("PUT", format!("{subscription}/resourcegroups/new?{version}"), &["subscription-writes"]),
        ("DELETE", format!("{subscription}/resourcegroups/none?{version}"), &["subscription-deletes"]),
        (
            "POST",
            "/providers/Microsoft.ResourceGraph/resources?api-version=2021-03-01".to_owned(),
            &["tenant-resource-requests"],
        ),
    ] {
        let got = stage.send(method, &path, &[], None).await;
        for budget in all {
            let remaining = got.header(&format!("x-ms-ratelimit-remaining-{budget}"));
            assert_eq!(
                remaining.parse::<u32>().is_ok(),
                budgets.contains(&budget),
                "{method} {path}: {budget}"
            );
        }
    }
}
