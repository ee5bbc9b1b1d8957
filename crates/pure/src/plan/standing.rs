//! How names stand: one rule for every count, whoever counts.
//!
//! A name is *in sync* when one of its machines was heard lately (`POLICY_MAX_HEARTBEAT_AGE`), none of its record sets
//! differs from what its machines say, and no name servers of a zone below answer for it. A name of which a row says that a
//! set differs is not, whatever becomes of that row: it is a change or a skip.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

use crate::domain::{
    AddressClass, HostName, Listed, MismatchRow, ResourceId, ZoneId, ZoneKind, parse_address,
};

use super::case::Case;
use super::decision::Plan;
use super::policy::{Policy, Proposal};
use super::reason::Reason;
use super::skip::Skip;

/// `mismatch.kql` compares what machines say that were heard within this time, and what all say when none was.
pub const HEARD_LATELY: SignedDuration = SignedDuration::from_mins(15);

/// The names of which rows say that a record set differs, with the zones that the rows have for them.
///
/// Each row says so, but for names that were asked for: those have rows whatever they hold.
#[must_use]
pub fn differing(case: &Case, now: Timestamp) -> BTreeSet<(ZoneId, HostName)> {
    let mut sets: BTreeMap<_, Vec<&MismatchRow>> = BTreeMap::new();
    for row in case.spoken() {
        let place = (ZoneId::parse(&row.zone_id), HostName::parse(&row.host_name));
        if let (Ok(zone), Ok(name)) = place {
            sets.entry((zone, name, row.record_type)).or_default().push(row);
        }
    }
    sets.into_iter()
        .filter(|((_, name, _), rows)| !case.asked.named.contains(name.as_str()) || !is_right(rows, now))
        .map(|((zone, name, _), _)| (zone, name))
        .collect()
}

/// Whether the rows of one record set say that it holds what the machines say, as the query compares them.
fn is_right(rows: &[&MismatchRow], now: Timestamp) -> bool {
    let is_fresh =
        |row: &&&MismatchRow| row.heartbeat_time.is_some_and(|time| now.duration_since(time) <= HEARD_LATELY);
    let said = |rows: &mut dyn Iterator<Item = &&MismatchRow>| -> BTreeSet<IpAddr> {
        let usable = rows.filter_map(|row| parse_address(&row.computer_ip));
        usable
            .filter(|address| !matches!(AddressClass::of(*address), AddressClass::PrivateLink { .. }))
            .collect()
    };
    let any_fresh = rows.iter().any(|row| is_fresh(&row));
    let wanted = if any_fresh { said(&mut rows.iter().filter(is_fresh)) } else { said(&mut rows.iter()) };
    let present =
        |row: &&MismatchRow| row.dns_ip.split(',').filter_map(parse_address).collect::<BTreeSet<_>>();
    if rows.iter().any(|row| row.kind() == ZoneKind::Private) {
        // One of several answers that are all true is right.
        let true_ones =
            |row: &MismatchRow| Listed::read(&row.private_ips).addresses.into_iter().chain(wanted.clone());
        let is_true = |row: &&MismatchRow| {
            let present = present(row);
            !present.is_empty() && present.is_subset(&true_ones(row).collect())
        };
        return rows.iter().all(is_true);
    }
    !wanted.is_empty() && rows.iter().all(|row| present(row) == wanted)
}

/// The names that were asked for and are in sync, live too: no rule that looked at what stands there now, nor one on
/// names, holds them back. That one machine of several has lost its tag, or that its tag could not be read, takes nothing
/// from a name whose set is right without it.
#[must_use]
pub fn in_sync(case: &Case, plan: &Plan, policy: &Policy, now: Timestamp) -> BTreeSet<HostName> {
    let is_fresh = |row: &&MismatchRow| {
        row.heartbeat_time.is_some_and(|time| now.duration_since(time) <= policy.max_heartbeat_age)
    };
    let mut right: BTreeSet<HostName> = BTreeSet::new();
    for row in case.spoken().filter(is_fresh) {
        let machine = ResourceId::parse(&row.resource_id).ok();
        let proposal = Proposal::of(&row.host_name, machine.as_ref()).inside(row.kind());
        if let Ok(placed) = policy.place(proposal.with(case.known.particulars()))
            && case.asked.named.has(&placed.zone.id, &placed.name)
        {
            right.insert(placed.name);
        }
    }
    // Nobody has asked how the other side of a name stands.
    let is_asked = |zone: &ZoneId, name: &HostName| !case.asked.named.leaves_out(zone, name);
    for (_, name) in differing(case, now).into_iter().filter(|(zone, name)| is_asked(zone, name)) {
        right.remove(&name);
    }
    for change in plan.changes.iter().filter(|change| is_asked(&change.id.zone, &change.id.name)) {
        right.remove(&change.id.name);
    }
    // What is right on one side of a name is no answer for the other.
    let is_right_without = |skip: &Skip| {
        let is_of_a_tag = matches!(skip.reason, Reason::TagGone | Reason::Blind);
        is_of_a_tag && plan.in_sync.iter().any(|id| skip.is_about(id))
    };
    let held: BTreeSet<&str> = plan
        .skips
        .iter()
        .filter(|skip| !skip.reason.is_of_a_report() && !is_right_without(skip))
        .filter(|skip| case.asked.named.is_about(&skip.name, skip.zone.as_ref()))
        .map(|skip| skip.name.as_str())
        .collect();
    right.retain(|name| !held.contains(name.as_str()));
    right
}

/// Machines (lower case) that claim names which were asked for, and of which no row says that they were heard.
#[must_use]
pub fn silent(case: &Case) -> BTreeSet<String> {
    let mut silent = BTreeSet::new();
    let rows: Vec<&MismatchRow> = case.spoken().filter(|row| case.asked.named.has_row(row)).collect();
    let heard: BTreeSet<String> = rows.iter().map(|row| row.resource_id.to_lowercase()).collect();
    for claimants in rows.iter().map(|row| row.claimed_by.as_str()).collect::<BTreeSet<_>>() {
        silent.extend(claimants.split(',').filter(|id| !id.is_empty()).map(str::to_lowercase));
    }
    silent.retain(|machine| !heard.contains(machine));
    silent
}
