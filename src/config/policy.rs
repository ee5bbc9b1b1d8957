//! What may be written: the variables of the plan's rules and brakes.

use std::net::IpAddr;

use ipnet::IpNet;
use jiff::SignedDuration;

use super::collect::Collect;
use super::declared::{
    DNS_ZONES, POLICY_ADOPT, POLICY_ALLOW_PREFIXES, POLICY_CLAIM_DORMANT, POLICY_CREATE,
    POLICY_DENY_PREFIXES, POLICY_EXPECT_PREFIXES, POLICY_FLAP_HOLD, POLICY_MAX_HEARTBEAT_AGE,
    POLICY_MAX_MOVE_PERCENT, POLICY_MAX_SILENT_PERCENT, POLICY_MAX_SOURCES, POLICY_MIN_BEATS,
    POLICY_MIN_SPAN, POLICY_NAMES, POLICY_RECORD_TYPES, POLICY_SURGE_HOLD, POLICY_TTL, POLICY_UNSEEN,
};
use super::reader::Reader;
use super::setting::Setting;
use pure::domain::{RecordType, Zones};
use pure::plan::{Adopt, Grant, NamePattern, Policy, Terms};

pub(super) fn read(reader: &mut Reader<'_>, zones: Zones, owner: &str, collect: &Collect) -> Policy {
    let names = names(reader, &zones);
    let base = Policy::new(zones, [], owner);
    let grant = Grant::everywhere(names, terms(reader));
    Policy {
        allow_prefixes: prefixes(reader, POLICY_ALLOW_PREFIXES),
        expect_prefixes: prefixes(reader, POLICY_EXPECT_PREFIXES),
        min_beats: reader.number(POLICY_MIN_BEATS).into(),
        max_heartbeat_age: age(reader, POLICY_MAX_HEARTBEAT_AGE),
        unseen: age(reader, POLICY_UNSEEN),
        flap_hold: age(reader, POLICY_FLAP_HOLD),
        claim_dormant: age(reader, POLICY_CLAIM_DORMANT),
        create: reader.switch(POLICY_CREATE),
        max_sources: usize::try_from(reader.number(POLICY_MAX_SOURCES)).unwrap_or(usize::MAX),
        max_move_percent: reader.number(POLICY_MAX_MOVE_PERCENT).into(),
        surge_hold: age(reader, POLICY_SURGE_HOLD),
        max_silent_percent: reader.number(POLICY_MAX_SILENT_PERCENT).into(),
        snapshot_every: SignedDuration::try_from(collect.snapshot_every).unwrap_or(base.snapshot_every),
        zones: base.zones,
        grants: [grant].into_iter().collect(),
        owner: base.owner,
    }
}

/// What holds for a name unless its grant says otherwise.
fn terms(reader: &mut Reader<'_>) -> Terms {
    let adopts = [("seen", Adopt::Seen), ("always", Adopt::Always), ("never", Adopt::Never)];
    Terms {
        types: reader.list(POLICY_RECORD_TYPES, record_type).into_iter().collect(),
        deny_prefixes: prefixes(reader, POLICY_DENY_PREFIXES),
        min_span: age(reader, POLICY_MIN_SPAN),
        adopt: reader.word(POLICY_ADOPT, &adopts).unwrap_or(Terms::default().adopt),
        ttl: reader.number(POLICY_TTL),
    }
}

/// Who may be managed. Nobody is the only safe default, so there is none.
fn names(reader: &mut Reader<'_>, zones: &Zones) -> Vec<NamePattern> {
    if reader.required(POLICY_NAMES).is_none() {
        return Vec::new();
    }
    let names = reader.list(POLICY_NAMES, |member| {
        member.parse::<NamePattern>().map_err(|fault| format!("holds `{member}`, a name that {fault}"))
    });
    // What is faulty by itself says nothing about what fits.
    if !reader.is_faulty(DNS_ZONES) && !reader.is_faulty(POLICY_NAMES) && !zones.is_empty() {
        look_for_strays(reader, &names, zones);
    }
    names
}

/// An entry that no name in a managed zone can match is a slip, or its zone is missing: with no other entry nothing would
/// ever be done, and all would look well.
fn look_for_strays(reader: &mut Reader<'_>, names: &[NamePattern], zones: &Zones) {
    let strays: Vec<_> = names.iter().filter(|pattern| !pattern.fits(zones)).collect();
    let managed: Vec<_> = zones.iter().map(|zone| zone.name().to_string()).collect();
    let managed = managed.join(", ");
    if strays.len() == names.len() {
        let all: Vec<_> = strays.iter().map(ToString::to_string).collect();
        let words = format!(
            "is `{}`, which no name in a managed zone ({managed}) can match; correct it, or add its zone to DNS_ZONES",
            all.join(",")
        );
        return reader.fault(POLICY_NAMES.name, words);
    }
    for stray in strays {
        let words = format!(
            "holds `{stray}`, which no name in a managed zone ({managed}) can match; correct it, or add its zone to DNS_ZONES"
        );
        reader.warn(POLICY_NAMES, words);
    }
}

fn record_type(member: &str) -> Result<RecordType, String> {
    RecordType::parse(member).ok_or_else(|| format!("holds `{member}`; write A, AAAA or A,AAAA"))
}

/// Ranges such as `203.0.113.0/24`; an address without a length is a range of one, bits behind the length say nothing.
fn prefixes(reader: &mut Reader<'_>, setting: Setting) -> Vec<IpNet> {
    reader.list(setting, |member| {
        let range = member.parse::<IpNet>().or_else(|_| member.parse::<IpAddr>().map(IpNet::from));
        range.map(|range| range.trunc()).map_err(|_| {
            format!("holds `{member}`, which is no range; write 203.0.113.0/24 or 2001:db8::/32")
        })
    })
}

fn age(reader: &mut Reader<'_>, setting: Setting) -> SignedDuration {
    SignedDuration::try_from(reader.duration(setting)).unwrap_or(SignedDuration::MAX)
}
