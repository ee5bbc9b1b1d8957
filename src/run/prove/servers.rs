//! The name servers of one zone: which of them answer for it, and what each of those says of a name.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use futures::future::join_all;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RecordType as WireType};
use hickory_resolver::{Resolver, TokioResolver};
use tokio::time::{Instant, timeout_at};

use crate::name_servers::{ANSWER, SEARCH, address, first_address, hosts, system, wire_name, wire_type};
use pure::domain::{HostName, RecordId};
use pure::plan::report::Dissent;

/// Questions that one server is asked at the same time.
const MOST_QUESTIONS: usize = 64;

/// The name servers of one zone.
#[derive(Debug, Default)]
pub(super) struct NameServers {
    /// Those that answer for the zone.
    answering: Vec<(String, TokioResolver)>,
    /// Those that do not, each with the reason: what they would say nobody knows.
    silent: Vec<(String, String)>,
}

impl NameServers {
    /// Finds those that answer for a zone: `configured` ones, else those of its NS records.
    pub(super) async fn of(zone: &HostName, configured: &[SocketAddr]) -> Self {
        let until = Instant::now() + SEARCH;
        let found = if configured.is_empty() {
            timeout_at(until, delegated(zone)).await.unwrap_or_default()
        } else {
            configured.iter().map(|server| (server.to_string(), Some(*server))).collect()
        };
        let Some(apex) = wire_name(zone) else { return Self::default() };
        let asked = found.into_iter().map(|(host, at)| {
            let apex = apex.clone();
            async move {
                let Some(server) = at.and_then(one_server) else {
                    return Err((host, "its address is not found".to_owned()));
                };
                match timeout_at(until, server.lookup(apex, WireType::SOA)).await {
                    Ok(Ok(_)) => Ok((host, server)),
                    Ok(Err(error)) => Err((host, words(&error))),
                    Err(_) => Err((host, NO_ANSWER.to_owned())),
                }
            }
        });
        let mut all = Self::default();
        for one in join_all(asked).await {
            match one {
                Ok(answering) => all.answering.push(answering),
                Err(silent) => all.silent.push(silent),
            }
        }
        all
    }

    /// Whether any of them answers for the zone.
    pub(super) fn can_be_asked(&self) -> bool {
        !self.answering.is_empty()
    }

    /// Those that could not be asked.
    pub(super) fn unasked(&self) -> Vec<Dissent> {
        self.silent.iter().map(|(server, why)| without_answer(server, why.clone())).collect()
    }

    /// Asks all that answer for the zone: those that do not say that a record set holds these addresses and no others.
    pub(super) async fn who_differs(&self, id: &RecordId, wanted: &BTreeSet<IpAddr>) -> Vec<Dissent> {
        let Some(name) = wire_name(&id.name) else { return Vec::new() };
        let kind = wire_type(id.record_type);
        let asked = self.answering.iter().map(|(host, server)| differs(host, server, &name, kind, wanted));
        join_all(asked).await.into_iter().flatten().collect()
    }

    /// Those at these addresses, which are not asked whether they answer for the zone.
    #[cfg(test)]
    pub(super) fn that_answer(servers: &[SocketAddr]) -> Self {
        let known = |server: &SocketAddr| Some((server.to_string(), one_server(*server)?));
        Self { answering: servers.iter().filter_map(known).collect(), silent: Vec::new() }
    }
}

/// What one server says otherwise, if it does.
async fn differs(
    host: &str,
    server: &TokioResolver,
    name: &Name,
    kind: WireType,
    wanted: &BTreeSet<IpAddr>,
) -> Option<Dissent> {
    let found: BTreeSet<IpAddr> = match server.lookup(name.clone(), kind).await {
        Ok(answer) => answer.answers().iter().filter_map(|record| address(&record.data)).collect(),
        Err(error) if is_absence(&error) => BTreeSet::new(),
        Err(error) => return Some(without_answer(host, words(&error))),
    };
    let server = host.to_owned();
    (found != *wanted).then_some(Dissent { server, addresses: Some(found), failed: None })
}

fn without_answer(host: &str, why: String) -> Dissent {
    Dissent { server: host.to_owned(), addresses: None, failed: Some(why) }
}

const NO_ANSWER: &str = "it does not answer";

/// Why there is no answer, for people.
fn words(error: &NetError) -> String {
    let code = match error {
        NetError::Dns(DnsError::ResponseCode(code)) => Some(*code),
        NetError::Dns(DnsError::NoRecordsFound(none)) => Some(none.response_code),
        _ => None,
    };
    match code {
        Some(ResponseCode::NoError) => "it does not answer for the zone".to_owned(),
        Some(code) => format!("it answers {code}"),
        None => NO_ANSWER.to_owned(),
    }
}

/// Whether an authority says that there is no such record: it sends the zone's SOA with that (RFC 2308, section 2). A
/// referral to other servers says nothing.
fn is_absence(error: &NetError) -> bool {
    let NetError::Dns(DnsError::NoRecordsFound(none)) = error else { return false };
    none.soa.is_some() && matches!(none.response_code, ResponseCode::NoError | ResponseCode::NXDomain)
}

/// The hosts in a zone's NS records, each with its address, as the system's resolver finds them.
async fn delegated(zone: &HostName) -> Vec<(String, Option<SocketAddr>)> {
    let (Ok(system), Some(zone)) = (system(), wire_name(zone)) else { return Vec::new() };
    let hosts = hosts(&system, zone).await.into_iter();
    let found = hosts.map(async |host| {
        let shown = host.to_string().trim_end_matches('.').to_owned();
        (shown, first_address(&system, host).await)
    });
    join_all(found).await
}

/// A resolver that asks one server and nobody else.
fn one_server(address: SocketAddr) -> Option<TokioResolver> {
    let mut connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
    for connection in &mut connections {
        connection.port = address.port();
    }
    let server = NameServerConfig::new(address.ip(), true, connections.to_vec());
    let config = ResolverConfig::from_name_servers(vec![server]);
    let mut builder = Resolver::builder_with_config(config, TokioRuntimeProvider::default());
    let options: &mut ResolverOpts = builder.options_mut();
    options.cache_size = 0;
    options.attempts = 1;
    options.timeout = ANSWER;
    options.use_hosts_file = ResolveHosts::Never;
    options.recursion_desired = false;
    options.max_active_requests = MOST_QUESTIONS;
    builder.build().ok()
}
