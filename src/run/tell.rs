//! The rows of `DNSData_CL` and `TagData_CL` that make the next evaluation quiet: what was written, what live reads showed
//! to differ from the log, and what is refused for good.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::fulfil::LiveSet;
use super::schedule::Done;
use pure::domain::{
    DnsRow, HostName, LoggedClaim, MismatchRow, RecordId, RecordSet, Refused, ResourceId, TagRow, ZoneId,
    join_addresses, parse_address, split_tag,
};
use pure::plan::report::Outcome;
use pure::plan::{Action, Case, Live, Policy, Proposal, Skip, TagName};

/// What the log is told of record sets.
pub(super) struct Sets<'a> {
    pub(super) case: &'a Case,
    pub(super) owner: &'a str,
    pub(super) run: &'a str,
    pub(super) now: Timestamp,
}

/// What is known of each record set, and since when.
type Newest<'a> = BTreeMap<&'a RecordId, (Option<&'a RecordSet>, Timestamp)>;

impl Sets<'_> {
    /// The sets that were written, those that a live read showed to differ from the log, and the refusals that are new.
    pub(super) fn rows<'a>(
        &self,
        done: &'a [Done],
        seen: impl Iterator<Item = &'a LiveSet>,
        skips: &[&Skip],
    ) -> Vec<DnsRow> {
        let logged = logged(&self.case.rows);
        let mut newest: Newest<'a> = BTreeMap::new();
        for seen in seen {
            newest.insert(&seen.id, (seen.set.as_ref(), seen.sent_at));
        }
        let mut changed: BTreeSet<&RecordId> = newest
            .iter()
            .filter(|(id, (set, _))| match (set, logged.get(*id)) {
                (Some(set), Some(row)) => differs(set, row, self.owner),
                (Some(set), None) => self.strange(id).is_none_or(|logged| *logged != set.addresses),
                // The mark in the log is the only witness of a write whose row is owed.
                (None, Some(row)) => is_logged(row) && !self.is_owed(id),
                (None, None) => {
                    self.strange(id).is_some_and(|logged| !logged.is_empty()) && !self.is_owed(id)
                }
            })
            .map(|(id, _)| *id)
            .collect();
        for done in done {
            if done.change.action() == Action::Delete && done.fate.outcome == Outcome::Confirmed {
                newest.insert(&done.change.id, (None, done.at));
                changed.insert(&done.change.id);
            }
            if let Some(written) = &done.fate.written {
                newest.insert(&done.change.id, (Some(written), done.at));
                changed.insert(&done.change.id);
            }
        }
        let mut rows = Vec::new();
        let refusals = self.refusals(done, skips, &newest);
        for (id, refused) in &refusals {
            let set = newest.get(id).and_then(|(set, _)| *set);
            let place = (&id.zone, &id.name, id.record_type);
            rows.extend(DnsRow::refusal(place, set, refused, self.owner, self.now, self.run));
        }
        for id in changed.iter().filter(|id| !refusals.contains_key(**id)) {
            let Some((set, at)) = newest.get(id) else { continue };
            // As a sweep tells it: whoever counts by the log must not take it for one that people get.
            let is_cut = self.case.known.cut_above(&id.zone, &id.name).is_some();
            let place = (&id.zone, &id.name, id.record_type);
            let told = |set, refused| DnsRow::refusal(place, set, refused, self.owner, *at, self.run);
            rows.extend(match set {
                _ if is_cut => told(*set, &Refused::delegated()),
                Some(set) => DnsRow::rows(set, self.owner, *at, self.run),
                None => told(None, &Refused::absent()),
            });
        }
        rows
    }

    /// What a row that no run tells of says of a set of which no row of the mismatch speaks.
    fn strange(&self, id: &RecordId) -> Option<&BTreeSet<std::net::IpAddr>> {
        self.case.history.said.strange.get(id)
    }

    fn is_owed(&self, id: &RecordId) -> bool {
        self.case.history.owed.iter().any(|owed| owed.id == *id)
    }

    /// Refusals that no patience ends, by record set, as far as the log does not know them.
    fn refusals(&self, done: &[Done], skips: &[&Skip], newest: &Newest<'_>) -> BTreeMap<RecordId, Refused> {
        let mut given: BTreeMap<RecordId, (String, Vec<(ResourceId, std::net::IpAddr)>)> = BTreeMap::new();
        // What may not go stays as it is, and no claim on it was refused.
        let is_refused = |done: &&Done| done.fate.is_durable && done.change.action() != Action::Delete;
        for done in done.iter().filter(is_refused) {
            let code = done.fate.mishap.as_ref().map(|mishap| mishap.code.clone()).unwrap_or_default();
            let to = done.change.to();
            let pairs = done.change.machines().flat_map(|machine| to.iter().map(|to| (machine.clone(), *to)));
            given.insert(done.change.id.clone(), (code, pairs.collect()));
        }
        // A row that the alert counts is news; what the log knows of others at the same place is said again with it.
        let mut news = BTreeSet::new();
        for skip in skips.iter().filter(|skip| skip.is_durable) {
            let Some((id, machine, address)) = claim(skip) else { continue };
            if skip.seen.as_ref().is_some_and(|seen| seen.actionable) {
                news.insert(id.clone());
            }
            let code = || (skip.reason.as_str().to_owned(), Vec::new());
            given.entry(id).or_insert_with(code).1.push((machine, address));
        }
        news.extend(done.iter().map(|done| done.change.id.clone()));
        let etag = |id: &RecordId| {
            newest.get(id).and_then(|(set, _)| *set).map(|set| set.etag.as_str()).unwrap_or_default()
        };
        given
            .into_iter()
            .map(|(id, (code, pairs))| (id, Refused::new(&code, pairs)))
            .filter(|(id, refused)| {
                let known = self.case.history.refused.get(id);
                // What the log knows to be refused of a set that is another by now counts no more.
                let is_of_another =
                    newest.contains_key(id) && known.is_some_and(|known| known.etag != etag(id));
                let is_another = known.is_none_or(|known| known.refused != *refused);
                // A partial answer does not say what is known.
                !self.case.partial && (is_of_another || news.contains(id) && is_another)
            })
            .collect()
    }
}

/// The claim behind a skip of a row.
fn claim(skip: &Skip) -> Option<(RecordId, ResourceId, std::net::IpAddr)> {
    let seen = skip.seen.as_ref()?;
    let zone = ZoneId::parse(&seen.zone).ok()?;
    let name = HostName::parse(&skip.name).ok()?;
    let machine = ResourceId::parse(&skip.machine).ok()?;
    let id = RecordId { zone, name, record_type: skip.record_type };
    Some((id, machine, parse_address(&seen.reported)?))
}

fn logged(rows: &[MismatchRow]) -> BTreeMap<RecordId, &MismatchRow> {
    let id = |row: &MismatchRow| {
        let (zone, name) = (ZoneId::parse(&row.zone_id).ok()?, HostName::parse(&row.host_name).ok()?);
        Some(RecordId { zone, name, record_type: row.record_type })
    };
    rows.iter().filter_map(|row| Some((id(row)?, row))).collect()
}

/// Whether the log holds that there is a record set.
fn is_logged(row: &MismatchRow) -> bool {
    row.is_alias || !row.dns_ip.is_empty() || !row.record_set_id.is_empty() || !row.etag.is_empty()
}

fn differs(set: &RecordSet, row: &MismatchRow, owner: &str) -> bool {
    let machine = set.mark_of(owner).map(|mark| mark.machine).unwrap_or_default();
    join_addresses(&set.addresses) != row.dns_ip
        || set.alias.is_some() != row.is_alias
        || set.etag != row.etag
        || machine != row.owner
        || row.record_set_id.is_empty()
}

/// `TagData_CL`: machines whose live tag no longer holds a name that the log has for them, or holds one where the log has none.
pub(super) fn tag_rows(
    tags: &[(ResourceId, Live, Timestamp)],
    case: &Case,
    policy: &Policy,
    run: &str,
) -> Vec<TagRow> {
    let mut claimed: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    // What a machine claims still, and its newest rows do not say.
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for row in &case.rows {
        let machine = row.resource_id.to_lowercase();
        if row.claimed != LoggedClaim::Before {
            claimed.entry(machine).or_default().insert(&row.host_name);
        } else if case.is_claimed_still(row) == Some(true) {
            claimed.entry(machine.clone()).or_default();
            taken.insert(machine);
        }
    }
    let nothing = BTreeSet::new();
    let mut found = Vec::new();
    for (machine, live, sent_at) in tags {
        let is_nobody = case.history.said.nobodies.contains(machine);
        let Some(logged) = claimed.get(machine.lower()).or(is_nobody.then_some(&nothing)) else { continue };
        let values: &[String] = match live {
            Live::Tagged(values) => values,
            Live::Gone => &[],
            Live::Unreadable => continue,
        };
        let named = |text| {
            TagName::of_sides(Proposal::of(text, Some(machine)).with(case.known.particulars()), policy)
        };
        let names: BTreeSet<TagName> =
            values.iter().flat_map(|value| split_tag(value)).flat_map(named).collect();
        let is_known = logged.iter().all(|name| names.iter().any(|known| known.stored == *name));
        let is_taken = taken.contains(machine.lower());
        if is_known && !is_taken && (!is_nobody || names.is_empty()) {
            continue;
        }
        let row = |name: TagName| TagRow {
            time_generated: *sent_at,
            id: machine.to_string(),
            host_name: name.stored,
            zone_id: name.zone,
            skip: name.skip.to_owned(),
            types: name.types,
            prefixes: name.prefixes,
            is_multi: name.is_multi,
            name: machine.name().to_owned(),
            resource_type: machine.resource_type(),
            location: String::new(),
            run: run.to_owned(),
            installation: policy.owner.clone(),
        };
        if names.is_empty() {
            // The machine claims nothing any more.
            found.push(row(TagName::default()));
        } else {
            found.extend(names.into_iter().map(row));
        }
    }
    found
}

#[cfg(test)]
mod tests;
