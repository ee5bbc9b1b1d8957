//! The proof: what the zone's own name servers answer, asked directly and without any cache.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::StreamExt;
use futures::future::join_all;
use futures::stream::FuturesUnordered;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RecordType as WireType;
use hickory_resolver::{Resolver, TokioResolver};
use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::{OnceCell, Semaphore};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::config::{self, Verify};
use crate::name_servers::{ANSWER, SEARCH, address, first_address, hosts, system, wire_name, wire_type};
use pure::domain::{HostName, RecordId, ZoneId};

/// Names that are asked about at the same time.
const AT_ONCE: usize = 32;
/// How long name servers are given to agree. Azure promises 60 seconds and needs few (contract
/// azure-resource-manager, section 2.8); a change that is not proved by then is confirmed all the same.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long they are given for the one change on which a whole zone waits.
pub(super) const LEADER_PATIENCE: Duration = Duration::from_secs(60);
/// The pause before the second round of questions; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest pause between two rounds of questions.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Asks the name servers of all zones of a run, each found when it is first needed.
#[derive(Debug)]
pub(super) struct Prover {
    verify: Verify,
    configured: Vec<SocketAddr>,
    until: Instant,
    /// When cancelled, each change is looked at once more and no longer.
    stop: CancellationToken,
    zones: Mutex<BTreeMap<ZoneId, Arc<OnceCell<Option<NameServers>>>>>,
    turns: Semaphore,
}

/// What a name is to answer.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    pub(super) id: RecordId,
    pub(super) addresses: BTreeSet<IpAddr>,
}

/// A change that landed, to be proved.
#[derive(Debug)]
pub(super) struct Landed(pub(super) Expected);

impl Prover {
    /// A prover whose patience ends with the run.
    pub(super) fn new(run: &config::Run, until: Instant, stop: CancellationToken) -> Self {
        Self {
            verify: run.verify,
            configured: run.verify_servers.clone(),
            until,
            stop,
            zones: Mutex::default(),
            turns: Semaphore::new(AT_ONCE),
        }
    }

    /// Whether Azure's own word is taken for the zone: so configured, or its name servers cannot be asked.
    pub(super) async fn trusts_azure(&self, zone: &ZoneId) -> bool {
        match self.verify {
            Verify::Arm => true,
            Verify::Dns => false,
            Verify::Auto => self.servers(zone).await.get().is_none_or(Option::is_none),
        }
    }

    /// Asks until all name servers of the zone agree, at most for `patience`: the moment at which they did.
    pub(super) async fn prove(&self, expected: &Expected, patience: Duration) -> Option<Timestamp> {
        if self.verify == Verify::Arm {
            return None;
        }
        let cell = self.servers(&expected.id.zone).await;
        let servers = cell.get()?.as_ref()?;
        let until = self.until.min(Instant::now() + patience);
        let mut pause = FIRST_PAUSE;
        loop {
            let said = async {
                let _turn = self.turns.acquire().await.ok()?;
                Some(servers.all_say(expected).await)
            };
            // Many may wait for a turn, and each question may take its time.
            if timeout_at(until, said).await.ok()?? {
                return Some(clock::now());
            }
            if Instant::now() + pause >= until || self.stop.is_cancelled() {
                return None;
            }
            let _ = self.stop.run_until_cancelled(sleep(pause)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Proves what lands, as it lands, until nothing more does or the time is over: when each came true.
    pub(super) async fn watch(&self, mut landed: UnboundedReceiver<Landed>) -> BTreeMap<RecordId, Timestamp> {
        let mut proofs = FuturesUnordered::new();
        let mut agreed = BTreeMap::new();
        let mut open = true;
        let over = sleep_until(self.until);
        tokio::pin!(over);
        while open || !proofs.is_empty() {
            tokio::select! {
                next = landed.recv(), if open => match next {
                    Some(Landed(expected)) => proofs.push(async move {
                        let truth = self.prove(&expected, PATIENCE).await;
                        (expected.id, truth)
                    }),
                    None => open = false,
                },
                Some((key, truth)) = proofs.next(), if !proofs.is_empty() => {
                    agreed.extend(truth.map(|truth| (key, truth)));
                }
                // What has shown by now is shown; the rows need the time that is left.
                () = &mut over => break,
            }
        }
        agreed
    }

    async fn servers(&self, zone: &ZoneId) -> Arc<OnceCell<Option<NameServers>>> {
        let cell = {
            let mut zones = self.zones.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(zones.entry(zone.clone()).or_default())
        };
        let found = cell.get_or_init(|| NameServers::of(zone.zone_name(), &self.configured));
        // Those that are not found in time cannot be asked.
        let _ = timeout_at(self.until, found).await;
        cell
    }
}

/// The name servers of one zone, each of which answered for it.
#[derive(Debug)]
struct NameServers(Vec<TokioResolver>);

impl NameServers {
    /// Finds those that answer for a zone: `configured` ones, else those of its NS records. None when one of them
    /// does not answer for the zone's SOA: then DNS proves nothing.
    async fn of(zone: &HostName, configured: &[SocketAddr]) -> Option<Self> {
        let until = Instant::now() + SEARCH;
        let addresses = if configured.is_empty() {
            timeout_at(until, delegated(zone)).await.ok().flatten()?
        } else {
            configured.to_vec()
        };
        let servers: Vec<_> = addresses.into_iter().filter_map(one_server).collect();
        let apex = wire_name(zone)?;
        let asked = servers.iter().map(|server| server.lookup(apex.clone(), WireType::SOA));
        let answers = timeout_at(until, join_all(asked)).await.ok()?;
        (!answers.is_empty() && answers.iter().all(Result::is_ok)).then_some(Self(servers))
    }

    async fn all_say(&self, expected: &Expected) -> bool {
        let Some(name) = wire_name(&expected.id.name) else { return false };
        let kind = wire_type(expected.id.record_type);
        let asked = self.0.iter().map(|server| server.lookup(name.clone(), kind));
        join_all(asked).await.into_iter().all(|answer| {
            let found: BTreeSet<IpAddr> = match answer {
                Ok(answer) => answer.answers().iter().filter_map(|record| address(&record.data)).collect(),
                Err(error) if is_absence(&error) => BTreeSet::new(),
                Err(_) => return false,
            };
            found == expected.addresses
        })
    }
}

/// Whether an authority says that there is no such record: it sends the zone's SOA with that (RFC 2308, section 2). A
/// referral to other servers says nothing.
fn is_absence(error: &NetError) -> bool {
    let NetError::Dns(DnsError::NoRecordsFound(none)) = error else { return false };
    none.soa.is_some() && matches!(none.response_code, ResponseCode::NoError | ResponseCode::NXDomain)
}

/// The addresses of the hosts in a zone's NS records, one for each host, as the system's resolver finds them.
async fn delegated(zone: &HostName) -> Option<Vec<SocketAddr>> {
    let system = system().ok()?;
    let hosts = hosts(&system, wire_name(zone)?).await.into_iter();
    join_all(hosts.map(|host| first_address(&system, host))).await.into_iter().collect()
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
    options.max_active_requests = 2 * AT_ONCE;
    builder.build().ok()
}

#[cfg(test)]
mod packets;

#[cfg(test)]
mod tests {
    use super::*;
    use pure::domain::RecordType;
    use tokio::sync::mpsc;

    fn expected(index: usize) -> Expected {
        let zone = ZoneId::parse(
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com",
        );
        let name = HostName::parse(&format!("n{index}.example.com")).unwrap();
        let id = RecordId { zone: zone.unwrap(), name, record_type: RecordType::A };
        Expected { id, addresses: BTreeSet::from([IpAddr::from([192, 0, 2, 1])]) }
    }

    /// A prover whose zone has name servers at these addresses.
    fn prover(
        verify: Verify,
        until: Instant,
        servers: Option<&[SocketAddr]>,
        configured: &[SocketAddr],
    ) -> Prover {
        let zones = Mutex::<BTreeMap<ZoneId, Arc<OnceCell<Option<NameServers>>>>>::default();
        if let Some(servers) = servers {
            let servers = NameServers(servers.iter().filter_map(|server| one_server(*server)).collect());
            let known = Arc::new(OnceCell::new_with(Some(Some(servers))));
            zones.lock().unwrap().insert(expected(0).id.zone, known);
        }
        Prover {
            verify,
            configured: configured.to_vec(),
            until,
            stop: CancellationToken::new(),
            zones,
            turns: Semaphore::new(AT_ONCE),
        }
    }

    /// An address at which nobody answers.
    async fn silent() -> (tokio::net::UdpSocket, SocketAddr) {
        let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        (socket, address)
    }

    #[tokio::test]
    async fn name_servers_that_are_silent_keep_nobody_beyond_the_time_of_the_reads() {
        let (_socket, address) = silent().await;
        let begin = Instant::now();
        let until = begin + Duration::from_secs(2);
        let prover = prover(Verify::Dns, until, Some(&[address]), &[]);
        let (sender, landed) = mpsc::unbounded_channel();
        for index in 0..10 * AT_ONCE {
            sender.send(Landed(expected(index))).unwrap();
        }
        let one = expected(1);
        let (proofs, leader) = tokio::join!(prover.watch(landed), prover.prove(&one, LEADER_PATIENCE));
        assert!(proofs.is_empty() && leader.is_none());
        let took = begin.elapsed();
        assert!(took < Duration::from_millis(2800), "{took:?}, though something may still land");
        drop(sender);
    }

    #[tokio::test]
    async fn name_servers_are_searched_for_no_longer_than_there_is_time() {
        let (_socket, address) = silent().await;
        let begin = Instant::now();
        let prover = prover(Verify::Auto, begin + Duration::from_millis(300), None, &[address]);
        assert!(prover.trusts_azure(&expected(0).id.zone).await, "they cannot be asked");
        let took = begin.elapsed();
        assert!(took < Duration::from_millis(1200), "{took:?}");
    }
}
