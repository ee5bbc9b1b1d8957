//! What one name server answers, and whether the parent sends people here.

use std::net::Ipv4Addr;

use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::rdata::A;
use hickory_resolver::proto::rr::{RData, Record};
use tokio::net::UdpSocket;

use super::*;
use crate::name_servers::played::{server, wire};

async fn asked(server: SocketAddr) -> Served {
    one("ns1.example.net", server, &wire("nas.example.com."), RecordType::A).await
}

#[tokio::test]
async fn an_answer_is_told_as_it_is_and_a_stray_packet_is_none() {
    let address = Ipv4Addr::new(203, 0, 113, 7);
    let there = server(move |query, said| {
        said.add_answers([Record::from_rdata(query.name().clone(), 60, RData::A(A(address)))]);
    });
    let found = asked(there.await).await;
    assert_eq!((found.addresses, found.failed), (BTreeSet::from([IpAddr::V4(address)]), None));
    let nothing = asked(server(|_, said| said.metadata.response_code = ResponseCode::NXDomain).await).await;
    assert_eq!((nothing.addresses.len(), nothing.failed), (0, None), "no such name is an answer");
}

#[tokio::test]
async fn who_refuses_who_is_silent_and_who_does_not_hold_the_zone_is_told_so() {
    let refuses = asked(server(|_, said| said.metadata.response_code = ResponseCode::Refused).await).await;
    assert!(refuses.failed.unwrap().contains("Refused"));
    let other = asked(server(|_, said| said.metadata.authoritative = false).await).await;
    assert_eq!(other.failed.as_deref(), Some("it does not answer for the zone"));
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let silent = asked(silent.local_addr().unwrap()).await;
    assert!(silent.failed.is_some() && silent.addresses.is_empty());
}

#[test]
fn people_are_sent_here_where_the_parent_names_nobody_else() {
    let hosts = |hosts: &[&str]| hosts.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    let own = ["ns1-09.azure-dns.example", "ns2-09.azure-dns.example"];
    let is_here =
        |by_parent: &[&str]| Delegation { by_parent: hosts(by_parent), by_zone: hosts(&own) }.is_here();
    assert!(is_here(&own) && is_here(&own[..1]));
    assert!(!is_here(&["ns1.old-host.example"]), "it reaches nobody");
    assert!(!is_here(&[own[0], "ns1.old-host.example"]) && !is_here(&[]));
}

#[tokio::test]
async fn a_resolver_is_believed_without_authority() {
    let resolver = crate::name_servers::played::resolver(|query, said| {
        let address = RData::A(A(Ipv4Addr::new(10, 1, 0, 4)));
        said.add_answers([Record::from_rdata(query.name().clone(), 60, address)]);
    });
    let found = resolved("10.10.0.4:53", resolver.await, &wire("nas.corp.example.com."), RecordType::A).await;
    assert_eq!((found.addresses, found.failed), (["10.1.0.4".parse().unwrap()].into(), None));
}
