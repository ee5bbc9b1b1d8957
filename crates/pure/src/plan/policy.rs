//! What may be managed, and when something is suspicious: every limit of the plan in one value.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use jiff::SignedDuration;

use crate::domain::{HostName, RecordType, ResourceId, Zone, Zones};

use super::name_pattern::{NamePattern, NamePatterns};
use super::reserved::is_reserved;
use super::why::Why;

/// The rules of one installation; see the `POLICY_*` variables.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The managed zones (`DNS_ZONES`).
    pub zones: Zones,
    /// Who may be managed (`POLICY_NAMES`).
    pub names: NamePatterns,
    /// This installation's id in marks (`OWNER_ID`).
    pub owner: String,
    /// Types that may be written (`POLICY_RECORD_TYPES`).
    pub record_types: BTreeSet<RecordType>,
    /// Ranges that may be published although they are not public (`POLICY_ALLOW_PREFIXES`).
    pub allow_prefixes: Vec<IpNet>,
    /// Ranges that are never published (`POLICY_DENY_PREFIXES`).
    pub deny_prefixes: Vec<IpNet>,
    /// Ranges to which any number of places may converge (`POLICY_EXPECT_PREFIXES`).
    pub expect_prefixes: Vec<IpNet>,
    /// Newest heartbeats that must agree (`POLICY_MIN_BEATS`).
    pub min_beats: u64,
    /// How much time the heartbeats that agree must span (`POLICY_MIN_SPAN`): rows within seconds are one moment.
    pub min_span: SignedDuration,
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
    /// Which unmarked sets become ours (`POLICY_ADOPT`).
    pub adopt: Adopt,
    /// Time to live of new sets, in seconds (`POLICY_TTL`).
    pub ttl: u32,
    /// Different present addresses that may move to one new address (`POLICY_MAX_SOURCES`).
    pub max_sources: usize,
    /// Percent of a zone's present addresses that may move at once (`POLICY_MAX_MOVE_PERCENT`).
    pub max_move_percent: u64,
    /// Age of a change's first beat from which no surge holds it (`POLICY_SURGE_HOLD`).
    pub surge_hold: SignedDuration,
    /// Percent of the machines heard before that may fall silent (`POLICY_MAX_SILENT_PERCENT`).
    pub max_silent_percent: u64,
    /// How often the collector sweeps (`SNAPSHOT_EVERY`).
    pub snapshot_every: SignedDuration,
}

/// Which unmarked record sets are adopted (`POLICY_ADOPT`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adopt {
    /// Those listed literally, and those whose every address the claiming machines reported within 30 days.
    Seen,
    /// All but those whose first label everybody trusts, such as `www`, which must be listed literally.
    Always,
    /// None.
    Never,
}

/// A name that a machine proposes by its tag: what the limits on names are asked about.
///
/// No limit depends on the machine today. Whoever asks names it all the same, so that one that does has every answer.
#[derive(Clone, Copy, Debug)]
pub struct Proposal<'a> {
    /// The name as written.
    pub text: &'a str,
    /// The machine; none where its id is no id.
    pub machine: Option<&'a ResourceId>,
}

impl<'a> Proposal<'a> {
    /// What this machine proposes.
    #[must_use]
    pub fn of(text: &'a str, machine: Option<&'a ResourceId>) -> Self {
        Self { text, machine }
    }
}

impl Policy {
    /// The defaults for these zones, names and installation.
    #[must_use]
    pub fn new(zones: Zones, names: impl IntoIterator<Item = NamePattern>, owner: impl Into<String>) -> Self {
        Self {
            zones,
            names: names.into_iter().collect(),
            owner: owner.into(),
            record_types: BTreeSet::from([RecordType::A]),
            allow_prefixes: Vec::new(),
            deny_prefixes: Vec::new(),
            expect_prefixes: Vec::new(),
            min_beats: 2,
            min_span: SignedDuration::from_secs(45),
            max_heartbeat_age: SignedDuration::from_mins(15),
            unseen: SignedDuration::from_mins(10),
            flap_hold: SignedDuration::from_mins(45),
            claim_dormant: SignedDuration::from_hours(24),
            create: true,
            adopt: Adopt::Seen,
            ttl: 60,
            max_sources: 3,
            max_move_percent: 30,
            surge_hold: SignedDuration::from_mins(15),
            max_silent_percent: 50,
            snapshot_every: SignedDuration::from_mins(30),
        }
    }

    /// The static rules on names, shared by the collector and the plan: the zone that answers for the name.
    ///
    /// Every limit on names is asked here. The machine is part of the question, though no limit looks at it today.
    ///
    /// # Errors
    /// The first of `wildcard`, `name-invalid`, `no-zone`, `apex`, `name-reserved`, `name-not-allowed` that applies.
    pub fn place(&self, proposal: Proposal<'_>) -> Result<(HostName, &Zone), Why> {
        let text = proposal.text;
        let quoted = || super::words::quote(text);
        let bare = text.trim();
        let looks_wild = bare == "*" || bare.starts_with("*.");
        let name = match HostName::parse(bare) {
            Ok(name) => name,
            Err(fault) if looks_wild => return Err(Why::WildcardInvalid { name: quoted(), fault }),
            Err(fault) => return Err(Why::NameInvalid { name: quoted(), fault }),
        };
        let literal = self.names.list(&name);
        if name.is_wildcard() && !literal {
            return Err(Why::Wildcard { name: name.to_string() });
        }
        let Some(zone) = self.zones.longest_match(&name) else {
            let zones = super::words::Shortlist::of(self.zones.iter().map(Zone::name));
            return Err(Why::NoZone { name: name.to_string(), zones });
        };
        if name == *zone.name() && !literal {
            return Err(Why::Apex { name: name.to_string() });
        }
        if is_reserved(name.first_label()) && !literal {
            return Err(Why::NameReserved { name: name.to_string() });
        }
        if !self.names.allow(&name) {
            return Err(Why::NameNotAllowed { name: name.to_string() });
        }
        Ok((name, zone))
    }

    pub(super) fn allows(&self, address: IpAddr) -> bool {
        contains(&self.allow_prefixes, address)
    }

    pub(super) fn denies(&self, address: IpAddr) -> Option<&IpNet> {
        self.deny_prefixes.iter().find(|prefix| prefix.contains(&address))
    }

    pub(super) fn expects(&self, address: IpAddr) -> bool {
        contains(&self.expect_prefixes, address)
    }
}

fn contains(prefixes: &[IpNet], address: IpAddr) -> bool {
    prefixes.iter().any(|prefix| prefix.contains(&address))
}
