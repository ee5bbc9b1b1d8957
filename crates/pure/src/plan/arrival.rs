//! A name that has come to an address by the word of the log alone.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::domain::ResourceId;

/// What the log says of a name that has come to an address lately, which a machine that claims the name reports.
///
/// The run that moved it tells the same, or a person did it; or somebody sent the row and the name is still where it was.
/// Its live set knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrival {
    /// The addresses that its record set held before.
    pub left: BTreeSet<IpAddr>,
    /// Who claims it and reports the new address.
    pub machines: BTreeSet<ResourceId>,
}
