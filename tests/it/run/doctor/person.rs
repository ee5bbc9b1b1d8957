//! Whoever is logged in with `az`: a program of that name gives the tokens.

use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{examined, healthy, line};
use crate::handler::House;

/// Puts an `az` before all programs that gives these tokens, each where its word is asked for.
pub(super) fn log_in(house: &mut House, tokens: &[(&str, String)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let az = folder.path().join("az");
    let mut program = "#!/bin/sh\ncase \"$*\" in\n".to_owned();
    for (word, token) in tokens {
        let given = json!({
            "accessToken": token, "expiresOn": "2099-01-01 00:00:00.000000", "expires_on": 4_070_908_800_u64,
            "subscription": "s", "tenant": "t", "tokenType": "Bearer",
        });
        program.push_str(&format!("*{word}*) echo '{given}';;\n"));
    }
    std::fs::write(&az, program + "esac\n").unwrap();
    std::fs::set_permissions(&az, std::fs::Permissions::from_mode(0o755)).unwrap();
    for name in ["IDENTITY_ENDPOINT", "IDENTITY_HEADER"] {
        house.environment.remove(name);
    }
    let path = format!("{}:{}", folder.path().display(), house.environment["PATH"]);
    house.environment.insert("PATH".to_owned(), path);
    house.environment.insert("AZURE_TOKEN_CREDENTIALS".to_owned(), "AzureCliCredential".to_owned());
    folder
}

/// A token of the world's identity for an audience.
async fn token(house: &House, audience: &str) -> String {
    let url =
        format!("{}?api-version=2019-08-01&resource={audience}", house.environment["IDENTITY_ENDPOINT"]);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let asked = client.get(url).header("X-IDENTITY-HEADER", &house.environment["IDENTITY_HEADER"]);
    let given: Value = serde_json::from_str(&asked.send().await.unwrap().text().await.unwrap()).unwrap();
    given["access_token"].as_str().unwrap_or_else(|| panic!("{given}")).to_owned()
}

/// A person may do much, and that is no fault of the installation; an identity that works alone is warned of.
#[tokio::test(flavor = "multi_thread")]
async fn of_a_person_wide_rights_are_a_note() {
    let (mut house, parent) = healthy(&[]).await;
    let owner = json!([{ "scope": super::SCOPE, "actions": ["*"], "dataActions": ["*"] }]);
    house.world(&json!({ "identity": { "roles": owner } })).await;
    let (report, code) = examined(&house, &parent, &[]).await;
    let rights = line(&report, "rights");
    assert_eq!(
        (code, &rights["verdict"], &rights["of"]),
        (0, &json!("warn"), &json!("rg-dns")),
        "{report:#}"
    );
    let mut tokens = Vec::new();
    for (word, audience) in [
        ("management.azure.com", "https://management.azure.com"),
        ("loganalytics", "https://api.loganalytics.io"),
        ("monitor.azure.com", "https://monitor.azure.com"),
    ] {
        tokens.push((word, token(&house, audience).await));
    }
    let _folder = log_in(&mut house, &tokens);
    let (report, code) = examined(&house, &parent, &[]).await;
    let rights = line(&report, "rights");
    assert_eq!((code, &rights["verdict"], &rights["of"]), (0, &json!("ok"), &json!("rg-dns")), "{report:#}");
    let said = rights["said"].as_str().unwrap();
    assert!(said.starts_with("you may do `*` at the resource group rg-dns"), "{said}");
    assert_eq!(rights["az"], json!([]), "{report:#}");
}
