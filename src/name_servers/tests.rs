//! Packets of a parent: referrals, denials, what says nothing, what is lost and what does not fit.

use std::collections::BTreeSet;

use hickory_resolver::proto::rr::Record;
use hickory_resolver::proto::rr::rdata::SOA;
use tokio::net::TcpListener;

use super::played::{answer_to, ns, serve, server, wire};
use super::*;

fn soa(owner: &str) -> Record {
    Record::from_rdata(wire(owner), 60, RData::SOA(SOA::new(wire("a."), wire("b."), 1, 1, 1, 1, 1)))
}

/// A parent that answers with this code and these authorities.
async fn saying(code: ResponseCode, authorities: Vec<Record>) -> SocketAddr {
    server(move |_, said| {
        said.metadata.authoritative = false;
        said.metadata.response_code = code;
        said.add_authorities(authorities.clone());
    })
    .await
}

async fn told(servers: &[SocketAddr]) -> Result<BTreeSet<String>, String> {
    by_parent(&HostName::parse("example.com").unwrap(), servers).await
}

/// A referral of example.com, and whom it names.
fn referral() -> (Vec<Record>, BTreeSet<String>) {
    let records = ["NS1.Old-Host.example.", "ns2.old-host.example."].map(|host| ns("example.com.", host));
    let other = ns("example.net.", "ns9.example.");
    let hosts = ["ns1.old-host.example", "ns2.old-host.example"].map(str::to_owned);
    (records.into_iter().chain([other]).collect(), BTreeSet::from(hosts))
}

#[tokio::test]
async fn a_referral_names_hosts_of_the_zone_and_a_denial_none() {
    let (records, hosts) = referral();
    assert_eq!(told(&[saying(ResponseCode::NoError, records).await]).await, Ok(hosts));
    for code in [ResponseCode::NoError, ResponseCode::NXDomain] {
        assert_eq!(told(&[saying(code, vec![soa("com.")]).await]).await, Ok(BTreeSet::new()));
    }
}

#[tokio::test]
async fn who_knows_nothing_of_the_zone_above_says_nothing_and_the_next_is_believed() {
    let (records, hosts) = referral();
    let knows = saying(ResponseCode::NoError, records).await;
    for (code, authorities) in [
        (ResponseCode::Refused, vec![]),
        (ResponseCode::ServFail, vec![soa("com.")]),
        (ResponseCode::NoError, vec![ns("com.", "a.gtld.net.")]),
        (ResponseCode::NoError, vec![soa("org.")]),
    ] {
        let vain = saying(code, authorities.clone()).await;
        assert!(told(&[vain]).await.is_err(), "{code} {authorities:?}");
        assert_eq!(told(&[vain, knows]).await.as_ref(), Ok(&hosts), "{code} {authorities:?}");
    }
}

#[tokio::test]
async fn a_packet_that_is_lost_is_sent_again() {
    let mut asked = 0;
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let forgetful = serve(socket, move |_, said| {
        asked += 1;
        said.add_authorities(referral().0);
        asked > 1
    });
    assert_eq!(told(&[forgetful]).await, Ok(referral().1));
}

#[tokio::test]
async fn what_does_not_fit_into_a_packet_is_asked_for_over_tcp() {
    let stream = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = stream.local_addr().unwrap();
    serve(UdpSocket::bind(address).await.unwrap(), |_, said| {
        said.metadata.truncation = true;
        true
    });
    tokio::spawn(async move {
        let (mut peer, _) = stream.accept().await.unwrap();
        let mut question = vec![0; usize::from(peer.read_u16().await.unwrap())];
        peer.read_exact(&mut question).await.unwrap();
        let (mut said, _) = answer_to(&question);
        said.add_authorities(referral().0);
        let said = said.to_vec().unwrap();
        peer.write_u16(u16::try_from(said.len()).unwrap()).await.unwrap();
        peer.write_all(&said).await.unwrap();
    });
    assert_eq!(told(&[address]).await, Ok(referral().1));
    // Its listener is gone: half an answer is none.
    assert!(told(&[address]).await.unwrap_err().contains("TCP"));
}
