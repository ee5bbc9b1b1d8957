//! Packets of resolvers: what a run makes of them, and how often it asks.

use std::collections::{BTreeSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::rdata::{A, SOA};
use hickory_resolver::proto::rr::{RData, Record};
use tokio::net::UdpSocket;

use super::*;
use crate::name_servers::played::{self, wire};
use pure::domain::{HostName, RecordType, ZoneId};

const OLD: Ipv4Addr = Ipv4Addr::new(10, 1, 0, 9);
const NEW: Ipv4Addr = Ipv4Addr::new(10, 1, 0, 4);

/// What a resolver says: the address and for how long it keeps it; none: there is no such name.
type Said = Option<(Ipv4Addr, u32)>;

/// A resolver that gives these answers one after the other, and the last for ever; how often it was asked.
async fn resolver(answers: &[Said]) -> (SocketAddr, Arc<AtomicUsize>) {
    let left = Mutex::new(answers.iter().copied().collect::<VecDeque<_>>());
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let address = played::resolver(move |query, said| {
        count.fetch_add(1, Ordering::Relaxed);
        let mut left = left.lock().unwrap();
        let next = if left.len() > 1 { left.pop_front().unwrap() } else { left[0] };
        match next {
            Some((address, ttl)) => {
                said.add_answers([Record::from_rdata(query.name().clone(), ttl, RData::A(A(address)))]);
            }
            None => {
                said.metadata.response_code = ResponseCode::NXDomain;
                let soa = RData::SOA(SOA::new(wire("a."), wire("b."), 1, 1, 1, 1, 1));
                said.add_authorities([Record::from_rdata(wire("corp.example.com."), 1, soa)]);
            }
        }
    });
    (address.await, asked)
}

fn id() -> RecordId {
    let zone = ZoneId::parse(
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateDnsZones/corp.example.com",
    );
    let name = HostName::parse("nas.corp.example.com").unwrap();
    RecordId { zone: zone.unwrap(), name, record_type: RecordType::A }
}

fn written(old_ttl: u64, held_before: Option<u64>) -> Cached {
    let wanted = BTreeSet::from([IpAddr::V4(NEW)]);
    let seconds = Duration::from_secs;
    let held = [BTreeSet::from([IpAddr::V4(OLD)]), BTreeSet::new()].into();
    Cached { wanted, old_ttl: seconds(old_ttl), held, held_before: held_before.map(seconds) }
}

/// What comes of a change that landed so many seconds ago, within so many milliseconds.
async fn shown(resolvers: &[SocketAddr], cached: &Cached, ago: u64, within: u64) -> Testimony {
    let now = Instant::now();
    let (landed, until) = (now - Duration::from_secs(ago), now + Duration::from_millis(within));
    let (turns, stop) = (Semaphore::new(1), CancellationToken::new());
    seen(resolvers, &id(), cached, (landed, until), (&turns, &stop)).await
}

#[tokio::test]
async fn the_new_address_is_proof_without_any_authority() {
    let (new, asked) = resolver(&[Some((NEW, 60))]).await;
    assert!(matches!(shown(&[new], &written(60, None), 0, 2000).await, Testimony::ByAll(_)));
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn an_old_answer_is_asked_again_when_its_time_is_over() {
    for old in [Some((OLD, 1)), None] {
        let (resolver, asked) = resolver(&[old, Some((NEW, 60))]).await;
        let shown = shown(&[resolver], &written(60, None), 0, 10_000).await;
        assert!(matches!(shown, Testimony::ByAll(_)), "{shown:?}");
        assert_eq!(asked.load(Ordering::Relaxed), 2, "it said for how long it keeps that");
    }
}

#[tokio::test]
async fn at_the_end_of_the_run_an_old_answer_is_no_word_against_it() {
    let (old, _) = resolver(&[Some((OLD, 60))]).await;
    assert_eq!(shown(&[old], &written(60, None), 0, 400).await, Testimony::Undenied(Vec::new()));
    // When its time is over it is one.
    let denial = Dissent { server: old.to_string(), addresses: Some([IpAddr::V4(OLD)].into()), failed: None };
    let late = shown(&[old], &written(60, None), 70, 400).await;
    assert_eq!(late, Testimony::NotByAll(vec![denial]));
}

/// A cache tells what once stood there: another address is told with the resolver that says it, though nothing is denied yet.
#[tokio::test]
async fn who_says_what_never_stood_there_is_told() {
    let other = Ipv4Addr::new(10, 1, 0, 66);
    let (lying, _) = resolver(&[Some((other, 60))]).await;
    let (right, _) = resolver(&[Some((NEW, 60))]).await;
    let lie =
        Dissent { server: lying.to_string(), addresses: Some([IpAddr::V4(other)].into()), failed: None };
    for resolvers in [&[lying][..], &[lying, right], &[right, lying]] {
        let shown = shown(resolvers, &written(60, None), 0, 400).await;
        assert_eq!(shown, Testimony::Undenied(vec![lie.clone()]));
    }
}

#[tokio::test]
async fn what_the_name_held_just_before_proves_nothing_yet() {
    let (new, _) = resolver(&[Some((NEW, 30))]).await;
    assert_eq!(shown(&[new], &written(60, Some(20)), 0, 400).await, Testimony::Undenied(Vec::new()));
    assert!(matches!(shown(&[new], &written(60, Some(20)), 41, 400).await, Testimony::ByAll(_)));
}

#[tokio::test]
async fn all_must_show_it_and_who_gives_no_answer_is_told() {
    let (new, _) = resolver(&[Some((NEW, 60))]).await;
    let (old, _) = resolver(&[Some((OLD, 60))]).await;
    assert_eq!(shown(&[new, old], &written(60, None), 0, 400).await, Testimony::Undenied(Vec::new()));
    let refuses = played::resolver(|_, said| said.metadata.response_code = ResponseCode::Refused).await;
    let Testimony::Undenied(unasked) = shown(&[new, refuses], &written(60, None), 0, 2000).await else {
        panic!("one has not shown it")
    };
    assert_eq!(unasked.len(), 1);
    assert!(unasked[0].failed.as_ref().is_some_and(|words| words.contains("Refused")), "{unasked:?}");
    // A run does not wait for those that are silent.
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let alone = shown(&[silent.local_addr().unwrap()], &written(60, None), 0, 60_000).await;
    assert!(matches!(&alone, Testimony::Undenied(unasked) if unasked.len() == 1), "{alone:?}");
}
