//! What holds for the names that a grant gives away.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;
use jiff::SignedDuration;

use crate::domain::{Country, RecordType};

use super::whence::Whence;

/// What holds for the names of one grant: what its `[[claim]]` says, else what the `POLICY_*` variables say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Types that may be written (`types`, `POLICY_RECORD_TYPES`).
    pub types: BTreeSet<RecordType>,
    /// Ranges that are never published, whatever a claim says (`POLICY_DENY_PREFIXES`).
    pub deny_prefixes: Vec<IpNet>,
    /// Ranges that the claim keeps out besides (`deny_prefixes`).
    pub also_denied: Vec<IpNet>,
    /// The only ranges that may be published, of those that may be at all (`prefixes`); none: any.
    pub prefixes: Vec<IpNet>,
    /// The only countries from which addresses may be published (`countries`); none: any.
    pub countries: BTreeSet<Country>,
    /// How much time the heartbeats that agree must span (`min_span`, `POLICY_MIN_SPAN`): rows within seconds are one moment.
    pub min_span: SignedDuration,
    /// Which unmarked sets become ours (`adopt`, `POLICY_ADOPT`).
    pub adopt: Adopt,
    /// Time to live of new sets, in seconds (`ttl`, `POLICY_TTL`).
    pub ttl: u32,
    /// Whether one set holds what several machines say (`shared`); else different addresses are a conflict.
    pub shared: bool,
    /// Whether its names are planned and shown, and never written (`hold`).
    pub hold: bool,
    /// The lines on which the claim says something itself.
    pub lines: BTreeMap<Term, usize>,
}

/// One of the terms that a sentence may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Term {
    /// `types`.
    Types,
    /// `prefixes`.
    Prefixes,
    /// `deny_prefixes`.
    DenyPrefixes,
    /// `countries`.
    Countries,
    /// `min_span`.
    MinSpan,
    /// `adopt`.
    Adopt,
    /// `hold`.
    Hold,
    /// `ttl`.
    Ttl,
}

impl Term {
    /// What says it where no claim does.
    fn setting(self) -> Whence {
        match self {
            Self::Types => Whence::Setting("POLICY_RECORD_TYPES"),
            Self::Prefixes | Self::Countries | Self::Hold => Whence::FILE,
            Self::DenyPrefixes => Whence::Setting("POLICY_DENY_PREFIXES"),
            Self::MinSpan => Whence::Setting("POLICY_MIN_SPAN"),
            Self::Adopt => Whence::Setting("POLICY_ADOPT"),
            Self::Ttl => Whence::Setting("POLICY_TTL"),
        }
    }
}

/// Which unmarked record sets are adopted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adopt {
    /// Those listed literally, and those whose every address the claiming machines reported within 30 days.
    Seen,
    /// All but those whose first label everybody trusts, such as `www`, which must be listed literally.
    Always,
    /// None.
    Never,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            types: BTreeSet::from([RecordType::A]),
            deny_prefixes: Vec::new(),
            also_denied: Vec::new(),
            prefixes: Vec::new(),
            countries: BTreeSet::new(),
            min_span: SignedDuration::from_secs(45),
            adopt: Adopt::Seen,
            ttl: 60,
            shared: false,
            hold: false,
            lines: BTreeMap::new(),
        }
    }
}

impl Terms {
    /// The range that keeps an address out, if one does, and where it stands.
    pub(in crate::plan) fn denies(&self, address: IpAddr) -> Option<(&IpNet, Whence)> {
        let everywhere = self.deny_prefixes.iter().map(|range| (range, Term::DenyPrefixes.setting()));
        let here = self.also_denied.iter().map(|range| (range, self.origin(Term::DenyPrefixes)));
        everywhere.chain(here).find(|(range, _)| range.contains(&address))
    }

    /// Whether an address lies outside of the only ranges that may be published.
    pub(in crate::plan) fn is_outside(&self, address: IpAddr) -> bool {
        !self.prefixes.is_empty() && !self.prefixes.iter().any(|prefix| prefix.contains(&address))
    }

    /// Whether an address is in none of the only countries from which any may be published; of none that is known it is not.
    pub(in crate::plan) fn is_abroad(&self, country: Option<Country>) -> bool {
        !self.countries.is_empty() && country.is_none_or(|country| !self.countries.contains(&country))
    }

    /// Where a term stands: in the claim itself, or in the variable that holds for all.
    #[must_use]
    pub fn origin(&self, term: Term) -> Whence {
        self.lines.get(&term).map_or_else(|| term.setting(), |line| Whence::Line(*line))
    }
}
