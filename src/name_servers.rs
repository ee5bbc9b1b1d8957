//! Name servers asked directly, each by itself and without any cache: one question, and whom the parent of a zone names.

mod parent;

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use hickory_resolver::config::LookupIpStrategy;
use hickory_resolver::proto::op::{Message, Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, RData, RecordType as WireType};
use hickory_resolver::{ResolverBuilder, TokioResolver};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

pub(crate) use parent::by_parent;
use pure::domain::{HostName, RecordType};

/// How long one answer of a name server is awaited.
pub(crate) const ANSWER: Duration = Duration::from_millis(1_500);
/// How long name servers are searched for.
pub(crate) const SEARCH: Duration = Duration::from_secs(4);
/// How often a question is sent: a packet may be lost.
const TRIES: usize = 2;
/// The largest answer over UDP.
const LARGEST: usize = 4096;
const PORT: u16 = 53;

/// What a resolver tells of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resolved {
    /// The addresses that it gives; none where it says that there are none.
    pub(crate) addresses: BTreeSet<IpAddr>,
    /// For how long it will say the same; none where it does not tell.
    pub(crate) kept: Option<Duration>,
}

/// One question to one name server, which is not to ask anybody else. What does not fit into a packet is asked for over TCP.
///
/// # Errors
/// Why there is no answer, in words for people.
pub(crate) async fn ask(server: SocketAddr, name: &Name, kind: WireType) -> Result<Message, String> {
    put(server, name, kind, false).await
}

/// One question to one resolver, which asks others or knows it from before.
///
/// # Errors
/// Why there is no answer, in words for people.
pub(crate) async fn ask_resolver(
    server: SocketAddr,
    name: &Name,
    kind: WireType,
) -> Result<Resolved, String> {
    let answer = put(server, name, kind, true).await?;
    let all = answer.answers.iter().chain(&answer.authorities);
    let kept = all.map(|record| Duration::from_secs(record.ttl.into())).min();
    let addresses = answer.answers.iter().filter_map(|record| address(&record.data)).collect();
    Ok(Resolved { addresses, kept })
}

async fn put(server: SocketAddr, name: &Name, kind: WireType, recursion: bool) -> Result<Message, String> {
    let mut question = Message::query();
    question.metadata.recursion_desired = recursion;
    question.add_query(Query::query(name.clone(), kind));
    let packet = question.to_vec().map_err(|fault| fault.to_string())?;
    let is_answer =
        |answer: &Message| answer.metadata.id == question.metadata.id && answer.queries == question.queries;
    for _ in 0..TRIES {
        let Ok(answer) = timeout(ANSWER, by_packet(server, &packet, is_answer)).await else { continue };
        let mut answer = answer.map_err(|fault| fault.to_string())?;
        if answer.metadata.truncation {
            let whole = timeout(ANSWER, by_stream(server, &packet)).await.ok().and_then(Result::ok);
            let whole = whole.and_then(|bytes| Message::from_vec(&bytes).ok()).filter(is_answer);
            answer = whole.ok_or("its answer fits into no packet, and over TCP it does not answer")?;
        }
        return match answer.metadata.response_code {
            ResponseCode::NoError | ResponseCode::NXDomain => Ok(answer),
            code => Err(format!("it answers {code}")),
        };
    }
    Err("it does not answer".to_owned())
}

async fn by_packet(
    server: SocketAddr,
    packet: &[u8],
    is_answer: impl Fn(&Message) -> bool,
) -> std::io::Result<Message> {
    let any: IpAddr =
        if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).await?;
    socket.connect(server).await?;
    socket.send(packet).await?;
    let mut buffer = vec![0; LARGEST];
    loop {
        let length = socket.recv(&mut buffer).await?;
        // Anybody can send a packet: only the answer to this question counts.
        match Message::from_vec(buffer.get(..length).unwrap_or_default()) {
            Ok(answer) if is_answer(&answer) => return Ok(answer),
            _ => {}
        }
    }
}

/// Each message follows its length (RFC 1035, section 4.2.2).
async fn by_stream(server: SocketAddr, packet: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(packet.len()).map_err(std::io::Error::other)?;
    stream.write_all(&[&length.to_be_bytes(), packet].concat()).await?;
    let mut answer = vec![0; usize::from(stream.read_u16().await?)];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}

/// This machine's resolver, which forgets what it was told.
///
/// # Errors
/// When this machine has none that can be used.
pub(crate) fn system() -> Result<TokioResolver, String> {
    let built = TokioResolver::builder_tokio().map(|mut builder| {
        let options = builder.options_mut();
        options.cache_size = 0;
        options.ip_strategy = LookupIpStrategy::Ipv4thenIpv6;
        builder
    });
    let built = built.and_then(ResolverBuilder::build);
    built.map_err(|fault| format!("this machine's resolver cannot be used: {fault}"))
}

/// The hosts in the NS records of a name, as a resolver finds them.
pub(crate) async fn hosts(system: &TokioResolver, name: Name) -> Vec<Name> {
    let Ok(answer) = system.lookup(name, WireType::NS).await else { return Vec::new() };
    let hosts = answer.answers().iter().filter_map(|record| match &record.data {
        RData::NS(host) => Some(host.0.clone()),
        _ => None,
    });
    hosts.collect()
}

/// Where a host can be asked.
pub(crate) async fn first_address(system: &TokioResolver, host: Name) -> Option<SocketAddr> {
    let found = timeout(SEARCH, system.lookup_ip(host)).await.ok()?.ok()?;
    Some(SocketAddr::new(found.iter().next()?, PORT))
}

/// The address in a record, if it is one that holds an address.
pub(crate) fn address(data: &RData) -> Option<IpAddr> {
    match data {
        RData::A(address) => Some(IpAddr::V4(address.0)),
        RData::AAAA(address) => Some(IpAddr::V6(address.0)),
        _ => None,
    }
}

/// A name as it is asked for.
pub(crate) fn wire_name(name: &HostName) -> Option<Name> {
    Name::from_ascii(format!("{name}.")).ok()
}

/// A type as it is asked for.
pub(crate) fn wire_type(record_type: RecordType) -> WireType {
    match record_type {
        RecordType::A => WireType::A,
        RecordType::Aaaa => WireType::AAAA,
    }
}

#[cfg(test)]
pub(crate) mod played;
#[cfg(test)]
mod tests;
