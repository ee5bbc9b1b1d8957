//! The services that the program calls: the one enumeration behind counts, metrics, errors and the report.

use std::fmt;
use std::ops::AddAssign;

use serde::ser::{Serialize, SerializeMap, Serializer};

/// A service, and what of it is used where that is counted apart.
///
/// ```
/// use pure::domain::Service;
///
/// assert_eq!(Service::parse("dns_read"), Some(Service::DnsRead));
/// assert_eq!(Service::DnsRead.to_string(), "Azure DNS");
/// assert_eq!(Service::parse("Azure DNS"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// The Logs Query API of Log Analytics.
    LogsQuery,
    /// Azure Resource Graph, and single machines read through Azure Resource Manager.
    ResourceGraph,
    /// Azure DNS: a record set or a page of record sets that is read.
    DnsRead,
    /// Azure DNS: a record set that is written.
    DnsWrite,
    /// The Logs Ingestion API of Azure Monitor.
    LogsIngest,
    /// Template deployments of Azure Resource Manager.
    Deployments,
    /// Whoever gives out tokens.
    Token,
}

impl Service {
    /// Every service, in the order of the report.
    pub const ALL: [Self; 7] = [
        Self::LogsQuery,
        Self::ResourceGraph,
        Self::DnsRead,
        Self::DnsWrite,
        Self::LogsIngest,
        Self::Deployments,
        Self::Token,
    ];

    /// The services whose calls stand in a report: all but the one for tokens.
    pub const REPORTED: [Self; 6] = [
        Self::LogsQuery,
        Self::ResourceGraph,
        Self::DnsRead,
        Self::DnsWrite,
        Self::LogsIngest,
        Self::Deployments,
    ];

    /// The word for it in the report and in metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LogsQuery => "logs_query",
            Self::ResourceGraph => "resource_graph",
            Self::DnsRead => "dns_read",
            Self::DnsWrite => "dns_write",
            Self::LogsIngest => "logs_ingest",
            Self::Deployments => "deployments",
            Self::Token => "token",
        }
    }

    /// The service of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.as_str() == word)
    }
}

/// The name in sentences.
impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LogsQuery => "the Logs Query API",
            Self::ResourceGraph => "Azure Resource Graph",
            Self::DnsRead | Self::DnsWrite => "Azure DNS",
            Self::LogsIngest => "the Logs Ingestion API",
            Self::Deployments => "Azure Resource Manager",
            Self::Token => "the identity endpoint",
        })
    }
}

/// How often each service was called: the member `calls` of a report.
///
/// ```
/// use pure::domain::{CallCounts, Service};
///
/// let mut counts = CallCounts::default();
/// counts.add(Service::DnsRead, 2);
/// counts += counts;
/// assert_eq!(counts.of(Service::DnsRead), 4);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallCounts([u64; Service::ALL.len()]);

impl CallCounts {
    /// The calls of one service.
    #[must_use]
    pub fn of(&self, service: Service) -> u64 {
        self.0[service as usize]
    }

    /// Counts more calls.
    pub fn add(&mut self, service: Service, calls: u64) {
        self.0[service as usize] += calls;
    }

    /// The calls of all services that a report names.
    #[must_use]
    pub fn total(&self) -> u64 {
        Service::REPORTED.iter().map(|service| self.of(*service)).sum()
    }
}

impl AddAssign for CallCounts {
    fn add_assign(&mut self, other: Self) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count += more;
        }
    }
}

/// An object with a member for each service but the one for tokens; deployments are named where there was a call to them, for
/// most installations have none.
impl Serialize for CallCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let is_shown = |service: &Service| *service != Service::Deployments || self.of(*service) > 0;
        for service in Service::REPORTED.into_iter().filter(is_shown) {
            map.serialize_entry(service.as_str(), &self.of(service))?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_names_every_service_but_the_one_for_tokens() {
        let mut counts = CallCounts::default();
        for (index, service) in Service::ALL.into_iter().enumerate() {
            counts.add(service, index as u64 + 1);
        }
        let shown = serde_json::to_string(&counts).unwrap();
        let expected = r#"{"logs_query":1,"resource_graph":2,"dns_read":3,"dns_write":4,"logs_ingest":5,"deployments":6}"#;
        assert_eq!((shown.as_str(), counts.total()), (expected, 21));
        let none = serde_json::to_string(&CallCounts::default()).unwrap();
        assert!(!none.contains("deployments") && none.contains("logs_ingest"), "{none}");
    }

    #[test]
    fn counts_are_added_service_by_service() {
        let counts = |numbers: [u64; 7]| {
            let mut counts = CallCounts::default();
            Service::ALL.into_iter().zip(numbers).for_each(|(service, number)| counts.add(service, number));
            counts
        };
        let mut sum = counts([1, 2, 3, 4, 5, 6, 7]);
        sum += counts([10, 20, 30, 0, 50, 60, 70]);
        assert_eq!(sum, counts([11, 22, 33, 4, 55, 66, 77]));
    }

    #[test]
    fn every_service_has_a_word_of_its_own() {
        for service in Service::ALL {
            assert_eq!(Service::parse(service.as_str()), Some(service));
        }
    }
}
