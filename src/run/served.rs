//! What the name servers of a zone answer at this moment, each asked once and by itself, and whom the parent names.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use futures::future::join_all;
use hickory_resolver::proto::rr::Name;
use serde::Serialize;

use super::trouble::Trouble;
use crate::azure::Azure;
use crate::name_servers::{
    address, ask, ask_resolver, by_parent, first_address, system, wire_name, wire_type,
};
use pure::domain::{HostName, RecordType, ZoneId, ZoneKind};

/// What one name server answers for one type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Served {
    /// The name server: its host where that is known, else its address.
    pub server: String,
    /// The type that it was asked for.
    pub record_type: RecordType,
    /// The addresses that it gives; none where it says that there are none.
    pub addresses: BTreeSet<IpAddr>,
    /// What went wrong, if it did not answer the question.
    pub failed: Option<String>,
}

/// Whom the parent of a zone names, and whom Azure has for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delegation {
    /// The hosts that the parent names.
    pub by_parent: BTreeSet<String>,
    /// The hosts of the zone's own NS record set.
    pub by_zone: BTreeSet<String>,
}

impl Delegation {
    /// Whether the parent sends people here: to one of the zone's name servers at least, and to nobody else.
    #[must_use]
    pub fn is_here(&self) -> bool {
        !self.by_parent.is_empty() && self.by_parent.is_subset(&self.by_zone)
    }
}

/// A zone whose name servers are to be asked.
#[derive(Clone, Copy)]
pub(super) struct Asking<'a> {
    pub(super) azure: &'a Azure,
    pub(super) zone: &'a ZoneId,
    /// The servers of `DNS_VERIFY_SERVERS` for this zone, which are asked in place of its own.
    pub(super) configured: &'a [SocketAddr],
}

impl Asking<'_> {
    /// What each name server answers for a name and these types.
    pub(super) async fn served(
        self,
        name: &HostName,
        types: &BTreeSet<RecordType>,
    ) -> Result<Vec<Served>, Trouble> {
        let name = wire_name(name).ok_or_else(|| Trouble::new("the name has no form on the wire"))?;
        let servers = self.servers().await?;
        let questions = servers.iter().flat_map(|server| types.iter().map(move |kind| (server, *kind)));
        Ok(match self.zone.kind() {
            ZoneKind::Public => {
                join_all(questions.map(|((host, server), kind)| one(host, *server, &name, kind))).await
            }
            ZoneKind::Private => {
                join_all(questions.map(|((host, server), kind)| resolved(host, *server, &name, kind))).await
            }
        })
    }

    /// The name servers with their hosts; those that the zone has in Azure, whomever the parent names.
    async fn servers(self) -> Result<Vec<(String, SocketAddr)>, Trouble> {
        if !self.configured.is_empty() {
            return Ok(self.configured.iter().map(|server| (server.to_string(), *server)).collect());
        }
        if self.zone.kind() == ZoneKind::Private {
            return Err(Trouble::new(format!(
                "a private zone answers only in the networks that it is linked to; DNS_VERIFY_SERVERS={}=ADDRESS names a resolver there",
                self.zone.zone_name()
            )));
        }
        let hosts = self.azure.dns.name_servers(self.zone).await?;
        let system = system().map_err(Trouble::new)?;
        let found = hosts
            .iter()
            .map(async |host| Some((host.to_string(), first_address(&system, wire_name(host)?).await?)));
        let found: Vec<_> = join_all(found).await.into_iter().flatten().collect();
        if found.is_empty() {
            return Err(Trouble::new("no address of its name servers is found by this machine's resolver"));
        }
        Ok(found)
    }

    /// Whom the parent names.
    pub(super) async fn delegation(self) -> Result<Delegation, Trouble> {
        if self.zone.kind() == ZoneKind::Private {
            return Err(Trouble::new("no parent delegates a private zone"));
        }
        if !self.configured.is_empty() {
            return Err(Trouble::new("DNS_VERIFY_SERVERS is set"));
        }
        let zone = self.zone.zone_name();
        let (by_zone, by_parent) = tokio::join!(self.azure.dns.name_servers(self.zone), by_parent(zone, &[]));
        let by_zone = by_zone?.iter().map(ToString::to_string).collect();
        Ok(Delegation { by_parent: by_parent.map_err(Trouble::new)?, by_zone })
    }
}

async fn one(host: &str, server: SocketAddr, name: &Name, record_type: RecordType) -> Served {
    let (addresses, failed) = match ask(server, name, wire_type(record_type)).await {
        Ok(answer) if !answer.metadata.authoritative => {
            (BTreeSet::new(), Some("it does not answer for the zone".to_owned()))
        }
        Ok(answer) => (answer.answers.iter().filter_map(|record| address(&record.data)).collect(), None),
        Err(words) => (BTreeSet::new(), Some(words)),
    };
    Served { server: host.to_owned(), record_type, addresses, failed }
}

/// The same of a resolver, which has no authority.
async fn resolved(host: &str, server: SocketAddr, name: &Name, record_type: RecordType) -> Served {
    let (addresses, failed) = match ask_resolver(server, name, wire_type(record_type)).await {
        Ok(told) => (told.addresses, None),
        Err(words) => (BTreeSet::new(), Some(words)),
    };
    Served { server: host.to_owned(), record_type, addresses, failed }
}

#[cfg(test)]
mod tests;
