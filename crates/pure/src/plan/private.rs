//! What holds for private zones: which of a machine's own addresses may stand there, how many, and for how long.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::domain::HostName;

/// The limits on rows of private zones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateTerms {
    /// The addresses that may stand in a private zone; there is no good guess, so nothing is the default
    /// (`POLICY_PRIVATE_PREFIXES`).
    pub prefixes: PrivatePrefixes,
    /// What becomes of a machine that reports several of them (`POLICY_PRIVATE_MULTI`).
    pub multi: Multi,
    /// Time to live of new sets in seconds (`POLICY_PRIVATE_TTL`).
    pub ttl: u32,
}

/// What becomes of a machine that reports several addresses inside the prefixes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Multi {
    /// A person decides: its name is left alone.
    #[default]
    Skip,
    /// All of them are one set.
    All,
}

/// Prefixes for all private zones, and those of zones with their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrivatePrefixes {
    everywhere: Vec<IpNet>,
    of_zones: BTreeMap<HostName, Vec<IpNet>>,
}

impl Default for PrivateTerms {
    fn default() -> Self {
        Self { prefixes: PrivatePrefixes::default(), multi: Multi::default(), ttl: 60 }
    }
}

impl PrivatePrefixes {
    /// Adds prefixes, for the zone of that name or for all that have none of their own.
    pub fn add(&mut self, zone: Option<HostName>, prefixes: impl IntoIterator<Item = IpNet>) {
        match zone {
            Some(zone) => self.of_zones.entry(zone).or_default().extend(prefixes),
            None => self.everywhere.extend(prefixes),
        }
    }

    /// The prefixes that hold in the private zone of that name: its own, or else those of all.
    ///
    /// ```
    /// use pure::{domain::HostName, plan::PrivatePrefixes};
    ///
    /// let zone = |name: &str| HostName::parse(name).unwrap();
    /// let mut prefixes = PrivatePrefixes::default();
    /// prefixes.add(None, ["10.0.0.0/8".parse().unwrap()]);
    /// prefixes.add(Some(zone("corp.example.com")), ["10.1.0.0/16".parse().unwrap()]);
    /// assert_eq!(prefixes.of(&zone("corp.example.com")), ["10.1.0.0/16".parse().unwrap()]);
    /// assert_eq!(prefixes.of(&zone("lab.example.com")), ["10.0.0.0/8".parse().unwrap()]);
    /// ```
    #[must_use]
    pub fn of(&self, zone: &HostName) -> &[IpNet] {
        self.of_zones.get(zone).unwrap_or(&self.everywhere)
    }

    /// Whether the address may stand in the private zone of that name.
    #[must_use]
    pub fn hold(&self, zone: &HostName, address: IpAddr) -> bool {
        self.of(zone).iter().any(|prefix| prefix.contains(&address))
    }

    /// The zones that have prefixes of their own.
    pub fn zones(&self) -> impl Iterator<Item = &HostName> {
        self.of_zones.keys()
    }
}
