//! What the log says of machines and record sets that their owners are asked about, before it is believed.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::Timestamp;

use crate::domain::{RecordId, ResourceId};

/// What the log says and its owners are asked about, before it is believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hearsay {
    /// How many machines claimed a name lately and still beat.
    pub claimed: u64,
    /// Of those, the ones of which the run of the newest marker has sent rows.
    pub swept: u64,
    /// Of those, the ones that by the newest rows claim none any more.
    pub nameless: u64,
    /// Which ones, or a part of them where they are many.
    pub nobodies: BTreeSet<ResourceId>,
    /// Claimed record sets whose newest rows come from no run that swept or told of itself, and say something else than the
    /// rows before: what they are said to hold. A part of them where they are many.
    pub strange: BTreeMap<RecordId, BTreeSet<IpAddr>>,
    /// How many rows are ahead of now, and the time of the last of them; none: none is.
    pub early: Option<(u64, Timestamp)>,
}

impl Hearsay {
    /// Whether the run of the newest marker speaks of less than half of the machines that claimed lately: whoever forges a marker
    /// alone has no rows with it.
    #[must_use]
    pub fn is_hollow(&self) -> bool {
        self.swept.saturating_mul(2) < self.claimed
    }

    /// Whether more than half of the machines are said to claim nothing any more.
    #[must_use]
    pub fn is_of_most(&self) -> bool {
        self.nameless.saturating_mul(2) > self.claimed
    }
}
