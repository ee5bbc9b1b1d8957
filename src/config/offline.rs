//! What a policy needs, and nothing of Azure: for whoever holds it against machines out of a file.

use std::collections::BTreeSet;

use super::fault::{Fault, Faults};
use super::reader::{Findings, Reader};
use super::variables::Variables;
use super::{collect, known, policy};
use pure::domain::MachineKind;
use pure::plan::Policy;

/// A policy by itself.
#[derive(Clone, Debug)]
pub struct Offline {
    /// The policy.
    pub policy: Policy,
    /// `HOSTNAME_TAG`: the tag that names a machine's host names.
    pub tag: String,
    /// `TARGETS`: which kinds of machines can have names.
    pub targets: BTreeSet<MachineKind>,
    /// What is odd, though nothing stops because of it.
    pub warnings: Vec<Fault>,
}

impl Offline {
    /// Reads and checks what the policy is made of; what says where Azure is, or who we are there, is not asked for.
    ///
    /// # Errors
    /// All faults at once, each with the variable's name.
    pub fn read(variables: &Variables) -> Result<Self, Faults> {
        let mut reader = Reader::new(variables);
        known::check(&mut reader, variables);
        let zones = collect::zones(&mut reader);
        let collect = collect::read(&mut reader);
        let policy = policy::read(&mut reader, zones, "", &collect);
        let Findings { faults, slips, warnings } = reader.into_findings();
        if !faults.is_empty() {
            return Err(Faults(slips.into_iter().chain(faults).collect()));
        }
        let warnings = slips.into_iter().chain(warnings).collect();
        Ok(Self { policy, tag: collect.tag, targets: collect.targets, warnings })
    }
}
