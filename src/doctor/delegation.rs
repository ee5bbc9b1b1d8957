//! Whether the parent of a zone leads to the name servers that Azure gave it: if not, what is written reaches nobody.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use super::az;
use super::line::Line;
use super::visit::{Visit, is_tokenless, tokenless};
use crate::name_servers::by_parent;
use pure::domain::ZoneId;

const TOPIC: &str = "delegation";

pub(super) async fn lines(visit: &Visit<'_>, zone: &ZoneId, parents: &[SocketAddr]) -> Vec<Line> {
    let name = zone.zone_name();
    let (own, told) =
        futures::future::join(visit.azure.dns.name_servers(zone), by_parent(name, parents)).await;
    let own: BTreeSet<String> = match own {
        Ok(own) => own.iter().map(ToString::to_string).collect(),
        Err(error) if is_tokenless(&error) => return vec![tokenless(TOPIC, name.as_str(), &error)],
        Err(error) if error.is_forbidden() => {
            return vec![
                Line::skip(TOPIC, name.as_str())
                    .saying("not asked: the zone's own name servers may not be read"),
            ];
        }
        // What of its id there is not, the line of the zone says.
        Err(error) if error.missing_zone().is_some() => {
            return vec![Line::skip(TOPIC, name.as_str()).saying("not asked: there is no such zone")];
        }
        Err(error) => return vec![Line::skip(TOPIC, name.as_str()).saying(error.for_people())],
    };
    vec![judged(zone, &own, &told, parents)]
}

/// Why the parent was not asked.
fn silent(parents: &[SocketAddr]) -> String {
    let asked: Vec<String> = parents
        .iter()
        .map(|server| if server.port() == 53 { server.ip().to_string() } else { server.to_string() })
        .collect();
    match asked.as_slice() {
        [] => "not asked: the parent's name servers are not found or do not answer (--parent names them)"
            .to_owned(),
        [server] => {
            format!("not asked: {server} does not answer; --parent takes a name server of the zone above")
        }
        several => {
            format!(
                "not asked: {} do not answer; --parent takes a name server of the zone above",
                several.join(", ")
            )
        }
    }
}

fn judged(
    zone: &ZoneId,
    own: &BTreeSet<String>,
    told: &Result<BTreeSet<String>, String>,
    parents: &[SocketAddr],
) -> Line {
    let name = zone.zone_name().as_str();
    let listed = own.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let line = match told {
        Ok(told) if told.is_empty() => Line::warn(TOPIC, name).saying(format!(
            "the parent does not delegate it: what Azure answers reaches nobody. Tell the registrar: {listed}"
        )),
        Ok(told) if told == own => {
            return Line::ok(TOPIC, name).saying("the parent names the zone's own name servers");
        }
        Ok(told) => {
            let strange: Vec<&str> = told.difference(own).map(String::as_str).collect();
            let missing: Vec<&str> = own.difference(told).map(String::as_str).collect();
            if strange.is_empty() {
                return Line::ok(TOPIC, name).saying(format!(
                    "the parent names {} of the zone's {} name servers; {} are missing there",
                    told.len(),
                    own.len(),
                    missing.join(", ")
                ));
            }
            let reach = if missing.len() == own.len() { "nobody" } else { "some and not others" };
            Line::warn(TOPIC, name).saying(format!(
                "the parent names {}: what Azure answers reaches {reach}. Tell the registrar: {listed}",
                strange.join(", ")
            ))
        }
        Err(_) => return Line::skip(TOPIC, name).saying(silent(parents)),
    };
    line.mended_by(az::name_servers(zone))
}
