//! The forms that a right token may have, and what a wrong one may say of itself.

use azure_core::base64::encode_url_safe;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RsaEncoding, RsaKeyPair};
use serde_json::{Value, json};

use super::{CALLER, Gate, ROLE, call_saying};
use crate::watch::notices::Receiver;

const PLAN: &str = r#"{"mode":"plan","wait":true}"#;

/// A key that the tenant does not have.
fn stranger() -> RsaKeyPair {
    RsaKeyPair::from_pkcs8(include_bytes!("../../../crates/standin/src/signing/3.der")).unwrap()
}

fn signed_by_stranger(padding: &'static dyn RsaEncoding, head: &Value, claims: &Value) -> String {
    let part = |value: &Value| encode_url_safe(value.to_string());
    let said = format!("{}.{}", part(head), part(claims));
    let key = stranger();
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(padding, &SystemRandom::new(), said.as_bytes(), &mut signature).unwrap();
    format!("{said}.{}", encode_url_safe(signature))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_token_opens_in_each_form_that_entra_gives_it() {
    let gate = Gate::new(&[]).await;
    let second = gate.claims();
    let mut first = second.clone();
    let said = first.as_object_mut().unwrap();
    said.remove("azp");
    said.extend([
        ("iss".to_owned(), json!(format!("https://sts.windows.net/{}/", gate.tenant))),
        ("appid".to_owned(), json!(CALLER)),
        ("ver".to_owned(), json!("1.0")),
    ]);
    // Somebody with very many roles.
    let mut long = second.clone();
    let many = (0..250).map(|number| format!("{ROLE}.{number}.more"));
    long["roles"] = many.chain([ROLE.to_owned()]).collect();
    let mut early = second.clone();
    early["nbf"] = json!(second["nbf"].as_i64().unwrap() + 30);
    let mut late = second.clone();
    late["exp"] = json!(second["nbf"].as_i64().unwrap() - 30);
    for (what, scheme, claims) in [
        ("version 2.0", "Bearer", &second),
        ("version 1.0", "Bearer", &first),
        ("the scheme in small letters", "bearer", &second),
        ("over ten kilobytes", "Bearer", &long),
        ("begun by a clock that is ahead", "Bearer", &early),
        ("over by a clock that is behind", "Bearer", &late),
    ] {
        let token = gate.signed(json!({}), claims).await;
        let header = [format!("{scheme} {token}")];
        let (status, answer) = call_saying(&gate.handler, "POST", &header, Some(PLAN)).await;
        assert_eq!(status, 200, "{what}: {answer}");
        assert!(what != "over ten kilobytes" || token.len() > 10_000, "{}", token.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_of_another_form_open_nothing() {
    let gate = Gate::new(&[]).await;
    let right = gate.claims();
    let with = |changes: &[(&str, Value)]| {
        let mut claims = right.clone();
        for (claim, value) in changes {
            claims[*claim] = value.clone();
        }
        claims
    };
    let other = json!("00000000-0000-0000-0000-00000000000b");
    let mut wrong = Vec::new();
    for (what, claims) in [
        ("a list of audiences", with(&[("aud", json!([right["aud"]]))])),
        ("a right appid beside a wrong azp", with(&[("azp", other.clone()), ("appid", json!(CALLER))])),
        ("a wrong appid beside a right azp", with(&[("appid", other)])),
        ("the issuer of version 1.0 without its slash", {
            with(&[("iss", json!(format!("https://sts.windows.net/{}", gate.tenant)))])
        }),
        ("the role as a scope", with(&[("roles", json!([])), ("scp", json!(ROLE))])),
        ("no roles", with(&[("roles", Value::Null)])),
    ] {
        wrong.push((what, gate.signed(json!({}), &claims).await));
    }
    gate.asked().await;
    for (what, token) in wrong {
        let (status, answer) = gate.call("POST", &[&token], Some(PLAN)).await;
        assert_eq!(status, 401, "{what}: {answer}");
    }
    assert_eq!(gate.asked().await, (1, 1), "the keys, once");
}

/// A head may name a key of its own, or where to fetch one: whoever followed it would believe anybody.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_a_token_brings_along_counts_for_nothing() {
    let gate = Gate::new(&[]).await;
    let theirs = Receiver::start().await;
    let kid = gate.keys().await["keys"][0]["kid"].clone();
    let public = PublicKeyComponents::<Vec<u8>>::from(stranger().public());
    let jwk = json!({ "kty": "RSA", "use": "sig", "kid": kid, "alg": "RS256",
        "n": encode_url_safe(&public.n), "e": encode_url_safe(&public.e) });
    let brought = json!({ "jku": format!("{}/keys", theirs.url), "x5u": format!("{}/chain", theirs.url),
        "x5c": ["MIIB"], "jwk": jwk });
    let right = gate.signed(brought.clone(), &gate.claims()).await;
    let mut head = brought.clone();
    head.as_object_mut().unwrap().extend(
        [("typ", json!("JWT")), ("alg", json!("RS256")), ("kid", kid)]
            .map(|(name, value)| (name.to_owned(), value)),
    );
    let forged = signed_by_stranger(&RSA_PKCS1_SHA256, &head, &gate.claims());
    head["alg"] = json!("RS384");
    let longer = signed_by_stranger(&RSA_PKCS1_SHA384, &head, &gate.claims());
    gate.asked().await;
    for (what, token) in [("RS256", forged), ("RS384", longer)] {
        assert_eq!(gate.plan(&token).await.0, 401, "{what}");
    }
    assert_eq!(gate.asked().await, (1, 1), "the tenant's keys, once");
    assert_eq!(gate.plan(&right).await.0, 200, "what else a head says is passed over");
    assert_eq!(theirs.posts().len(), 0, "nobody fetched anything");
}
