//! Identities by the id of their resource, and tokens of other issuers in place of a secret.

use serde_json::{Value, json};

use crate::stage::{SUBSCRIPTION, Stage};

const CLIENT: &str = "00000000-0000-0000-0000-0000000000c7";
const OBJECT: &str = "00000000-0000-0000-0000-0000000000e7";
const TENANT: &str = "00000000-0000-0000-0000-0000000000aa";
const ISSUER: &str = "https://oidc.example.com/cluster/";
const SUBJECT: &str = "system:serviceaccount:dns:web";

fn identity() -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-edge/providers/Microsoft.ManagedIdentity/\
         userAssignedIdentities/uami"
    )
}

/// The claims of a token that nobody checks the signature of.
fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&decoded(part)).expect("JSON")
}

fn alphabet() -> Vec<u8> {
    (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain(*b"-_").collect()
}

fn decoded(text: &str) -> Vec<u8> {
    let alphabet = alphabet();
    let value = |byte| alphabet.iter().position(|&letter| letter == byte).expect("a letter of the alphabet");
    let bits: Vec<bool> = text
        .bytes()
        .flat_map(|byte| (0..6).rev().map(move |bit| value(byte) >> bit & 1 == 1).collect::<Vec<_>>())
        .collect();
    bits.chunks_exact(8).map(|bits| bits.iter().fold(0, |byte, &bit| byte << 1 | u8::from(bit))).collect()
}

fn encoded(value: &Value) -> String {
    let bits: Vec<bool> = value
        .to_string()
        .bytes()
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1))
        .collect();
    let alphabet = alphabet();
    let letter = |bits: &[bool]| {
        let index =
            (0..6).fold(0, |index, bit| index << 1 | usize::from(bits.get(bit).copied().unwrap_or(false)));
        char::from(alphabet[index])
    };
    bits.chunks(6).map(letter).collect()
}

#[tokio::test]
async fn an_identity_is_found_by_the_id_of_its_resource() {
    let stage = Stage::new().await;
    stage
        .put_world(&json!({ "clients": [
            { "clientId": CLIENT, "objectId": OBJECT, "resourceId": identity() },
        ] }))
        .await;
    let world = stage.own("GET", "world", None).await.json();
    assert_eq!(world["clients"][0]["resourceId"], json!(identity()));
    let header = stage.standin.state().options.identity_header.clone();
    let ask = async |query: &str| {
        let query = query.replace('/', "%2F");
        let path = format!("/msi/token?api-version=2019-08-01&resource=https://management.azure.com&{query}");
        stage.send("GET", &path, &[("X-IDENTITY-HEADER", &header)], None).await
    };
    for name in ["mi_res_id", "msi_res_id"] {
        let body = ask(&format!("{name}={}", identity().to_uppercase())).await.json();
        assert_eq!(body["client_id"], CLIENT, "{name}");
        let claims = claims(body["access_token"].as_str().expect("a token"));
        assert_eq!((&claims["oid"], &claims["xms_mirid"]), (&json!(OBJECT), &json!(identity())));
    }
    assert_eq!(ask(&format!("mi_res_id={}x", identity())).await.status, 400, "no such identity");
    for other in ["client_id", "object_id", "principal_id"] {
        let id = if other == "client_id" { CLIENT } else { OBJECT };
        assert_eq!(ask(&format!("{other}={id}")).await.status, 200, "{other} alone");
        for name in ["mi_res_id", "msi_res_id"] {
            let got = ask(&format!("{name}={}&{other}={id}", identity())).await;
            assert_eq!((got.status, &got.json()["statusCode"]), (400, &json!(400)), "{name} and {other}");
        }
    }
    assert_eq!(ask(&format!("client_id={CLIENT}&object_id={OBJECT}")).await.status, 400);
}

fn now() -> i64 {
    standin::clock::wall().as_second()
}

/// Shows an assertion to the token endpoint; gives the status and the code of the error.
async fn show(stage: &Stage, claims: &Value) -> (u16, u64) {
    let assertion = format!("{}.{}.{}", encoded(&json!({ "alg": "RS256" })), encoded(claims), "bm9ib2R5");
    let form = format!(
        "client_id={CLIENT}&grant_type=client_credentials&scope=https%3A%2F%2Fmanagement.azure.com%2F.default&\
         client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&\
         client_assertion={assertion}"
    );
    let url = format!("{}/{TENANT}/oauth2/v2.0/token", stage.base);
    let reply = stage.http.post(url).body(form).send().await.expect("an answer");
    let status = reply.status().as_u16();
    let body: Value = serde_json::from_str(&reply.text().await.expect("a body")).expect("JSON");
    (status, body["error_codes"][0].as_u64().unwrap_or_default())
}

#[tokio::test]
async fn a_token_of_another_issuer_is_judged_by_its_claims() {
    let stage = Stage::new().await;
    let credential = |subject: &str, audiences: Value| json!({ "issuer": ISSUER, "subject": subject, "audiences": audiences });
    let clients = json!([{ "clientId": CLIENT, "federatedCredentials": [
        credential(SUBJECT, json!(["api://AzureADTokenExchange"])),
        credential("other", json!(["api://one", "api://two"])),
        { "issuer": "https://issuer.example.com", "subject": SUBJECT },
    ] }]);
    stage.put_world(&json!({ "clients": clients })).await;
    let shown = stage.own("GET", "world", None).await.json()["clients"][0]["federatedCredentials"].clone();
    assert_eq!(shown[1], credential("other", json!(["api://one", "api://two"])));
    assert_eq!(shown[2]["audiences"], json!(["api://AzureADTokenExchange"]), "Entra's own audience");

    let good = json!({
        "iss": ISSUER, "sub": SUBJECT, "aud": "api://AzureADTokenExchange", "nbf": now() - 5, "exp": now() + 600,
    });
    assert_eq!(show(&stage, &good).await, (200, 0));
    let with = |changes: &[(&str, Value)]| {
        let mut claims = good.clone();
        changes.iter().for_each(|(name, value)| claims[*name] = value.clone());
        claims
    };
    for (claims, wanted) in [
        (with(&[("aud", json!(["api://AzureADTokenExchange"]))]), (200, 0)),
        (with(&[("sub", json!("other")), ("aud", json!("api://two"))]), (200, 0)),
        (with(&[("iss", json!("https://issuer.example.com"))]), (200, 0)),
        (with(&[("nbf", json!(now() + 120))]), (200, 0)),
        (with(&[("iss", json!("https://oidc.example.com/cluster"))]), (401, 700_211)),
        (with(&[("sub", json!("System:serviceaccount:dns:web"))]), (401, 700_213)),
        (with(&[("aud", json!("api://two"))]), (401, 700_212)),
        (with(&[("sub", json!("other"))]), (401, 700_212)),
        (with(&[("exp", json!(now() - 5))]), (401, 700_024)),
        (with(&[("exp", Value::Null)]), (401, 700_024)),
        (with(&[("nbf", json!(now() + 900))]), (401, 700_024)),
    ] {
        assert_eq!(show(&stage, &claims).await, wanted, "{claims}");
    }
}

#[tokio::test]
async fn a_client_without_any_way_to_a_token_is_refused() {
    let stage = Stage::new().await;
    for (client, place) in [
        (json!({ "clientId": CLIENT }), "clients[0].secret"),
        (json!({ "clientId": CLIENT, "federatedCredentials": [] }), "clients[0].secret"),
        (json!({ "clientId": CLIENT, "federatedCredentials": {} }), "clients[0].federatedCredentials"),
        (
            json!({ "clientId": CLIENT, "federatedCredentials": [{ "issuer": ISSUER }] }),
            "clients[0].federatedCredentials[0].subject",
        ),
        (
            json!({ "clientId": CLIENT, "federatedCredentials": [{ "issuer": ISSUER, "subject": SUBJECT, "audiences": [1] }] }),
            "clients[0].federatedCredentials[0].audiences[0]",
        ),
    ] {
        let got = stage.own("PUT", "world", Some(&json!({ "clients": [client] }))).await;
        let message = got.json()["message"].as_str().unwrap_or_default().to_owned();
        assert!(got.status == 400 && message.starts_with(place), "{place}: {got:?}");
    }
}
