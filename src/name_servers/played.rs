//! A name server that makes of each question what it is told.

use hickory_resolver::proto::op::OpCode;
use hickory_resolver::proto::rr::Record;
use hickory_resolver::proto::rr::rdata::{A, NS};

use super::*;

/// The name server. Before each answer it sends one to a question that nobody asked.
pub(crate) async fn server(mut answer: impl FnMut(&Query, &mut Message) + Send + 'static) -> SocketAddr {
    serve(UdpSocket::bind("127.0.0.1:0").await.unwrap(), move |query, said| {
        answer(query, said);
        true
    })
}

/// A resolver that does, and has no authority.
pub(crate) async fn resolver(mut answer: impl FnMut(&Query, &mut Message) + Send + 'static) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    play(socket, true, move |query, said| {
        said.metadata.authoritative = false;
        answer(query, said);
        true
    })
}

/// A name server at a socket; to what is made false there is no answer.
pub(super) fn serve(
    socket: UdpSocket,
    answer: impl FnMut(&Query, &mut Message) -> bool + Send + 'static,
) -> SocketAddr {
    play(socket, false, answer)
}

fn play(
    socket: UdpSocket,
    recurses: bool,
    mut answer: impl FnMut(&Query, &mut Message) -> bool + Send + 'static,
) -> SocketAddr {
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = [0; 1024];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let (mut said, query) = answering(&buffer[..length], recurses);
            let mut stray = said.clone();
            stray.metadata.id = said.metadata.id.wrapping_add(1);
            let address = RData::A(A(Ipv4Addr::LOCALHOST));
            stray.add_answers([Record::from_rdata(query.name().clone(), 60, address)]);
            socket.send_to(&stray.to_vec().unwrap(), from).await.unwrap();
            if answer(&query, &mut said) {
                socket.send_to(&said.to_vec().unwrap(), from).await.unwrap();
            }
        }
    });
    address
}

/// An answer that says nothing yet, and what it is to answer.
pub(super) fn answer_to(packet: &[u8]) -> (Message, Query) {
    answering(packet, false)
}

fn answering(packet: &[u8], recurses: bool) -> (Message, Query) {
    let question = Message::from_vec(packet).unwrap();
    assert_eq!(question.metadata.recursion_desired, recurses, "whether somebody else is to be asked");
    let query = question.queries[0].clone();
    let mut said = Message::response(question.metadata.id, OpCode::Query);
    said.metadata.authoritative = true;
    said.add_query(query.clone());
    (said, query)
}

pub(crate) fn wire(name: &str) -> Name {
    Name::from_ascii(name).unwrap()
}

pub(super) fn ns(owner: &str, host: &str) -> Record {
    Record::from_rdata(wire(owner), 60, RData::NS(NS(wire(host))))
}
