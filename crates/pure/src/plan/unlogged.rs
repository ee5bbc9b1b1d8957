//! Machines that share a record set and of which no row speaks: their live tags are read before an address leaves the set.
//!
//! The log may call a machine tagless that is not, for whoever may send rows may send one without a name. So what a row
//! does not say proves nothing; the tags and the heartbeats do.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::Timestamp;

use crate::domain::{HostName, MismatchRow, RecordId, RecordType, ResourceId, parse_address};

use super::blindness::{Blindness, Wanted};
use super::case::Case;
use super::need::{Answer, EvidenceRequest, Needs};
use super::policy::{Policy, Proposal};
use super::sharing::is_heard;
use super::why::Why;
use super::words;

/// What stays of the addresses that would leave a shared set.
#[derive(Debug, Default)]
pub(super) struct Staying {
    pub(super) addresses: BTreeSet<IpAddr>,
    /// The machines that claim the name by their tags and say these addresses; none where that could not be asked.
    machines: BTreeSet<ResourceId>,
    /// The question that failed.
    pub(super) unanswered: Option<Blindness>,
}

impl Staying {
    /// All of them, for nobody can say whose they are.
    fn all(leaving: BTreeSet<IpAddr>, wanted: Wanted, because: &str) -> Self {
        let unanswered = Blindness::Unavailable { wanted, because: because.to_owned() };
        Self { addresses: leaving, machines: BTreeSet::new(), unanswered: Some(unanswered) }
    }

    /// Why the set is left as it is for their sake.
    pub(super) fn why(&self, id: &RecordId) -> Why {
        let machines = self.machines.iter().map(|machine| words::machine(machine.as_str())).collect();
        Why::Unlogged { name: id.name.to_string(), addresses: words::addresses(&self.addresses), machines }
    }
}

/// What of these addresses stays in a shared set: what a machine said lately whose live tag claims the name and of which no
/// row speaks. A question that failed takes nothing away.
///
/// # Errors
/// With what must be known first.
pub(super) fn staying(
    id: &RecordId,
    leaving: BTreeSet<IpAddr>,
    case: &Case,
    policy: &Policy,
    now: Timestamp,
) -> Result<Staying, Box<Needs>> {
    if leaving.is_empty() {
        return Ok(Staying::default());
    }
    let claimants = match case.known.claimants(&id.name) {
        Some(Answer::Known(claimants)) => claimants,
        Some(Answer::Unavailable(because)) => {
            return Ok(Staying::all(leaving, Wanted::Claimants { name: id.name.to_string() }, because));
        }
        None => return Err(Box::new(Needs { names: [id.name.clone()].into(), ..Needs::default() })),
    };
    let spoken: BTreeSet<String> =
        case.rows.iter().filter(|row| is_of(row, id)).map(|row| row.resource_id.to_lowercase()).collect();
    let is_open = |machine: &&ResourceId| {
        let is_spoken = spoken.contains(machine.lower());
        match claim(machine, id, case, policy) {
            Standpoint::None => false,
            Standpoint::Sure => !is_spoken,
            // A row of a machine that was not asked is refused by the log's word alone.
            Standpoint::Unknown => !is_spoken || case.known.tag(machine).is_none(),
        }
    };
    let machines: BTreeSet<ResourceId> = claimants.iter().filter(is_open).cloned().collect();
    if machines.is_empty() {
        return Ok(Staying::default());
    }
    let mut wanted = EvidenceRequest { machines, addresses: leaving };
    let evidence = match case.known.evidence(id) {
        Some(Answer::Unavailable(because)) => {
            let evidence = Wanted::Evidence { name: id.name.to_string() };
            return Ok(Staying::all(wanted.addresses, evidence, because));
        }
        Some(Answer::Known(evidence)) => Some(evidence),
        None => None,
    };
    let Some(evidence) = evidence.filter(|evidence| evidence.answers(&wanted)) else {
        // An answer takes the place of the one before, so that what that one answers is asked again with it.
        evidence.into_iter().for_each(|evidence| wanted.extend(&evidence.asked));
        return Err(Box::new(Needs { evidence: [(id.clone(), wanted)].into(), ..Needs::default() }));
    };
    let mut staying = Staying::default();
    for machine in wanted.machines {
        let seen = evidence.reported.get(machine.lower()).into_iter().flatten();
        let lately =
            seen.filter(|(address, time)| wanted.addresses.contains(address) && is_heard(**time, now));
        let says: BTreeSet<IpAddr> = lately.map(|(address, _)| *address).collect();
        if !says.is_empty() {
            staying.addresses.extend(says);
            staying.machines.insert(machine);
        }
    }
    Ok(staying)
}

/// Whether the row says what its machine reports for this record set. A name has one zone of a kind, whatever the row says of it.
fn is_of(row: &MismatchRow, id: &RecordId) -> bool {
    let record_type = parse_address(&row.computer_ip).map_or(row.record_type, RecordType::of);
    row.kind() == id.zone.kind()
        && record_type == id.record_type
        && HostName::parse(&row.host_name).is_ok_and(|name| name == id.name)
}

/// What the policy makes of a machine's claim on a record set.
enum Standpoint {
    None,
    Sure,
    /// It would have to know more of the machine.
    Unknown,
}

fn claim(machine: &ResourceId, id: &RecordId, case: &Case, policy: &Policy) -> Standpoint {
    let proposal = Proposal::of(id.name.as_str(), Some(machine)).inside(id.zone.kind());
    let proposal = proposal.with(case.known.particulars());
    match policy.place(proposal) {
        Ok(placed) if placed.grant.terms.types.contains(&id.record_type) => Standpoint::Sure,
        Err(Why::Undecided(_)) => Standpoint::Unknown,
        Ok(_) | Err(_) => Standpoint::None,
    }
}
