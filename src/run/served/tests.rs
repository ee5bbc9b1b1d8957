//! Packets of name servers: answers, silence, and the word of a parent.

use hickory_resolver::proto::op::OpCode;
use hickory_resolver::proto::rr::Record;
use hickory_resolver::proto::rr::rdata::{A, NS};

use super::*;

fn wire(name: &str) -> Name {
    Name::from_ascii(name).unwrap()
}

/// A name server that makes of each question what it is told, after an answer to a question that nobody asked.
async fn server(answer: impl Fn(&Query, &mut Message) + Send + 'static) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = [0; 1024];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let question = Message::from_vec(&buffer[..length]).unwrap();
            assert!(!question.metadata.recursion_desired);
            let query = question.queries[0].clone();
            let mut stray = Message::response(question.metadata.id.wrapping_add(1), OpCode::Query);
            stray.metadata.authoritative = true;
            stray.add_query(query.clone());
            stray.add_answers([Record::from_rdata(
                query.name().clone(),
                60,
                RData::A(A(Ipv4Addr::LOCALHOST)),
            )]);
            socket.send_to(&stray.to_vec().unwrap(), from).await.unwrap();
            let mut said = Message::response(question.metadata.id, OpCode::Query);
            said.metadata.authoritative = true;
            answer(&query, &mut said);
            said.add_query(query);
            socket.send_to(&said.to_vec().unwrap(), from).await.unwrap();
        }
    });
    address
}

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

#[tokio::test]
async fn a_parent_refers_in_its_authorities_and_names_of_other_zones_are_left_out() {
    let parent = server(|_, said| {
        said.metadata.authoritative = false;
        let ns = |owner: &str, host: &str| Record::from_rdata(wire(owner), 60, RData::NS(NS(wire(host))));
        said.add_authorities([
            ns("example.com.", "NS1.old-host.example."),
            ns("example.net.", "ns9.example."),
        ]);
    });
    let found = referral(parent.await, &wire("example.com.")).await.unwrap();
    assert_eq!(found, BTreeSet::from(["ns1.old-host.example".to_owned()]));
    let by_zone = BTreeSet::from(["ns1-09.azure-dns.example".to_owned()]);
    let delegation = |by_parent| Delegation { by_parent, by_zone: by_zone.clone() };
    assert!(!delegation(found).is_here(), "it reaches nobody");
    assert!(delegation(by_zone.clone()).is_here());
    assert!(!delegation(BTreeSet::new()).is_here());
}
