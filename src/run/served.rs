//! What the name servers of a zone answer at this moment, each asked once and by itself, and whom the parent names.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use futures::future::join_all;
use hickory_resolver::proto::op::{Message, Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, RData, RecordType as WireType};
use hickory_resolver::{ResolverBuilder, TokioResolver};
use serde::Serialize;
use tokio::net::UdpSocket;
use tokio::time::timeout;

use super::prove::{ANSWER, SEARCH, address, wire_name};
use super::trouble::Trouble;
use crate::azure::Azure;
use pure::domain::{HostName, RecordType, ZoneId};

/// The largest answer over UDP.
const LARGEST: usize = 4096;
/// Name servers of a parent that are tried.
const TRIED: usize = 3;
const PORT: u16 = 53;

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
    /// The name servers of `DNS_VERIFY_SERVERS`, which are asked in place of the zone's own.
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
        Ok(join_all(questions.map(|((host, server), kind)| one(host, *server, &name, kind))).await)
    }

    /// The name servers with their hosts; those that the zone has in Azure, whomever the parent names.
    async fn servers(self) -> Result<Vec<(String, SocketAddr)>, Trouble> {
        if !self.configured.is_empty() {
            return Ok(self.configured.iter().map(|server| (server.to_string(), *server)).collect());
        }
        let hosts = self.azure.dns.name_servers(self.zone).await?;
        let system = system()?;
        let found = hosts.iter().map(|host| async {
            let address = first_address(&system, host.as_str()).await?;
            Some((host.to_string(), SocketAddr::new(address, PORT)))
        });
        let found: Vec<_> = join_all(found).await.into_iter().flatten().collect();
        if found.is_empty() {
            return Err(Trouble::new("no address of its name servers is found by this machine's resolver"));
        }
        Ok(found)
    }

    /// Whom the parent names.
    pub(super) async fn delegation(self) -> Result<Delegation, Trouble> {
        if !self.configured.is_empty() {
            return Err(Trouble::new("DNS_VERIFY_SERVERS is set"));
        }
        let zone = self.zone.zone_name();
        let (by_zone, by_parent) = tokio::join!(self.azure.dns.name_servers(self.zone), parents_word(zone));
        let by_zone = by_zone?.iter().map(ToString::to_string).collect();
        Ok(Delegation { by_parent: by_parent?, by_zone })
    }
}

/// The hosts to which the parent of a zone refers, asked of a name server of that parent.
async fn parents_word(zone: &HostName) -> Result<BTreeSet<String>, Trouble> {
    let wire = wire_name(zone).ok_or_else(|| Trouble::new("the zone has no form on the wire"))?;
    let system = system()?;
    let search = async {
        let mut parent = wire.base_name();
        while !parent.is_root() {
            let hosts = hosts_of(&system, &parent).await;
            if !hosts.is_empty() {
                return Some(hosts);
            }
            parent = parent.base_name();
        }
        None
    };
    let hosts = timeout(SEARCH, search).await.ok().flatten();
    let hosts = hosts.ok_or_else(|| Trouble::new("the name servers of its parent are not found"))?;
    let mut failed = String::new();
    for host in hosts.iter().take(TRIED) {
        let Some(address) = first_address(&system, host).await else { continue };
        match referral(SocketAddr::new(address, PORT), &wire).await {
            Ok(found) => return Ok(found),
            Err(words) => failed = format!("{host}: {words}"),
        }
    }
    Err(Trouble::new(format!("its parent does not say whom it names: {failed}")))
}

/// This machine's resolver.
fn system() -> Result<TokioResolver, Trouble> {
    let built = TokioResolver::builder_tokio().and_then(ResolverBuilder::build);
    built.map_err(|fault| Trouble::new(format!("this machine's resolver cannot be used: {fault}")))
}

async fn hosts_of(system: &TokioResolver, name: &Name) -> Vec<String> {
    let Ok(answer) = system.lookup(name.clone(), WireType::NS).await else { return Vec::new() };
    let hosts = answer.answers().iter().filter_map(|record| match &record.data {
        RData::NS(host) => Some(host.0.to_ascii()),
        _ => None,
    });
    hosts.collect()
}

async fn first_address(system: &TokioResolver, host: &str) -> Option<IpAddr> {
    let host = format!("{}.", host.trim_end_matches('.'));
    let found = timeout(SEARCH, system.lookup_ip(host)).await.ok()?.ok()?;
    found.iter().min_by_key(IpAddr::is_ipv6)
}

/// What a name server says of a zone that it does not hold itself: the hosts to which it refers.
async fn referral(server: SocketAddr, zone: &Name) -> Result<BTreeSet<String>, String> {
    let answer = ask(server, zone, WireType::NS).await?;
    let records = answer.answers.iter().chain(&answer.authorities);
    let hosts = records.filter(|record| record.name == *zone).filter_map(|record| match &record.data {
        RData::NS(host) => HostName::parse(&host.0.to_ascii()).ok(),
        _ => None,
    });
    Ok(hosts.map(|host| host.to_string()).collect())
}

async fn one(host: &str, server: SocketAddr, name: &Name, record_type: RecordType) -> Served {
    let kind = match record_type {
        RecordType::A => WireType::A,
        RecordType::Aaaa => WireType::AAAA,
    };
    let answer = ask(server, name, kind).await;
    let (addresses, failed) = match answer {
        Ok(answer) if !answer.metadata.authoritative => {
            (BTreeSet::new(), Some("it does not answer for the zone".to_owned()))
        }
        Ok(answer) => (answer.answers.iter().filter_map(|record| address(&record.data)).collect(), None),
        Err(words) => (BTreeSet::new(), Some(words)),
    };
    Served { server: host.to_owned(), record_type, addresses, failed }
}

/// One question to one name server, which is not to ask anybody else.
async fn ask(server: SocketAddr, name: &Name, kind: WireType) -> Result<Message, String> {
    let mut question = Message::query();
    question.metadata.recursion_desired = false;
    question.add_query(Query::query(name.clone(), kind));
    let id = question.metadata.id;
    let asked = async {
        let any: IpAddr =
            if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        let socket = UdpSocket::bind(SocketAddr::new(any, 0)).await.map_err(|fault| fault.to_string())?;
        socket.connect(server).await.map_err(|fault| fault.to_string())?;
        let packet = question.to_vec().map_err(|fault| fault.to_string())?;
        socket.send(&packet).await.map_err(|fault| fault.to_string())?;
        let mut buffer = vec![0; LARGEST];
        loop {
            let length = socket.recv(&mut buffer).await.map_err(|fault| fault.to_string())?;
            let answer = Message::from_vec(buffer.get(..length).unwrap_or_default());
            // Anybody can send a packet: only the answer to this question counts.
            if let Ok(answer) = answer
                && answer.metadata.id == id
                && answer.queries == question.queries
            {
                return Ok::<Message, String>(answer);
            }
        }
    };
    let answer = timeout(ANSWER, asked).await.map_err(|_| "it does not answer".to_owned())??;
    match answer.metadata.response_code {
        ResponseCode::NoError | ResponseCode::NXDomain => Ok(answer),
        code => Err(format!("it answers {code}")),
    }
}

#[cfg(test)]
mod tests;
