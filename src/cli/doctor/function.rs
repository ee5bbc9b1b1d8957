//! The same lines from the deployed function, for its own identity.

use std::time::Duration;

use anyhow::Context;
use pure::shown::{is_hidden, one_line};
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use crate::azure;
use crate::cli::failure::Failure;
use crate::cli::phrase::Phrase;
use crate::cli::progress::Spinner;
use crate::config::{FunctionCall, Variables, is_loopback};
use crate::doctor::{APPS, Examination, FUNCTION_TOKEN, HOSTS, KEYS, LONGEST, tell_the_key};

/// What the way there and back may take on top; a function that sleeps has to wake up first.
const WAY: Duration = Duration::from_secs(40);
/// The header in which the host wants the key; an address stands in logs.
const KEY: &str = "x-functions-key";
pub(super) async fn ask(url: &Url, probe: bool, variables: &Variables) -> Result<Examination, Failure> {
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(url)) {
        return Err(Failure::usage("--function takes an address with https")
            .hint(address("write ").and("; plain http is for loopback alone")));
    }
    if url.path() == "/" {
        let mut whole = url.clone();
        whole.set_path("/api/remediate");
        return Err(Failure::usage(
            "--function takes the whole address of the function, and this one has no path",
        )
        .hint(format!("write {whole}")));
    }
    let call = FunctionCall::read(variables);
    let Some(key) = &call.key else {
        return Err(Failure::usage("FUNCTION_KEY is not set").hint(keys("what shows it:")));
    };
    let client = azure::outside(&call.network, LONGEST + WAY)
        .map_err(|fault| anyhow::anyhow!("no client can be built: {fault}"))?;
    let progress = Spinner::start("asking the function");
    let body = json!({ "mode": "doctor", "probe": probe });
    let sent = client.post(url.clone()).header(KEY, key.expose()).header("Content-Type", "application/json");
    let sent = match &call.token {
        Some(token) => sent.bearer_auth(token.expose()),
        None => sent,
    };
    let answer = match sent.body(body.to_string()).send().await {
        Ok(answer) => answer,
        Err(error) => return Err(unreachable(url, &error)),
    };
    let status = answer.status();
    let text = answer.text().await.context("the answer of the function broke off")?;
    drop(progress);
    if let Ok(report) = serde_json::from_str::<Examination>(&text) {
        return Ok(report);
    }
    if let Ok(Postponed::RetryLater { because }) = serde_json::from_str(&text) {
        return Err(Failure::from(anyhow::anyhow!(
            "FAIL function: it does not answer now: {}",
            one_line(&because)
        )));
    }
    if let (StatusCode::UNAUTHORIZED, Ok(turned)) = (status, serde_json::from_str::<TurnedAtTheDoor>(&text)) {
        return Err(Failure::from(anyhow::anyhow!("FAIL function: {status}: {}", one_line(&turned.error)))
            .hint(match call.token {
                None => Phrase::from("the key is right, and WEBHOOK_TENANT_ID asks for a token beside it: put one into FUNCTION_TOKEN (docs/webhook-token.md); what prints it:").whole(FUNCTION_TOKEN),
                Some(_) => Phrase::from("the key is right, and the token in FUNCTION_TOKEN is refused (docs/webhook-token.md); what prints a new one:").whole(FUNCTION_TOKEN),
            }));
    }
    Err(match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Failure::from(anyhow::anyhow!("FAIL function: {status}: FUNCTION_KEY is no key of this function"))
                .hint(
                    keys("what shows those that are:")
                        .and(" and, for a key that was renewed leaves the action group with the old one:")
                        .whole(tell_the_key()),
                )
        }
        StatusCode::NOT_FOUND => {
            Failure::from(anyhow::anyhow!("FAIL function: {status}: no function has this address"))
                .hint(address("write "))
        }
        StatusCode::METHOD_NOT_ALLOWED => Failure::from(anyhow::anyhow!(
            "FAIL function: {status}: what has this address is not the function"
        ))
        .hint(address("write the whole of it: ")),
        status => Failure::from(anyhow::anyhow!(
            "FAIL function: {status}: the answer is no report: {}",
            beginning(&text)
        ))
        .hint(
            "it may be of a release that knows no doctor, or its settings may be faulty; its log says more",
        ),
    })
}

/// The answer of a function that asks nobody now.
#[derive(Deserialize)]
#[serde(tag = "result", rename_all = "kebab-case")]
enum Postponed {
    RetryLater { because: String },
}

/// What the function itself says with 401; the host, which asks for the key, says nothing.
#[derive(Deserialize)]
struct TurnedAtTheDoor {
    error: String,
}

/// That nobody answers at an address, with the innermost cause, which says why.
fn unreachable(url: &Url, error: &reqwest::Error) -> Failure {
    let mut cause: &dyn std::error::Error = error;
    while let Some(below) = cause.source() {
        cause = below;
    }
    let host = url.host_str().unwrap_or_default();
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    Failure::from(anyhow::anyhow!("FAIL function: {host} does not answer: {cause}")).hint(
        Phrase::from("what tells the host of each function app:")
            .whole(HOSTS)
            .and(" if this one is right, look at the network and at a proxy on the way (HTTPS_PROXY)"),
    )
}

/// The address that is wanted, with the command that tells the host in it.
fn address(begin: &str) -> Phrase {
    Phrase::from(format!("{begin}https://HOST/api/remediate, where HOST is what this shows:")).whole(HOSTS)
}

/// How the keys are seen, with the command that shows what stands there for the app.
fn keys(begin: &str) -> Phrase {
    Phrase::from("what stands for APP and GROUP:").whole(APPS).and(format!(" {begin}")).whole(KEYS)
}

/// The first words of an answer.
fn beginning(text: &str) -> String {
    text.chars().filter(|c| !is_hidden(*c)).take(200).collect()
}
