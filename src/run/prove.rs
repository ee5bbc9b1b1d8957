//! The proof: what the zone's own name servers answer, asked directly and without any cache.

mod resolvers;
mod servers;
mod testimony;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::{OnceCell, Semaphore};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::config::{self, Verify, VerifyServers};
use pure::cached::Cached;
use pure::domain::{RecordId, ZoneId, ZoneKind};
use servers::NameServers;
pub(super) use testimony::Testimony;

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
    configured: VerifyServers,
    until: Instant,
    /// When cancelled, each change is looked at once more and no longer.
    stop: CancellationToken,
    zones: Mutex<BTreeMap<ZoneId, Arc<OnceCell<NameServers>>>>,
    turns: Semaphore,
}

/// What a name is to answer.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    pub(super) id: RecordId,
    pub(super) addresses: BTreeSet<IpAddr>,
    /// What answers out of caches say of it; none where no answer shows anything.
    pub(super) cached: Option<Cached>,
}

/// A change that landed, to be proved.
#[derive(Debug)]
pub(super) struct Landed(pub(super) Expected);

impl Expected {
    /// How long others are given to show it: what they may keep has its time.
    fn patience(&self) -> Duration {
        let is_private = self.id.zone.kind() == ZoneKind::Private;
        let cached = self.cached.as_ref().filter(|_| is_private);
        cached.map_or(PATIENCE, |cached| PATIENCE + cached.denied_after())
    }
}

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

    /// Whether Azure's own word is taken for the zone: so configured, or none of its name servers can be asked.
    pub(super) async fn trusts_azure(&self, zone: &ZoneId) -> bool {
        // In time nobody may have seen what others keep the old answer of.
        if zone.kind() == ZoneKind::Private {
            return true;
        }
        match self.verify {
            Verify::Arm => true,
            Verify::Dns => false,
            Verify::Auto => self.servers(zone).await.get().is_none_or(|servers| !servers.can_be_asked()),
        }
    }

    /// Whether a read proves what no name server denies, where not all of them can be asked.
    pub(super) fn takes_azures_word(&self, zone: &ZoneId) -> bool {
        self.verify != Verify::Dns || zone.kind() == ZoneKind::Private
    }

    /// Asks until all name servers of the zone agree, at most for `patience`.
    pub(super) async fn prove(&self, expected: &Expected, patience: Duration) -> Testimony {
        if self.verify == Verify::Arm {
            return Testimony::Undenied(Vec::new());
        }
        if expected.id.zone.kind() == ZoneKind::Private {
            return self.prove_privately(expected, patience).await;
        }
        let cell = self.servers(&expected.id.zone).await;
        let Some(servers) = cell.get() else { return Testimony::Undenied(Vec::new()) };
        if !servers.can_be_asked() {
            return Testimony::Undenied(servers.unasked());
        }
        let until = self.until.min(Instant::now() + patience);
        let mut pause = FIRST_PAUSE;
        let mut differing = Vec::new();
        loop {
            let said = async {
                let _turn = self.turns.acquire().await.ok()?;
                Some(servers.who_differs(&expected.id, &expected.addresses).await)
            };
            // Many may wait for a turn, and each question may take its time.
            let Ok(Some(said)) = timeout_at(until, said).await else { break };
            if said.is_empty() {
                let unasked = servers.unasked();
                return if unasked.is_empty() {
                    Testimony::ByAll(clock::now())
                } else {
                    Testimony::Undenied(unasked)
                };
            }
            differing = said;
            if Instant::now() + pause >= until || self.stop.is_cancelled() {
                break;
            }
            let _ = self.stop.run_until_cancelled(sleep(pause)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        differing.extend(servers.unasked());
        Testimony::NotByAll(differing)
    }

    /// The same of a private zone: of its resolvers, if there are any that can be asked.
    async fn prove_privately(&self, expected: &Expected, patience: Duration) -> Testimony {
        let resolvers = self.configured.of(&expected.id.zone);
        let Some(cached) = expected.cached.as_ref().filter(|_| !resolvers.is_empty()) else {
            return Testimony::Undenied(Vec::new());
        };
        let landed = Instant::now();
        let until = self.until.min(landed + patience);
        resolvers::seen(resolvers, &expected.id, cached, (landed, until), (&self.turns, &self.stop)).await
    }

    /// Proves what lands, as it lands, until nothing more does or the time is over: when each came true.
    pub(super) async fn watch(&self, mut landed: UnboundedReceiver<Landed>) -> BTreeMap<RecordId, Testimony> {
        let mut proofs = FuturesUnordered::new();
        let mut shown = BTreeMap::new();
        let mut open = true;
        let over = sleep_until(self.until);
        tokio::pin!(over);
        while open || !proofs.is_empty() {
            tokio::select! {
                next = landed.recv(), if open => match next {
                    Some(Landed(expected)) => proofs.push(async move {
                        let shown = self.prove(&expected, expected.patience()).await;
                        (expected.id, shown)
                    }),
                    None => open = false,
                },
                Some((key, one)) = proofs.next(), if !proofs.is_empty() => {
                    shown.insert(key, one);
                }
                // What has shown by now is shown; the rows need the time that is left.
                () = &mut over => break,
            }
        }
        shown
    }

    async fn servers(&self, zone: &ZoneId) -> Arc<OnceCell<NameServers>> {
        let cell = {
            let mut zones = self.zones.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(zones.entry(zone.clone()).or_default())
        };
        let found = cell.get_or_init(|| NameServers::of(zone.zone_name(), self.configured.of(zone)));
        // Those that are not found in time cannot be asked.
        let _ = timeout_at(self.until, found).await;
        cell
    }
}

#[cfg(test)]
mod packets;

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;
    use pure::domain::{HostName, RecordType};
    use tokio::sync::mpsc;

    fn expected(index: usize) -> Expected {
        let zone = ZoneId::parse(
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com",
        );
        let name = HostName::parse(&format!("n{index}.example.com")).unwrap();
        let id = RecordId { zone: zone.unwrap(), name, record_type: RecordType::A };
        Expected { id, addresses: BTreeSet::from([IpAddr::from([192, 0, 2, 1])]), cached: None }
    }

    /// A prover whose zone has name servers at these addresses.
    fn prover(
        verify: Verify,
        until: Instant,
        servers: Option<&[SocketAddr]>,
        configured: &[SocketAddr],
    ) -> Prover {
        let zones = Mutex::<BTreeMap<ZoneId, Arc<OnceCell<NameServers>>>>::default();
        if let Some(servers) = servers {
            let known = Arc::new(OnceCell::new_with(Some(NameServers::that_answer(servers))));
            zones.lock().unwrap().insert(expected(0).id.zone, known);
        }
        Prover {
            verify,
            configured: VerifyServers { public: configured.to_vec(), ..VerifyServers::default() },
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
        // Whether one of them is given up before the end or at it, nobody has said anything.
        let is_silence = |shown: &Testimony| match shown {
            Testimony::NotByAll(differing) => differing.iter().all(|one| one.failed.is_some()),
            Testimony::ByAll(_) | Testimony::Undenied(_) => false,
        };
        assert!(proofs.values().chain([&leader]).all(is_silence), "{proofs:?}, {leader:?}");
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
