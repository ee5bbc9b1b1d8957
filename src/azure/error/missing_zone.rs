//! A zone of which Azure says that it does not exist, and what of its id there is not.

use super::Error;
use pure::domain::{ResourceId, Service};

/// What of the id of a zone Azure does not find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lacking {
    /// Its subscription.
    Subscription,
    /// Its resource group.
    Group,
    /// The zone in that group.
    Zone,
    /// Nobody knows: this identity may not read it.
    Sight,
}

impl Error {
    /// The zone of which the service says that it does not exist; a page of somebody on the way has no code.
    #[must_use]
    pub fn missing_zone(&self) -> Option<&ResourceId> {
        let is_of_records = matches!(self.service, Service::DnsRead | Service::DnsWrite);
        let is_gone = is_of_records && self.status == Some(404) && self.code().is_some();
        self.said.about.as_ref().filter(|_| is_gone)
    }

    /// What of the id of a zone that does not exist there is not.
    #[must_use]
    pub fn lacking(&self) -> Lacking {
        match self.code() {
            Some("SubscriptionNotFound") => Lacking::Subscription,
            Some("ResourceGroupNotFound") => Lacking::Group,
            _ => Lacking::Zone,
        }
    }
}
