//! The resolver: what the inbound endpoint of a private resolver answers in a network that private zones are linked to.
//!
//! It recurses and has no authority. A private zone hides the public one of its name, whole. What it once found it tells
//! again until the TTL that it saw is over, whatever has become of it meanwhile.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hickory_server::proto::op::ResponseCode;
use hickory_server::proto::rr::{Name, RData, RecordType as Asked};
use tokio::time::Instant;

use super::answer::{self, Chase, Found};
use super::lookup;
use crate::World;
use crate::world::{Link, Zone};

/// How many times a CNAME leads into another zone.
const CHASED: usize = 8;
/// What is kept at most; beyond it the cache begins anew.
const KEPT: usize = 10_000;

/// A resolver with its cache.
#[derive(Debug, Default)]
pub(crate) struct Resolver {
    cache: Mutex<HashMap<(String, Asked), Kept>>,
}

/// An answer, and since when it is known.
#[derive(Debug)]
struct Kept {
    found: Found,
    since: Instant,
    life: Duration,
}

impl Resolver {
    /// Answers a question; `address` is where the name servers of the public zones listen.
    pub(super) fn find(&self, world: &World, name: &Name, asked: Asked, address: IpAddr) -> Found {
        let key = (name.to_lowercase().to_ascii(), asked);
        let now = Instant::now();
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = cache.get(&key) {
            let age = now.duration_since(kept.since);
            if age < kept.life {
                return aged(&kept.found, age);
            }
        }
        let found = resolve(world, name, asked, address);
        if let Some(life) = life(&found) {
            if cache.len() >= KEPT {
                cache.clear();
            }
            cache.insert(key, Kept { found: found.clone(), since: now, life });
        }
        found
    }
}

/// How long an answer may be told again; none: not at all.
fn life(found: &Found) -> Option<Duration> {
    if !matches!(found.code, ResponseCode::NoError | ResponseCode::NXDomain) {
        return None;
    }
    let ttl = found.answers.iter().chain(&found.authority).map(|record| record.ttl).min()?;
    (ttl > 0).then(|| Duration::from_secs(ttl.into()))
}

/// The same answer some time later.
fn aged(found: &Found, age: Duration) -> Found {
    let mut found = found.clone();
    let age = u32::try_from(age.as_secs()).unwrap_or(u32::MAX);
    for record in found.answers.iter_mut().chain(&mut found.authority) {
        record.ttl = record.ttl.saturating_sub(age);
    }
    found
}

/// Finds an answer, from zone to zone while CNAMEs lead on.
fn resolve(world: &World, name: &Name, asked: Asked, address: IpAddr) -> Found {
    let mut all = Found::code(ResponseCode::NoError);
    let mut owner = name.clone();
    for _ in 0..=CHASED {
        let found = one(world, &owner, asked, address);
        all.code = found.code;
        all.authority = found.authority;
        let next = match found.answers.last().map(|record| &record.data) {
            Some(RData::CNAME(target)) if leads_on(asked) => Some(target.0.clone()),
            _ => None,
        };
        all.answers.extend(found.answers);
        // What ends in the zone of the CNAME is answered there: with the SOA of "there is none", or not at all.
        match next {
            Some(next) if all.authority.is_empty() && all.code == ResponseCode::NoError => owner = next,
            _ => break,
        }
    }
    all
}

fn leads_on(asked: Asked) -> bool {
    !matches!(asked, Asked::CNAME | Asked::ANY)
}

/// What one zone has to say of a name.
fn one(world: &World, name: &Name, asked: Asked, address: IpAddr) -> Found {
    let lower = name.to_lowercase().to_ascii();
    let plain = lower.trim_end_matches('.');
    let within = |zone| answer::find_in(world, zone, name, asked, address, Chase::Never);
    if let Some(zone) = lookup::private_zone_of(world, plain) {
        let found = within(zone);
        if found.code != ResponseCode::NXDomain || !redirects(zone, asked) {
            return recursed(found);
        }
    }
    // The names of name servers lie in no zone.
    recursed(lookup::zone_of(world, plain).map_or_else(|| answer::find(world, name, asked, address), within))
}

/// Whether a name that a zone has not is asked for in public: only zones of private links can say so, and for three types.
fn redirects(zone: &Zone, asked: Asked) -> bool {
    zone.name.split('.').any(|label| label == "privatelink")
        && matches!(asked, Asked::A | Asked::AAAA | Asked::CNAME)
        && zone.links.values().any(Link::redirects)
}

/// An answer of a name server as its resolver tells it. What lies beyond all zones it cannot find out: there is no network.
fn recursed(found: Found) -> Found {
    let refers = found.authority.iter().any(|record| record.record_type() == Asked::NS);
    if refers || found.code == ResponseCode::Refused {
        return Found { answers: found.answers, ..Found::code(ResponseCode::ServFail) };
    }
    Found { authoritative: false, additional: Vec::new(), ..found }
}
