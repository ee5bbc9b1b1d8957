//! A zone of which Azure says that it does not exist.

use super::Error;
use pure::domain::{ResourceId, Service};

impl Error {
    /// The zone of which the service says that it does not exist; a page of somebody on the way has no code.
    #[must_use]
    pub fn missing_zone(&self) -> Option<&ResourceId> {
        let is_of_records = matches!(self.service, Service::DnsRead | Service::DnsWrite);
        let is_gone = is_of_records && self.status == Some(404) && self.code().is_some();
        self.said.about.as_ref().filter(|_| is_gone)
    }
}
