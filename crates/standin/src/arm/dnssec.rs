//! The signing of a public zone: `…/dnsZones/Z/dnssecConfigs[/default]`, with keys that no name server here signs with.

use axum::http::Method;
use serde_json::{Value, json};

use super::conditions::{self, Subject};
use super::operations::Outcome;
use super::request::{Request, Scope, no_such_method, nothing_here};
use super::zones;
use crate::Reply;
use crate::world::{Dnssec, Zone, ZoneKind};

/// Answers below a zone; `rest` is the configuration's name, if any.
pub(super) fn answer(
    request: &Request<'_>,
    scope: Scope<'_>,
    zone: &str,
    rest: &[&str],
) -> Result<Reply, Reply> {
    let id = zones::id_of(&scope, ZoneKind::Public, zone)?;
    let call = request.call;
    match (&call.method, rest) {
        (&Method::GET, []) => {
            let world = request.state.world();
            let zone = zones::find(&world, &id)?;
            let value: Vec<Value> = zone.dnssec.iter().map(|signed| show(zone, signed)).collect();
            Ok(Reply::json(200, &json!({ "value": value })))
        }
        (&Method::GET, ["default"]) => {
            let world = request.state.world();
            let zone = zones::find(&world, &id)?;
            let signed = zone.dnssec.as_ref().ok_or_else(|| missing(zone))?;
            Ok(Reply::json(200, &show(zone, signed)).with_header("ETag", signed.etag.clone()))
        }
        (&Method::PUT, ["default"]) => {
            let mut world = request.state.world_mut();
            let zone = zones::find_mut(&mut world, &id)?;
            conditions::check(call, &Subject::Dnssec, etag(zone))?;
            let status = if zone.dnssec.is_some() { 200 } else { 201 };
            let signed = Dnssec::new();
            let shown = show(zone, &signed);
            let reply = Reply::json(status, &shown).with_header("ETag", signed.etag.clone());
            zone.dnssec = Some(signed);
            Ok(reply)
        }
        (&Method::DELETE, ["default"]) => {
            let mut world = request.state.world_mut();
            let zone = zones::find_mut(&mut world, &id)?;
            if zone.dnssec.is_none() {
                return Ok(Reply::empty(204));
            }
            conditions::check(call, &Subject::Dnssec, etag(zone))?;
            zone.dnssec = None;
            drop(world);
            let gone = Outcome::Done(Reply::json(200, &json!(true)));
            Ok(zones::begin(request, scope, ZoneKind::Public, gone))
        }
        (_, [] | ["default"]) => Err(no_such_method(&call.method)),
        _ => Err(nothing_here(call)),
    }
}

fn etag(zone: &Zone) -> Option<&str> {
    zone.dnssec.as_ref().map(|signed| signed.etag.as_str())
}

fn missing(zone: &Zone) -> Reply {
    let message = format!("The zone '{}' has no DNSSEC configuration.", zone.name);
    Reply::bare(404, "NotFound", &message)
}

fn show(zone: &Zone, signed: &Dnssec) -> Value {
    json!({
        "id": format!("{}/dnssecConfigs/default", zone.wire_id()), "name": "default",
        "type": format!("{}/dnssecConfigs", zone.kind.wire_type()), "etag": signed.etag,
        "properties": { "provisioningState": "Succeeded", "signingKeys": signed.signing_keys(&zone.name) },
    })
}
