//! What may stand in private zones: the variables `POLICY_PRIVATE_*`.

use pure::domain::{HostName, Zone, ZoneKind, Zones};
use pure::plan::{PrivatePrefixes, PrivateTerms};

use super::declared::{
    POLICY_PRIVATE_MULTI, POLICY_PRIVATE_PREFIXES, POLICY_PRIVATE_TTL, POLICY_TTL_MAX, PRIVATE_ZONES,
};
use super::reader::{Reader, members};
use super::term::{MULTI, parse_prefix};

pub(super) fn read(reader: &mut Reader<'_>, zones: &Zones, ttl_max: Option<u32>) -> PrivateTerms {
    PrivateTerms {
        prefixes: prefixes(reader, zones),
        multi: reader.word(POLICY_PRIVATE_MULTI, &MULTI).unwrap_or_default(),
        ttl: ttl(reader, zones, ttl_max),
    }
}

/// Time to live of new sets, for which the longest one must leave room where there is a private zone.
fn ttl(reader: &mut Reader<'_>, zones: &Zones, ttl_max: Option<u32>) -> u32 {
    let ttl = reader.number(POLICY_PRIVATE_TTL);
    let is_needed = zones.iter().any(|zone| zone.id.kind() == ZoneKind::Private);
    if let Some(most) =
        ttl_max.filter(|most| is_needed && *most < ttl && !reader.is_faulty(POLICY_PRIVATE_TTL))
    {
        let words = format!(
            "is `{most}`, less than the {ttl} of POLICY_PRIVATE_TTL, which new sets of private zones get; raise it, or lower that"
        );
        reader.fault(POLICY_TTL_MAX.name, words);
    }
    ttl
}

/// Which addresses may stand where. A private zone without any is a fault: nothing could ever be written there, and there is no
/// good guess (contract private-zones, section 2).
fn prefixes(reader: &mut Reader<'_>, zones: &Zones) -> PrivatePrefixes {
    let mut prefixes = PrivatePrefixes::default();
    let given = reader.text(POLICY_PRIVATE_PREFIXES);
    for part in given.unwrap_or_default().split(';').map(str::trim).filter(|part| !part.is_empty()) {
        take(reader, part, &mut prefixes);
    }
    // What is faulty by itself says nothing about what fits.
    if reader.is_faulty(PRIVATE_ZONES) || reader.is_faulty(POLICY_PRIVATE_PREFIXES) {
        return prefixes;
    }
    let private: Vec<&Zone> = zones.iter().filter(|zone| zone.id.kind() == ZoneKind::Private).collect();
    for stray in prefixes.zones().filter(|name| private.iter().all(|zone| zone.name() != *name)) {
        let words = format!(
            "holds prefixes of `{stray}`, which is no zone of PRIVATE_ZONES; correct its name, or add it there"
        );
        reader.fault(POLICY_PRIVATE_PREFIXES.name, words);
    }
    let bare: Vec<&str> = private
        .iter()
        .map(|zone| zone.name())
        .filter(|name| prefixes.of(name).is_empty())
        .map(HostName::as_str)
        .collect();
    if !bare.is_empty() {
        let said = if given.is_none() { "is not set" } else { "holds no prefix" };
        let words = format!(
            "{said}, and nothing tells which of a machine's addresses may stand in {}; set it to the networks that its readers reach, \
             such as 10.0.0.0/8, without those of containers",
            bare.join(", ")
        );
        reader.fault(POLICY_PRIVATE_PREFIXES.name, words);
    }
    prefixes
}

/// One part: prefixes for all private zones, or `ZONE=` and those of one.
fn take(reader: &mut Reader<'_>, part: &str, prefixes: &mut PrivatePrefixes) {
    let (zone, list) = match part.split_once('=') {
        None => (None, part),
        Some((zone, list)) => match HostName::parse(zone.trim()) {
            Ok(name) => (Some(name), list),
            Err(fault) => {
                let words = format!(
                    "holds `{part}`, for a zone whose name {fault}; write corp.example.com=10.0.0.0/8"
                );
                return reader.fault(POLICY_PRIVATE_PREFIXES.name, words);
            }
        },
    };
    if members(list).next().is_none() {
        return reader.fault(
            POLICY_PRIVATE_PREFIXES.name,
            format!("holds `{part}`, a list of nothing; name a range, such as 10.0.0.0/8"),
        );
    }
    let mut read = Vec::new();
    for member in members(list) {
        match parse_prefix(member) {
            Ok(prefix) => read.push(prefix),
            Err(words) => reader.fault(POLICY_PRIVATE_PREFIXES.name, words),
        }
    }
    prefixes.add(zone, read);
}
