//! What may be managed, and when something is suspicious: every limit of the plan in one value.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use jiff::SignedDuration;

use crate::domain::{HostName, RecordId, RecordType, ResourceId, Zone, ZoneId, ZoneKind, Zones};

use super::grant::{
    Extent, Filling, Grant, Granted, Grants, NameForm, Particulars, Term, Terms, Unfilled, Unknown,
};
use super::inside::inside;
use super::marked::Orphans;
use super::private::PrivateTerms;
use super::reserved::is_reserved;
use super::why::{Undecided, Why};

/// The rules of one installation; see the `POLICY_*` variables.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The managed zones (`DNS_ZONES`, `PRIVATE_ZONES`).
    pub zones: Zones,
    /// Which machines may claim which names, and what holds for these (`POLICY_FILE`, `POLICY_NAMES`).
    pub grants: Grants,
    /// What a machine without a tag claims (`HOSTNAME_TEMPLATE`).
    pub template: Option<NameForm>,
    /// The digest of the policy file's text, by which audit rows name it; empty for the short form.
    pub digest: String,
    /// This installation's id in marks (`OWNER_ID`).
    pub owner: String,
    /// Ranges that may be published although they are not public (`POLICY_ALLOW_PREFIXES`).
    pub allow_prefixes: Vec<IpNet>,
    /// What holds for rows of private zones (`POLICY_PRIVATE_*`).
    pub private: PrivateTerms,
    /// Ranges to which any number of places may converge (`POLICY_EXPECT_PREFIXES`).
    pub expect_prefixes: Vec<IpNet>,
    /// Newest heartbeats that must agree (`POLICY_MIN_BEATS`).
    pub min_beats: u64,
    /// Oldest newest heartbeat that counts (`POLICY_MAX_HEARTBEAT_AGE`).
    pub max_heartbeat_age: SignedDuration,
    /// How long the present address must not have been seen after a return (`POLICY_UNSEEN`).
    pub unseen: SignedDuration,
    /// An unbroken run of heartbeats older than this is steady, however often it went to and fro (`POLICY_FLAP_HOLD`).
    pub flap_hold: SignedDuration,
    /// How long a silent machine keeps its claim (`POLICY_CLAIM_DORMANT`).
    pub claim_dormant: SignedDuration,
    /// Whether names without a record set get one (`POLICY_CREATE`).
    pub create: bool,
    /// The longest time to live that a write of ours leaves, in seconds (`POLICY_TTL_MAX`); none: a set keeps its own.
    pub ttl_max: Option<u32>,
    /// Different present addresses that may move to one new address (`POLICY_MAX_SOURCES`).
    pub max_sources: usize,
    /// Percent of a zone's present addresses that may move at once (`POLICY_MAX_MOVE_PERCENT`).
    pub max_move_percent: u64,
    /// Age of a change's first beat from which no surge holds it (`POLICY_SURGE_HOLD`).
    pub surge_hold: SignedDuration,
    /// Percent of the machines heard before that may fall silent (`POLICY_MAX_SILENT_PERCENT`).
    pub max_silent_percent: u64,
    /// What becomes of record sets that nobody claims any more (`POLICY_ORPHANS`).
    pub orphans: Orphans,
    /// How long nobody must have claimed them before they go (`POLICY_ORPHAN_GRACE`).
    pub orphan_grace: SignedDuration,
    /// How often the collector sweeps (`SNAPSHOT_EVERY`).
    pub snapshot_every: SignedDuration,
}

/// Where a name may stand, and by which grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<'a> {
    /// The name.
    pub name: HostName,
    /// The zone that answers for it.
    pub zone: &'a Zone,
    /// The grant that decides.
    pub grant: &'a Grant,
}

/// Where a name may stand for some machine, and by which grants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer<'a> {
    /// The name.
    pub name: HostName,
    /// The zone that answers for it.
    pub zone: &'a Zone,
    /// The grants whose names fit, in their order.
    pub grants: Vec<&'a Grant>,
}

/// A name in its zone, and why only a grant that lists it reaches it, if so.
struct Site<'a> {
    name: HostName,
    zone: &'a Zone,
    special: Option<Why>,
}

/// A name that a machine proposes by its tag: what the limits on names are asked about.
///
/// Whether a grant is for the machine, and what it fills placeholders with, depends on who it is.
#[derive(Clone, Copy, Debug)]
pub struct Proposal<'a> {
    /// The kind of zone that it is to stand in: a name may stand in one of each kind.
    pub kind: ZoneKind,
    /// The name as written.
    pub text: &'a str,
    /// The machine; none where its id is no id.
    pub machine: Option<&'a ResourceId>,
    /// What is known of it besides.
    pub particulars: &'a Particulars,
}

impl<'a> Proposal<'a> {
    /// What this machine proposes for a public zone, where nothing is known of it but its id.
    #[must_use]
    pub fn of(text: &'a str, machine: Option<&'a ResourceId>) -> Self {
        Self { kind: ZoneKind::Public, text, machine, particulars: Particulars::nothing() }
    }

    /// The same for a zone of this kind.
    #[must_use]
    pub fn inside(self, kind: ZoneKind) -> Self {
        Self { kind, ..self }
    }

    /// The same where more is known.
    #[must_use]
    pub fn with(self, particulars: &'a Particulars) -> Self {
        Self { particulars, ..self }
    }
}

impl Policy {
    /// The defaults for these zones, grants and installation.
    #[must_use]
    pub fn new(zones: Zones, grants: impl IntoIterator<Item = Grant>, owner: impl Into<String>) -> Self {
        Self {
            zones,
            grants: grants.into_iter().collect(),
            template: None,
            digest: String::new(),
            owner: owner.into(),
            allow_prefixes: Vec::new(),
            private: PrivateTerms::default(),
            expect_prefixes: Vec::new(),
            min_beats: 2,
            max_heartbeat_age: SignedDuration::from_mins(15),
            unseen: SignedDuration::from_mins(10),
            flap_hold: SignedDuration::from_mins(45),
            claim_dormant: SignedDuration::from_hours(24),
            create: true,
            ttl_max: None,
            max_sources: 3,
            max_move_percent: 30,
            surge_hold: SignedDuration::from_mins(15),
            max_silent_percent: 50,
            orphans: Orphans::Keep,
            orphan_grace: SignedDuration::from_hours(7 * 24),
            snapshot_every: SignedDuration::from_mins(30),
        }
    }

    /// What a machine claims: what its tag says, in all spellings of the tag's name, or the template where it has none. With a
    /// template, a tag that is empty or `-` claims nothing, nor does what fills in no label.
    ///
    /// None where the template asks for more than is known of the machine.
    #[must_use]
    pub fn claimed(
        &self,
        values: Vec<String>,
        machine: &ResourceId,
        particulars: &Particulars,
    ) -> Option<Vec<String>> {
        let Some(template) = &self.template else { return Some(values) };
        if !values.is_empty() {
            let says = |value: &String| !matches!(value.trim(), "" | "-");
            return Some(values.into_iter().filter(says).collect());
        }
        match template.fill(particulars.claimant(Some(machine))) {
            Filling::Name(name) => Some(vec![name]),
            Filling::Nothing => Some(Vec::new()),
            Filling::Unknown => None,
        }
    }

    /// The time to live that a write of ours leaves in place of this one, in seconds.
    pub(super) fn lowered(&self, ttl: u32) -> u32 {
        self.ttl_max.map_or(ttl, |most| ttl.min(most))
    }

    /// Whether more of machines must be known than their ids and the tag that names names.
    #[must_use]
    pub fn asks_particulars(&self) -> bool {
        self.template.is_some() || self.grants.ask_particulars()
    }

    /// The static rules on names, shared by the collector and the plan: the zone that answers for the name, and the grant
    /// that gives it to the machine.
    ///
    /// Every limit on names is asked here. Apexes, wildcards and reserved names are reached only by a grant that lists them.
    ///
    /// # Errors
    /// The first of `wildcard`, `name-invalid`, `no-zone`, `apex`, `name-reserved`, `name-not-allowed` that applies;
    /// [`Why::Undecided`] where what is known of the machine does not tell.
    pub fn place(&self, proposal: Proposal<'_>) -> Result<Placed<'_>, Why> {
        let kind = proposal.kind;
        let Site { name, zone, special } = self.site(kind, proposal.text, proposal.machine)?;
        let reach = if special.is_some() { Extent::Literal } else { Extent::Any };
        let claimant = proposal.particulars.claimant(proposal.machine);
        let machine = proposal.machine.map(ToString::to_string);
        let unfilled = match self.grants.first(kind, &name, reach, claimant) {
            Granted::By(grant) => return Ok(Placed { name, zone, grant }),
            Granted::ByNone(unfilled) => unfilled,
            Granted::Unknown(unknown) => {
                let line = match unknown {
                    Unknown::Traits => None,
                    Unknown::Ancestors(grant) => Some(grant.line.unwrap_or_default()),
                };
                let (zone, machine) = (zone.id.clone(), machine.unwrap_or_default());
                return Err(Why::Undecided(Box::new(Undecided { name, zone, machine, line })));
            }
        };
        Err(special.unwrap_or_else(|| self.not_allowed(&name, machine, unfilled)))
    }

    /// The same for no machine in particular: the grants that may give the name to some machine.
    ///
    /// # Errors
    /// Those of [`Policy::place`]; `name-not-allowed` when no grant gives it to any machine.
    pub fn offers(&self, kind: ZoneKind, text: &str) -> Result<Offer<'_>, Why> {
        let Site { name, zone, special } = self.site(kind, text, None)?;
        let reach = if special.is_some() { Extent::Literal } else { Extent::Any };
        let grants: Vec<&Grant> = self.grants.reaching(kind, &name, reach).collect();
        if grants.is_empty() {
            return Err(special.unwrap_or_else(|| self.not_allowed(&name, None, None)));
        }
        Ok(Offer { name, zone, grants })
    }

    /// The kinds of the managed zones that hold a name: what is said of a name holds for each of them. Of a name that none holds
    /// it is said once.
    #[must_use]
    pub fn sides(&self, text: &str) -> Vec<ZoneKind> {
        let name = HostName::parse(text).ok();
        let zones = name.iter().flat_map(|name| self.zones.of_name(name));
        let sides: Vec<ZoneKind> = zones.map(|zone| zone.id.kind()).collect();
        if sides.is_empty() { vec![ZoneKind::Public] } else { sides }
    }

    fn not_allowed(&self, name: &HostName, machine: Option<String>, unfilled: Option<Unfilled>) -> Why {
        Why::NameNotAllowed {
            name: name.to_string(),
            machine,
            policy: self.grants.origin(),
            unfilled: unfilled.map(Box::new),
        }
    }

    /// The rules on a name that ask no grant but whether it lists the name.
    fn site(&self, kind: ZoneKind, text: &str, machine: Option<&ResourceId>) -> Result<Site<'_>, Why> {
        let machine = machine.map(ToString::to_string);
        let policy = self.grants.origin();
        let quoted = || super::words::quote(text);
        let bare = text.trim();
        let looks_wild = bare == "*" || bare.starts_with("*.");
        let name = match HostName::parse(bare) {
            Ok(name) => name,
            Err(fault) if looks_wild => return Err(Why::WildcardInvalid { name: quoted(), machine, fault }),
            Err(fault) => return Err(Why::NameInvalid { name: quoted(), machine, fault }),
        };
        let is_listed = self.grants.list(kind, &name);
        if name.is_wildcard() && !is_listed {
            return Err(Why::Wildcard { kind, name: name.to_string(), machine, policy });
        }
        let Some(zone) = self.zones.longest_of(kind, &name) else {
            let zones = super::words::Shortlist::of(self.zones.iter().map(|zone| zone.id.label()));
            return Err(Why::NoZone { name: name.to_string(), machine, zones });
        };
        let special = if name.is_wildcard() {
            Some(Why::Wildcard { kind, name: name.to_string(), machine, policy })
        } else if name == *zone.name() {
            Some(Why::Apex { kind, name: name.to_string(), machine, policy })
        } else if is_reserved(name.first_label()) {
            Some(Why::NameReserved { kind, name: name.to_string(), machine, policy })
        } else {
            None
        };
        Ok(Site { name, zone, special })
    }

    /// The types that may be written of a name for one of these machines; of a name that none may claim, all that are managed.
    #[must_use]
    pub fn types_of<'m>(
        &self,
        kind: ZoneKind,
        name: &HostName,
        machines: impl IntoIterator<Item = &'m ResourceId>,
        particulars: &Particulars,
    ) -> BTreeSet<RecordType> {
        let proposal = |machine| Proposal::of(name.as_str(), Some(machine)).inside(kind).with(particulars);
        let place = |machine| self.place(proposal(machine)).ok();
        let placed: Vec<Placed<'_>> = machines.into_iter().filter_map(place).collect();
        if placed.is_empty() {
            return self.record_types();
        }
        placed.iter().flat_map(|placed| placed.grant.terms.types.iter().copied()).collect()
    }

    /// Every type that some grant lets be written.
    #[must_use]
    pub fn record_types(&self) -> BTreeSet<RecordType> {
        self.grants.iter().flat_map(|grant| grant.terms.types.iter().copied()).collect()
    }

    /// The record sets that a name may have, in each zone that holds it.
    #[must_use]
    pub fn record_sets_of(&self, name: &HostName) -> Vec<RecordId> {
        let types = self.record_types();
        let ids = self.zones.of_name(name).flat_map(|zone| {
            let id = |record_type: &RecordType| RecordId {
                zone: zone.id.clone(),
                name: name.clone(),
                record_type: *record_type,
            };
            types.iter().map(id).collect::<Vec<_>>()
        });
        ids.collect()
    }

    /// Time to live of a new set: what its claim says itself, else what holds for its kind of zones.
    pub(super) fn ttl(&self, id: &RecordId, terms: &Terms) -> u32 {
        let is_of_private = id.zone.kind() == ZoneKind::Private && !terms.lines.contains_key(&Term::Ttl);
        if is_of_private { self.private.ttl } else { terms.ttl }
    }

    /// The ranges that may stand in a private zone, whichever claim gives the name; none of a public one.
    #[must_use]
    pub fn ranges_of(&self, zone: &ZoneId) -> Vec<IpNet> {
        match zone.kind() {
            ZoneKind::Public => Vec::new(),
            ZoneKind::Private => inside(self.private.prefixes.of(zone.zone_name()), None),
        }
    }

    pub(super) fn allows(&self, address: IpAddr) -> bool {
        contains(&self.allow_prefixes, address)
    }

    /// Whether any number of names may move to an address: of a public zone, for a private address has no house behind it.
    pub(super) fn expects(&self, zone: &ZoneId, address: IpAddr) -> bool {
        zone.kind() == ZoneKind::Public && contains(&self.expect_prefixes, address)
    }
}

fn contains(prefixes: &[IpNet], address: IpAddr) -> bool {
    prefixes.iter().any(|prefix| prefix.contains(&address))
}
