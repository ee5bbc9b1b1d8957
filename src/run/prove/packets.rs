//! The proof over packets: which answers of name servers prove a change, and which prove nothing.

use std::net::SocketAddr;

use hickory_resolver::proto::op::{Message, OpCode, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, AAAA, SOA};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType as WireType};
use tokio::net::UdpSocket;

use super::*;
use crate::config::{ApplyVia, Mode};
use crate::name_servers::played;
use pure::domain::{HostName, RecordType};
use pure::plan::report::Dissent;

const ZONE: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com";
const OLD: &str = "198.51.100.10";
const NEW: &str = "203.0.113.7";

fn expected(record_type: RecordType, address: &str) -> Expected {
    let (zone, name) = (ZoneId::parse(ZONE).unwrap(), HostName::parse("nas.example.com").unwrap());
    let id = RecordId { zone, name, record_type };
    Expected { id, addresses: BTreeSet::from([address.parse().unwrap()]), cached: None }
}

fn run(verify: Verify, public: Vec<SocketAddr>) -> config::Run {
    config::Run {
        mode: Mode::Apply,
        on_alert: true,
        on_timer: true,
        query_timespan: Duration::from_secs(7200),
        owner_id: "us".to_owned(),
        deadline: Duration::from_secs(240),
        apply_via: ApplyVia::RecordSet,
        verify,
        verify_servers: VerifyServers { public, ..VerifyServers::default() },
        reports_moves: false,
    }
}

fn prover(verify: Verify, servers: &[SocketAddr]) -> Prover {
    let until = Instant::now() + Duration::from_secs(60);
    Prover::new(&run(verify, servers.to_vec()), until, CancellationToken::new())
}

/// What ends is proved by a server that answers for the zone and has no such record: no word and a failure are none.
#[tokio::test]
async fn a_record_set_that_is_gone_is_proved_by_its_absence() {
    let mut wanted = expected(RecordType::A, OLD);
    wanted.addresses.clear();
    for (said, is_proof) in [(Some(vec![]), true), (Some(vec![OLD]), false), (None, false)] {
        let server = server(move |_, _| said.clone()).await;
        let proof = prover(Verify::Dns, &[server]).prove(&wanted, Duration::from_millis(600)).await;
        assert_eq!(matches!(proof, Testimony::ByAll(_)), is_proof);
    }
}

/// A name server that answers for the zone; `says` is asked for the type and the number of each other question, and refuses
/// to answer where it gives none.
async fn server(says: impl Fn(WireType, usize) -> Option<Vec<&'static str>> + Send + 'static) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut buffer, mut number) = ([0; 1024], 0);
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let question = Message::from_vec(&buffer[..length]).unwrap();
            let query = question.queries[0].clone();
            let mut answer = Message::response(question.metadata.id, OpCode::Query);
            answer.metadata.authoritative = true;
            let name = query.name().clone();
            let data = if query.query_type() == WireType::SOA {
                let host = Name::from_ascii("ns1.example.net.").unwrap();
                Some(vec![RData::SOA(SOA::new(host.clone(), host, 1, 3600, 300, 86_400, 300))])
            } else {
                number += 1;
                says(query.query_type(), number - 1).map(|all| all.into_iter().map(data).collect())
            };
            match data {
                // That there is nothing an authority says with the zone's SOA (RFC 2308, section 2).
                Some(all) if all.is_empty() => {
                    let host = Name::from_ascii("ns1.example.net.").unwrap();
                    let soa = RData::SOA(SOA::new(host.clone(), host, 1, 3600, 300, 86_400, 300));
                    let apex = Name::from_ascii("example.com.").unwrap();
                    answer.add_authorities([Record::from_rdata(apex, 300, soa)]);
                }
                Some(all) => {
                    answer.add_answers(
                        all.into_iter().map(|data| Record::from_rdata(name.clone(), 3600, data)),
                    );
                }
                None => answer.metadata.response_code = ResponseCode::ServFail,
            }
            answer.add_query(query);
            socket.send_to(&answer.to_vec().unwrap(), from).await.unwrap();
        }
    });
    address
}

fn data(text: &str) -> RData {
    match text.parse().unwrap() {
        IpAddr::V4(address) => RData::A(A(address)),
        IpAddr::V6(address) => RData::AAAA(AAAA(address)),
    }
}

#[tokio::test]
async fn the_addresses_alone_and_of_every_server_are_the_proof() {
    let wanted = expected(RecordType::A, NEW);
    let right = server(|_, _| Some(vec![NEW])).await;
    for (second, is_proof) in [
        (Some(vec![NEW]), true),
        (Some(vec![OLD]), false),
        (Some(vec![OLD, NEW]), false),
        (Some(vec![]), false),
        (None, false),
    ] {
        let said = second.clone();
        let other = server(move |_, _| said.clone()).await;
        for servers in [[right, other], [other, right]] {
            let proof = prover(Verify::Dns, &servers).prove(&wanted, Duration::from_millis(600)).await;
            assert_eq!(matches!(proof, Testimony::ByAll(_)), is_proof, "{second:?}");
        }
    }
}

#[tokio::test]
async fn a_part_of_the_addresses_is_no_proof_of_all() {
    let one = server(|_, _| Some(vec![NEW])).await;
    let both = server(|_, _| Some(vec![NEW, OLD])).await;
    let mut wanted = expected(RecordType::A, NEW);
    wanted.addresses.insert(OLD.parse().unwrap());
    for (server, is_proof) in [(one, false), (both, true)] {
        let proof = prover(Verify::Dns, &[server]).prove(&wanted, Duration::from_millis(600)).await;
        assert_eq!(matches!(proof, Testimony::ByAll(_)), is_proof);
    }
}

/// An answer that was kept for as long as its TTL says would hide the new one.
#[tokio::test]
async fn servers_are_asked_until_they_agree_and_of_the_type_that_was_written() {
    for (record_type, old, new) in
        [(RecordType::A, OLD, NEW), (RecordType::Aaaa, "2001:db8::1", "2001:db8::7")]
    {
        let wire = if record_type == RecordType::A { WireType::A } else { WireType::AAAA };
        let late = server(move |kind, number| {
            assert_eq!(kind, wire);
            Some(vec![if number < 2 { old } else { new }])
        })
        .await;
        let wanted = expected(record_type, new);
        let prover = prover(Verify::Auto, &[late]);
        assert!(!prover.trusts_azure(&wanted.id.zone).await, "they can be asked");
        let proof = prover.prove(&wanted, PATIENCE).await;
        assert!(matches!(proof, Testimony::ByAll(_)), "{record_type}");
        // With Azure's word alone nobody is asked.
        let arm = super::Prover::new(&run(Verify::Arm, vec![late]), prover.until, CancellationToken::new());
        assert!(arm.trusts_azure(&wanted.id.zone).await);
        assert_eq!(arm.prove(&wanted, PATIENCE).await, Testimony::Undenied(Vec::new()));
    }
}

#[tokio::test]
async fn what_cannot_be_asked_proves_nothing_and_azure_is_trusted_only_where_it_may_be() {
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    let wanted = expected(RecordType::A, NEW);
    for (verify, trusts) in [(Verify::Auto, true), (Verify::Dns, false), (Verify::Arm, true)] {
        let until = Instant::now() + Duration::from_millis(300);
        let prover = Prover::new(&run(verify, vec![address]), until, CancellationToken::new());
        assert_eq!(prover.trusts_azure(&wanted.id.zone).await, trusts, "{verify:?}");
        let proof = prover.prove(&wanted, PATIENCE).await;
        assert!(matches!(proof, Testimony::Undenied(_)), "{verify:?}");
        assert_eq!(prover.takes_azures_word(&wanted.id.zone), trusts, "{verify:?}");
    }
}

#[tokio::test]
async fn once_stopped_a_change_is_looked_at_once_more_and_no_longer() {
    let wrong = server(|_, _| Some(vec![OLD])).await;
    let right = server(|_, _| Some(vec![NEW])).await;
    let wanted = expected(RecordType::A, NEW);
    for (server, is_proof) in [(wrong, false), (right, true)] {
        let prover = prover(Verify::Dns, &[server]);
        prover.stop.cancel();
        let begin = Instant::now();
        let proof = prover.prove(&wanted, LEADER_PATIENCE).await;
        assert_eq!(matches!(proof, Testimony::ByAll(_)), is_proof);
        assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
    }
}

/// One that refuses hides no lie: those that answer are asked all the same, and what each says is told.
#[tokio::test]
async fn a_server_that_refuses_hides_no_other_that_lies() {
    let right = server(|_, _| Some(vec![NEW])).await;
    let lying = server(|_, _| Some(vec![OLD])).await;
    let refusing = refuses().await;
    let wanted = expected(RecordType::A, NEW);
    let lie = Dissent {
        server: lying.to_string(),
        addresses: Some(BTreeSet::from([OLD.parse().unwrap()])),
        failed: None,
    };
    let unasked = Dissent {
        server: refusing.to_string(),
        addresses: None,
        failed: Some("it answers Query Refused".to_owned()),
    };
    for (servers, shown) in [
        (vec![right, lying, refusing], Testimony::NotByAll(vec![lie.clone(), unasked.clone()])),
        (vec![refusing, right], Testimony::Undenied(vec![unasked.clone()])),
        (vec![refusing], Testimony::Undenied(vec![unasked])),
        (vec![lying, right], Testimony::NotByAll(vec![lie])),
    ] {
        let proof = prover(Verify::Auto, &servers).prove(&wanted, Duration::from_millis(600)).await;
        assert_eq!(proof, shown, "{servers:?}");
    }
}

/// A name server that answers for nobody.
async fn refuses() -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = [0; 1024];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let question = Message::from_vec(&buffer[..length]).unwrap();
            let mut answer = Message::response(question.metadata.id, OpCode::Query);
            answer.metadata.response_code = ResponseCode::Refused;
            answer.add_query(question.queries[0].clone());
            socket.send_to(&answer.to_vec().unwrap(), from).await.unwrap();
        }
    });
    address
}

/// Nobody else answers for it, least of all whoever answers for a public zone of its name.
#[tokio::test]
async fn a_private_zone_is_proved_by_its_resolvers_alone_and_else_read_back() {
    let public = server(|_, _| panic!("it knows nothing of the zone")).await;
    let zone = ZoneId::parse(&ZONE.replace("dnsZones", "privateDnsZones")).expect("the id of a private zone");
    let mut wanted = expected(RecordType::A, NEW);
    let addresses = wanted.addresses.clone();
    wanted.id.zone = zone.clone();
    wanted.cached = Some(Cached {
        wanted: addresses,
        old_ttl: Duration::from_secs(60),
        held: BTreeSet::default(),
        held_before: None,
    });
    let resolver = played::resolver(|query, said| {
        said.add_answers([Record::from_rdata(query.name().clone(), 60, data(NEW))]);
    });
    let resolvers = BTreeMap::from([(zone.zone_name().clone(), vec![resolver.await])]);
    for verify in [Verify::Auto, Verify::Dns, Verify::Arm] {
        let prover = |private| {
            let verify_servers = VerifyServers { public: vec![public], private };
            let run = config::Run { verify_servers, ..run(verify, Vec::new()) };
            Prover::new(&run, Instant::now() + Duration::from_secs(60), CancellationToken::new())
        };
        let read_back = prover(BTreeMap::new());
        assert_eq!(read_back.prove(&wanted, PATIENCE).await, Testimony::Undenied(Vec::new()), "{verify:?}");
        assert!(read_back.trusts_azure(&zone).await && read_back.takes_azures_word(&zone), "{verify:?}");
        let by_resolver = prover(resolvers.clone()).prove(&wanted, PATIENCE).await;
        assert_eq!(matches!(by_resolver, Testimony::ByAll(_)), verify != Verify::Arm, "{verify:?}");
        // Where the addresses stay, no answer shows that they were written.
        let same = Expected { cached: None, ..wanted.clone() };
        let by_resolver = prover(resolvers.clone()).prove(&same, PATIENCE).await;
        assert_eq!(by_resolver, Testimony::Undenied(Vec::new()), "{verify:?}");
    }
}
