//! A person's word that what a brake holds is right: which brakes, which of their changes, and what it met.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::domain::{NameSet, RecordId};

use super::brake_kind::{About, BrakeKind};

/// What a person approves. It opens nothing but the brakes that are named, and of them nothing but changes that were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Approval {
    /// What brakes with these digests hold: of these names, or of all when there are none.
    Brakes {
        /// Digests or their beginnings, in lower case.
        digests: BTreeSet<String>,
        /// Names, each on all of its sides or on some.
        names: NameSet,
    },
    /// These changes, as somebody has read them, and no others.
    Read(Vec<Approved>),
}

/// A change that a person has read and approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approved {
    /// The record set.
    pub id: RecordId,
    /// What it held.
    pub from: BTreeSet<IpAddr>,
    /// What it was to hold.
    pub to: BTreeSet<IpAddr>,
    /// The brakes that were lifted for it.
    pub lifted: BTreeSet<Lifted>,
}

/// A brake that a person lifts for a change; the zone is the change's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lifted {
    /// Which one.
    pub brake: BrakeKind,
    /// What it is about.
    pub about: About,
}

/// What an approval met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Met {
    /// The digests that some brake has.
    pub digests: BTreeSet<String>,
    /// Changes that were read and that nobody plans any more.
    pub gone: Vec<RecordId>,
    /// Changes that were read and are planned with other addresses by now.
    pub other: Vec<RecordId>,
}
