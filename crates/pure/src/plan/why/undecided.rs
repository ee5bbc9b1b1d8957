//! A name of which it is not known whether a claim gives it to a machine.

use crate::domain::{HostName, ZoneId};
use crate::plan::blindness::Blindness;

/// A name in its zone, and a machine of which too little is known to say whether a claim gives it the name.
#[derive(Clone, Debug, PartialEq)]
pub struct Undecided {
    /// The name.
    pub name: HostName,
    /// Its zone.
    pub zone: ZoneId,
    /// The machine.
    pub machine: String,
    /// The line of the claim, where the management groups above the machine are not known; none where it is its place or its
    /// tags.
    pub line: Option<usize>,
}

impl Undecided {
    /// What cannot be seen.
    #[must_use]
    pub fn cause(&self) -> Blindness {
        let (name, machine) = (self.name.to_string(), self.machine.clone());
        Blindness::Undecided { name, machine, line: self.line }
    }
}
