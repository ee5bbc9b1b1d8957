//! What may be written: the variables of the plan's rules and brakes.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use jiff::SignedDuration;

use super::collect::Collect;
use super::reader::{Reader, members};
use pure::domain::{RecordType, Zones};
use pure::plan::policy::{Adopt, NamePattern, Policy};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) fn read(reader: &mut Reader<'_>, zones: Zones, owner: &str, collect: &Collect) -> Policy {
    let base = Policy::new(zones, names(reader), owner);
    Policy {
        record_types: record_types(reader, base.record_types),
        allow_prefixes: prefixes(reader, "POLICY_ALLOW_PREFIXES"),
        deny_prefixes: prefixes(reader, "POLICY_DENY_PREFIXES"),
        expect_prefixes: prefixes(reader, "POLICY_EXPECT_PREFIXES"),
        min_beats: reader.number("POLICY_MIN_BEATS", 2, 1..=60).into(),
        max_heartbeat_age: limited(
            reader,
            "POLICY_MAX_HEARTBEAT_AGE",
            base.max_heartbeat_age,
            Policy::MAX_HEARTBEAT_AGE_LIMIT,
        ),
        unseen: limited(reader, "POLICY_UNSEEN", base.unseen, Policy::MAX_HEARTBEAT_AGE_LIMIT),
        claim_dormant: age(reader, "POLICY_CLAIM_DORMANT", base.claim_dormant, 30 * DAY),
        create: reader.switch("POLICY_CREATE", base.create),
        adopt: reader.word(
            "POLICY_ADOPT",
            base.adopt,
            &[("seen", Adopt::Seen), ("always", Adopt::Always), ("never", Adopt::Never)],
        ),
        ttl: reader.number("POLICY_TTL", base.ttl, 1..=2_147_483_647),
        max_sources: usize::try_from(reader.number("POLICY_MAX_SOURCES", 3, 1..=1_000_000))
            .unwrap_or(usize::MAX),
        max_move_percent: reader.number("POLICY_MAX_MOVE_PERCENT", 30, 1..=100).into(),
        surge_hold: limited(reader, "POLICY_SURGE_HOLD", base.surge_hold, Policy::SURGE_HOLD_LIMIT),
        max_silent_percent: reader.number("POLICY_MAX_SILENT_PERCENT", 50, 1..=100).into(),
        snapshot_every: SignedDuration::try_from(collect.snapshot_every).unwrap_or(base.snapshot_every),
        zones: base.zones,
        names: base.names,
        owner: base.owner,
        adopt_by_hand: base.adopt_by_hand,
    }
}

/// Who may be managed. Nobody is the only safe default, so there is none.
fn names(reader: &mut Reader<'_>) -> Vec<NamePattern> {
    let variable = "POLICY_NAMES";
    let what = "the names that may be managed, such as *.dyn.example.com, or * for every name but apexes and wildcards";
    if reader.required(variable, what).is_none() {
        return Vec::new();
    }
    if reader.text(variable).is_some_and(|text| members(text).next().is_none()) {
        reader.fault(variable, format!("allows no name at all; set it to {what}"));
    }
    reader.list(variable, |member| {
        member.parse::<NamePattern>().map_err(|fault| format!("holds `{member}`, a name that {fault}"))
    })
}

fn record_types(reader: &mut Reader<'_>, default: BTreeSet<RecordType>) -> BTreeSet<RecordType> {
    reader.parsed("POLICY_RECORD_TYPES", default, |text| {
        let types = members(text).map(|member| {
            RecordType::parse(member).ok_or_else(|| format!("holds `{member}`; write A, AAAA or A,AAAA"))
        });
        let types = types.collect::<Result<BTreeSet<_>, _>>()?;
        if types.is_empty() { Err(format!("is `{text}`; write A, AAAA or A,AAAA")) } else { Ok(types) }
    })
}

/// Ranges such as `203.0.113.0/24`; an address without a length is a range of one, bits behind the length say nothing.
fn prefixes(reader: &mut Reader<'_>, variable: &str) -> Vec<IpNet> {
    reader.list(variable, |member| {
        let range = member.parse::<IpNet>().or_else(|_| member.parse::<IpAddr>().map(IpNet::from));
        range.map(|range| range.trunc()).map_err(|_| {
            format!("holds `{member}`, which is no range; write 203.0.113.0/24 or 2001:db8::/32")
        })
    })
}

fn limited(
    reader: &mut Reader<'_>,
    variable: &str,
    default: SignedDuration,
    longest: SignedDuration,
) -> SignedDuration {
    age(reader, variable, default, longest.unsigned_abs())
}

fn age(
    reader: &mut Reader<'_>,
    variable: &str,
    default: SignedDuration,
    longest: Duration,
) -> SignedDuration {
    let read = reader.duration(variable, default.unsigned_abs(), Some(longest));
    SignedDuration::try_from(read).unwrap_or(default)
}
