//! Which of the addresses that a machine lists may stand in a private zone: those inside the prefixes that somebody named, never
//! one by its place in the list.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::domain::{AddressClass, Listed, MismatchRow, RecordType, Zone, join_addresses, parse_address};

use super::grant::{Term, Terms, Whence};
use super::policy::Policy;
use super::private::Multi;
use super::why::{NoneInside, PrivateSide};
use super::words;

/// So many records a set of a private zone has at most (contract private-zones, section 0).
pub(super) const MOST_RECORDS: usize = 20;

/// The setting of the prefixes that hold in private zones.
const PREFIXES: &str = "POLICY_PRIVATE_PREFIXES";

/// What comes of the addresses that a row of a private zone lists.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    /// The machine lists none.
    Empty,
    /// It lists nothing that is an address.
    Invalid(String),
    /// None may stand there, or somebody must say which of them does.
    Refused(Box<PrivateSide>),
    /// These may stand there. Where the set holds some of those that may, and nothing else, it is these.
    These(BTreeSet<IpAddr>),
}

impl Choice {
    /// Chooses for a row, where its name stands in this zone and its set holds these addresses now; without terms nobody knows
    /// yet which claim decides.
    pub(super) fn of(
        row: &MismatchRow,
        zone: &Zone,
        terms: Option<&Terms>,
        policy: &Policy,
        present: &BTreeSet<IpAddr>,
    ) -> Self {
        let mut listed = Listed::read(&row.private_ips);
        let own = parse_address(&row.computer_ip);
        match own {
            Some(own) => drop(listed.addresses.insert(own)),
            None if row.computer_ip.trim().is_empty() => {}
            None => drop(listed.others.insert(row.computer_ip.trim().to_owned())),
        }
        let refused = |side| Self::Refused(Box::new(side));
        let machine = || row.resource_id.clone();
        if listed.is_empty() {
            return Self::Empty;
        }
        if listed.len() > Listed::MOST {
            return refused(PrivateSide::TooLong { machine: machine(), entries: listed.len() });
        }
        if listed.addresses.is_empty() {
            let others: Vec<String> = listed.others.iter().map(|text| words::quote(text)).collect();
            return Self::Invalid(words::list(&others));
        }
        let prefixes = policy.private.prefixes.of(zone.name());
        let may = |address: &IpAddr| may_stand(*address, prefixes, terms);
        let record_type = own.map_or(row.record_type, RecordType::of);
        let of_type = |address: &IpAddr| RecordType::of(*address) == record_type;
        let inside: BTreeSet<IpAddr> =
            listed.addresses.iter().copied().filter(|address| may(address) && of_type(address)).collect();
        let is_to_be_all = policy.private.multi == Multi::All;
        let chosen = if inside.len() < 2 || is_to_be_all && inside.len() <= MOST_RECORDS {
            inside
        } else if !present.is_empty() && present.is_subset(&inside) {
            // No flapping between two answers that are both true.
            present.clone()
        } else {
            let (machine, zone) = (machine(), zone.name().to_string());
            return refused(PrivateSide::Several { machine, addresses: texts(&inside), zone, is_to_be_all });
        };
        // What the newest sweep had not let through is not what the beats of this row were counted for.
        let is_counted = own.is_some_and(|own| chosen.contains(&own)) || chosen == *present;
        if is_counted && !chosen.is_empty() {
            return Self::These(chosen);
        }
        refused(PrivateSide::NoneInside(NoneInside {
            machine: machine(),
            listed: texts(&listed.addresses),
            zone: zone.name().to_string(),
            prefixes: prefixes.iter().map(ToString::to_string).collect(),
            by: terms.map_or(Whence::Setting(PREFIXES), prefixes_on),
            inside: join_addresses(&chosen),
        }))
    }
}

/// Where the prefixes stand by which these terms choose.
pub(super) fn prefixes_on(terms: &Terms) -> Whence {
    if terms.prefixes.is_empty() { Whence::Setting(PREFIXES) } else { terms.origin(Term::Prefixes) }
}

/// Whether an address may stand in a private zone with these prefixes: nothing that no other machine reaches, nothing of the
/// platform's own, and nothing that is kept out besides.
pub(super) fn may_stand(address: IpAddr, prefixes: &[IpNet], terms: Option<&Terms>) -> bool {
    let is_nobodys = address.is_unspecified()
        || matches!(
            AddressClass::of(address),
            AddressClass::Loopback
                | AddressClass::LinkLocal
                | AddressClass::Multicast
                | AddressClass::AzurePlatform
                | AddressClass::PrivateLink { .. }
        );
    let is_refused = |terms: &Terms| terms.denies(address).is_some() || terms.is_outside(address);
    !is_nobodys && prefixes.iter().any(|prefix| prefix.contains(&address)) && !terms.is_some_and(is_refused)
}

fn texts(addresses: &BTreeSet<IpAddr>) -> Vec<String> {
    addresses.iter().map(ToString::to_string).collect()
}
