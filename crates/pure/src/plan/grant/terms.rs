//! What holds for the names that a grant gives away.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use jiff::SignedDuration;

use crate::domain::RecordType;

/// What holds for the names of one grant: what its `[[claim]]` says, else what the `POLICY_*` variables say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Types that may be written (`types`, `POLICY_RECORD_TYPES`).
    pub types: BTreeSet<RecordType>,
    /// Ranges that are never published (`deny_prefixes`, `POLICY_DENY_PREFIXES`).
    pub deny_prefixes: Vec<IpNet>,
    /// How much time the heartbeats that agree must span (`min_span`, `POLICY_MIN_SPAN`): rows within seconds are one moment.
    pub min_span: SignedDuration,
    /// Which unmarked sets become ours (`adopt`, `POLICY_ADOPT`).
    pub adopt: Adopt,
    /// Time to live of new sets, in seconds (`ttl`, `POLICY_TTL`).
    pub ttl: u32,
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
            min_span: SignedDuration::from_secs(45),
            adopt: Adopt::Seen,
            ttl: 60,
        }
    }
}

impl Terms {
    /// The range that keeps an address out, if one does.
    pub(in crate::plan) fn denies(&self, address: IpAddr) -> Option<&IpNet> {
        self.deny_prefixes.iter().find(|prefix| prefix.contains(&address))
    }
}
