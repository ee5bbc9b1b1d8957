//! What is known of a conflict of claims.

use crate::plan::grant::Whence;
use crate::plan::words::Shortlist;

/// Machines that claim one name report different addresses.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// The name.
    pub name: String,
    /// The addresses that stay.
    pub present: Vec<String>,
    /// How many machines.
    pub machines: usize,
    /// How many addresses.
    pub addresses: usize,
    /// Each address with its machines, of many the first.
    pub claims: Shortlist,
    /// How far the policy lets them share it.
    pub sharing: Sharing,
}

/// How far the policy lets machines share one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// There is no policy file to say it in.
    None,
    /// This claim of the file could say it, and does not.
    Could(Whence),
    /// Some of the machines do, under other claims than this.
    Some(Whence),
}

impl Conflict {
    /// From more machines than this on it is no slip at one of them, and told in one line.
    pub(in crate::plan) const FEW: usize = 5;

    /// Whether so many machines are in it that one cause is behind it.
    #[must_use]
    pub fn is_of_many(&self) -> bool {
        self.machines > Self::FEW
    }
}
