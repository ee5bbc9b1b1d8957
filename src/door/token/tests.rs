//! Tokens that open, and those that differ from them by one thing each.

use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair};
use serde_json::{Value, json};

use super::*;

const TENANT: &str = "00000000-0000-0000-0000-00000000000a";
const CALLER: &str = "461e8683-5575-4561-ac7f-899cc907d62a";
const NOW: i64 = 1_800_000_000;

fn pair() -> RsaKeyPair {
    RsaKeyPair::from_pkcs8(include_bytes!("../../../crates/standin/src/signing/1.der")).unwrap()
}

fn key() -> DecodingKey {
    let public = PublicKeyComponents::<Vec<u8>>::from(pair().public());
    DecodingKey::from_rsa_raw_components(&public.n, &public.e)
}

fn part(value: &Value) -> String {
    azure_core::base64::encode_url_safe(value.to_string())
}

fn signed_by(padding: &'static dyn RsaEncoding, head: &Value, claims: &Value) -> String {
    let said = format!("{}.{}", part(head), part(claims));
    let pair = pair();
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(padding, &SystemRandom::new(), said.as_bytes(), &mut signature).unwrap();
    format!("{said}.{}", azure_core::base64::encode_url_safe(signature))
}

fn head() -> Value {
    json!({ "typ": "JWT", "alg": "RS256", "kid": "k" })
}

/// What a token of version 2.0 says that opens.
fn claims() -> Value {
    json!({
        "iss": format!("https://login.example.com/{TENANT}/v2.0"), "aud": "client", "tid": TENANT, "azp": CALLER,
        "roles": ["Other", "Call"], "exp": NOW + 3600, "nbf": NOW - 60, "ver": "2.0",
    })
}

fn wanted() -> Webhook {
    Webhook {
        tenant_id: TENANT.to_owned(),
        audiences: vec!["api://dns".to_owned(), "client".to_owned()],
        role: "Call".to_owned(),
        callers: vec![CALLER.to_owned()],
    }
}

fn judged_at(now: i64, token: &str) -> Result<(), TokenFault> {
    let issuers =
        [format!("https://sts.windows.net/{TENANT}/"), format!("https://login.example.com/{TENANT}/v2.0")];
    let headers = [Secret::new(format!("Bearer {token}"))];
    judge(&Unproved::of(&headers)?, &key(), &wanted(), &issuers, now)
}

/// What becomes of a token that says all of it but for this.
fn saying(change: impl FnOnce(&mut Value)) -> Result<(), TokenFault> {
    let mut claims = claims();
    change(&mut claims);
    judged_at(NOW, &signed_by(&RSA_PKCS1_SHA256, &head(), &claims))
}

#[test]
fn the_right_one_opens_in_both_versions() {
    assert_eq!(saying(|_| ()), Ok(()));
    let first = |claims: &mut Value| {
        claims["iss"] = json!(format!("https://sts.windows.net/{TENANT}/"));
        claims["aud"] = json!("api://dns");
        claims["appid"] = json!(CALLER.to_uppercase());
        claims.as_object_mut().unwrap().remove("azp");
    };
    assert_eq!(saying(first), Ok(()));
}

#[test]
fn each_claim_that_is_another_shuts() {
    let other = "00000000-0000-0000-0000-00000000000b";
    for (claim, value, fault) in [
        ("iss", json!(format!("https://sts.windows.net/{other}/")), TokenFault::Issuer),
        ("iss", json!(format!("https://login.example.com/{TENANT}/v2.0/")), TokenFault::Issuer),
        ("tid", json!(other), TokenFault::Tenant),
        ("aud", json!("api://dns/"), TokenFault::Audience),
        ("aud", json!("https://management.azure.com"), TokenFault::Audience),
        ("aud", json!(["client"]), TokenFault::Form),
        ("azp", json!(other), TokenFault::Caller),
        ("azp", Value::Null, TokenFault::Caller),
        ("appid", json!(other), TokenFault::Caller),
        ("roles", json!(["call"]), TokenFault::Role),
        ("roles", json!([]), TokenFault::Role),
        ("roles", json!("Call"), TokenFault::Form),
        ("exp", json!("2100-01-01"), TokenFault::Form),
        ("exp", Value::Null, TokenFault::Form),
    ] {
        assert_eq!(saying(|claims| claims[claim] = value.clone()), Err(fault), "{claim} {value}");
    }
    for (claim, fault) in
        [("azp", TokenFault::Caller), ("roles", TokenFault::Role), ("exp", TokenFault::Form)]
    {
        let without = |claims: &mut Value| drop(claims.as_object_mut().unwrap().remove(claim));
        assert_eq!(saying(without), Err(fault), "without {claim}");
    }
}

#[test]
fn a_token_has_its_time_and_a_minute_around_it() {
    let token = signed_by(&RSA_PKCS1_SHA256, &head(), &claims());
    let (begin, end) = (NOW - 60, NOW + 3600);
    for (now, judged) in [
        (begin - 61, Err(TokenFault::NotYet)),
        (begin - 60, Ok(())),
        (end + 59, Ok(())),
        (end + 60, Err(TokenFault::Expired)),
    ] {
        assert_eq!(judged_at(now, &token), judged, "{now}");
    }
    let at_the_ends = saying(|claims| {
        claims["exp"] = json!(i64::MAX);
        claims["nbf"] = json!(i64::MIN);
    });
    assert_eq!(at_the_ends, Ok(()), "no number is too large");
}

#[test]
fn nothing_but_rs256_is_a_signature() {
    let with = |alg: &str| json!({ "typ": "JWT", "alg": alg, "kid": "k" });
    for (token, fault) in [
        (signed_by(&RSA_PKCS1_SHA384, &with("RS384"), &claims()), TokenFault::Form),
        (signed_by(&RSA_PSS_SHA256, &with("PS256"), &claims()), TokenFault::Form),
        (signed_by(&RSA_PKCS1_SHA256, &with("none"), &claims()), TokenFault::Form),
        (signed_by(&RSA_PKCS1_SHA256, &with("HS256"), &claims()), TokenFault::Form),
        (signed_by(&RSA_PKCS1_SHA256, &with("rs256"), &claims()), TokenFault::Form),
        (signed_by(&RSA_PSS_SHA256, &head(), &claims()), TokenFault::Signature),
        (signed_by(&RSA_PKCS1_SHA384, &head(), &claims()), TokenFault::Signature),
    ] {
        assert_eq!(judged_at(NOW, &token), Err(fault));
    }
}

#[test]
fn a_letter_more_or_less_breaks_the_signature() {
    let token = signed_by(&RSA_PKCS1_SHA256, &head(), &claims());
    let (said, signature) = token.rsplit_once('.').unwrap();
    let (first, _) = said.split_once('.').unwrap();
    let mut others = claims();
    others["roles"] = json!(["Call", "Admin"]);
    for (changed, fault) in [
        (format!("{first}.{}.{signature}", part(&others)), TokenFault::Signature),
        (format!("{said}."), TokenFault::Signature),
        (format!("{said}.{}", part(&json!({}))), TokenFault::Signature),
        (format!("{said}.{signature}="), TokenFault::Form),
        (format!("{said}.{signature}.{signature}"), TokenFault::Form),
        (said.to_owned(), TokenFault::Form),
        (format!("{}.{signature}", part(&head())), TokenFault::Form),
    ] {
        assert_eq!(judged_at(NOW, &changed), Err(fault), "{changed}");
    }
}

#[test]
fn a_call_brings_one_bearer_token_and_no_more() {
    let token = signed_by(&RSA_PKCS1_SHA256, &head(), &claims());
    let of = |texts: &[String]| {
        let headers: Vec<_> = texts.iter().map(Secret::new).collect();
        Unproved::of(&headers).map(|unproved| unproved.key_id)
    };
    for text in [format!("Bearer {token}"), format!("bearer  {token}")] {
        assert_eq!(of(&[text]).as_deref(), Ok("k"));
    }
    let twice = vec![format!("Bearer {token}"); 2];
    assert_eq!((of(&[]), of(&twice)), (Err(TokenFault::Missing), Err(TokenFault::Several)));
    for text in
        [String::new(), token.clone(), format!("Basic {token}"), "Bearer ".to_owned(), "Bearer".to_owned()]
    {
        assert_eq!(of(std::slice::from_ref(&text)), Err(TokenFault::NoBearer), "{text}");
    }
    assert_eq!(of(&[format!("Bearer {}", "a".repeat(LONGEST + 1))]), Err(TokenFault::TooLong));
    assert_eq!(of(&[format!("Bearer {}", "a".repeat(LONGEST))]), Err(TokenFault::Form));
}

#[test]
fn a_head_names_its_key_and_asks_for_nothing_more() {
    let with = |name: &str, value: Value| {
        let mut head = head();
        head[name] = value;
        judged_at(NOW, &signed_by(&RSA_PKCS1_SHA256, &head, &claims()))
    };
    assert_eq!(with("x5t", json!("k")), Ok(()));
    for (name, value) in
        [("kid", Value::Null), ("kid", json!("")), ("kid", json!("k".repeat(257))), ("crit", json!(["b64"]))]
    {
        assert_eq!(with(name, value), Err(TokenFault::Form), "{name}");
    }
}
