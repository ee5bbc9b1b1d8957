//! What is known of an address that comes from none of the countries of its claim.

use std::net::IpAddr;

use crate::domain::Country;
use crate::plan::grant::Whence;
use crate::plan::words::Shortlist;

/// An address that the workspace places in none of the only countries that its grant names.
#[derive(Clone, Debug, PartialEq)]
pub struct Abroad {
    /// The machine that reports it.
    pub machine: String,
    /// The address.
    pub address: IpAddr,
    /// Where the workspace sees it.
    pub seen: Whereabouts,
    /// The countries of the grant.
    pub allowed: Shortlist,
    /// Where they stand.
    pub by: Whence,
}

/// Where the workspace sees an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// In this country.
    In(Country),
    /// In what is the name of no country, quoted.
    Unread(String),
    /// Nowhere: it says nothing.
    Untold,
}
