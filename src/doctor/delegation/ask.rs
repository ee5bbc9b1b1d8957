//! What the name servers of a parent zone say of a name, asked directly.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::proto::op::{Message, Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use tokio::net::UdpSocket;
use tokio::time::timeout;

use pure::domain::HostName;

/// How long one answer is awaited, and how often the question is sent.
const ANSWER: Duration = Duration::from_secs(2);
const TRIES: usize = 2;
/// Servers that are asked until one answers.
const MOST: usize = 4;

/// What a parent says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ParentSays {
    /// These hosts answer for the name, in lower case and without the dot at their ends.
    Names(BTreeSet<String>),
    /// Nobody does.
    Nothing,
    /// No server of the parent answered, or none is known.
    Silence,
}

/// Asks the servers of the parent: these, or those that the system's resolver finds.
pub(super) async fn parent(zone: &HostName, servers: &[SocketAddr]) -> ParentSays {
    let found = if servers.is_empty() { servers_above(zone).await } else { servers.to_vec() };
    let Ok(name) = Name::from_ascii(format!("{zone}.")) else { return ParentSays::Silence };
    for server in found.into_iter().take(MOST) {
        for _ in 0..TRIES {
            if let Ok(Some(told)) = timeout(ANSWER, one(server, &name)).await {
                return told;
            }
        }
    }
    ParentSays::Silence
}

/// The servers of the nearest zone above.
async fn servers_above(zone: &HostName) -> Vec<SocketAddr> {
    let Ok(builder) = TokioResolver::builder_tokio() else { return Vec::new() };
    let Ok(system) = builder.build() else { return Vec::new() };
    let mut above = zone.as_str();
    while let Some((_, rest)) = above.split_once('.') {
        above = rest;
        let Ok(name) = Name::from_ascii(format!("{above}.")) else { break };
        let Ok(answer) = system.lookup(name, RecordType::NS).await else { continue };
        let hosts = answer.answers().iter().filter_map(|record| match &record.data {
            RData::NS(host) => Some(host.0.clone()),
            _ => None,
        });
        let hosts: Vec<Name> = hosts.take(MOST).collect();
        let addresses = futures::future::join_all(hosts.into_iter().map(|host| system.lookup_ip(host))).await;
        let first = addresses.into_iter().filter_map(|found| found.ok()?.iter().next());
        return first.map(|address| SocketAddr::new(address, 53)).collect();
    }
    Vec::new()
}

/// What one server says; none when it says nothing that can be used.
async fn one(server: SocketAddr, name: &Name) -> Option<ParentSays> {
    let from = if server.is_ipv4() {
        SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0))
    } else {
        SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0))
    };
    let socket = UdpSocket::bind(from).await.ok()?;
    // From others nothing is heard.
    socket.connect(server).await.ok()?;
    let mut question = Message::query();
    question.metadata.recursion_desired = false;
    question.add_query(Query::query(name.clone(), RecordType::NS));
    socket.send(&question.to_vec().ok()?).await.ok()?;
    let mut buffer = [0; 4096];
    loop {
        let length = socket.recv(&mut buffer).await.ok()?;
        let Ok(answer) = Message::from_vec(&buffer[..length]) else { continue };
        if answer.metadata.id == question.metadata.id {
            return read(&answer, name);
        }
    }
}

fn read(answer: &Message, name: &Name) -> Option<ParentSays> {
    let records = || answer.answers.iter().chain(&answer.authorities);
    let hosts: BTreeSet<String> = records()
        .filter(|record| record.name == *name)
        .filter_map(|record| match &record.data {
            RData::NS(host) => Some(host.0.to_ascii().trim_end_matches('.').to_lowercase()),
            _ => None,
        })
        .collect();
    if !hosts.is_empty() {
        return Some(ParentSays::Names(hosts));
    }
    // Who denies it says of which zone; a server that does not know the zone above says nothing of the kind.
    let denies = answer
        .authorities
        .iter()
        .any(|record| matches!(record.data, RData::SOA(_)) && record.name.zone_of(name));
    let code = answer.metadata.response_code;
    (denies && matches!(code, ResponseCode::NoError | ResponseCode::NXDomain)).then_some(ParentSays::Nothing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hickory_resolver::proto::op::OpCode;
    use hickory_resolver::proto::rr::Record;
    use hickory_resolver::proto::rr::rdata::{NS, SOA};

    fn name(text: &str) -> Name {
        Name::from_ascii(text).unwrap()
    }

    fn ns(owner: &str, host: &str) -> Record {
        Record::from_rdata(name(owner), 60, RData::NS(NS(name(host))))
    }

    fn soa(owner: &str) -> Record {
        Record::from_rdata(name(owner), 60, RData::SOA(SOA::new(name("a."), name("b."), 1, 1, 1, 1, 1)))
    }

    /// What an answer with these authorities says of example.com.
    fn told(code: ResponseCode, authorities: Vec<Record>) -> Option<ParentSays> {
        let mut answer = Message::response(7, OpCode::Query);
        answer.metadata.response_code = code;
        answer.add_authorities(authorities);
        read(&answer, &name("example.com."))
    }

    #[test]
    fn a_referral_names_hosts_and_a_denial_none() {
        let both = vec![ns("example.com.", "NS1.Example.NET."), ns("example.com.", "ns2.example.net.")];
        let hosts = ["ns1.example.net", "ns2.example.net"].map(str::to_owned);
        assert_eq!(told(ResponseCode::NoError, both), Some(ParentSays::Names(BTreeSet::from(hosts))));
        for code in [ResponseCode::NoError, ResponseCode::NXDomain] {
            assert_eq!(told(code, vec![soa("com.")]), Some(ParentSays::Nothing));
        }
    }

    #[test]
    fn who_knows_nothing_of_the_zone_above_says_nothing() {
        assert_eq!(told(ResponseCode::Refused, vec![]), None);
        assert_eq!(told(ResponseCode::ServFail, vec![soa("com.")]), None);
        assert_eq!(told(ResponseCode::NoError, vec![ns("com.", "a.gtld.net.")]), None);
        assert_eq!(told(ResponseCode::NoError, vec![soa("org.")]), None);
    }
}
