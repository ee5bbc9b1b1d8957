//! A name server of the zone above, which leads wherever it is told.

use hickory_resolver::proto::op::{Message, OpCode, ResponseCode};
use hickory_resolver::proto::rr::rdata::{NS, SOA};
use hickory_resolver::proto::rr::{Name, RData, Record};
use tokio::net::UdpSocket;
use tokio_util::task::AbortOnDropHandle;

/// The server; it ends with this.
pub(super) struct Parent {
    pub(super) address: String,
    _serving: AbortOnDropHandle<()>,
}

impl Parent {
    /// One that refers to these hosts; without any it denies that there is such a zone.
    pub(super) async fn naming(hosts: &[String]) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap().to_string();
        let hosts = hosts.to_vec();
        let serving = tokio::spawn(async move {
            let mut buffer = [0; 1024];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                let question = Message::from_vec(&buffer[..length]).unwrap();
                assert!(!question.metadata.recursion_desired, "no resolver is asked");
                let query = question.queries[0].clone();
                let mut answer = Message::response(question.metadata.id, OpCode::Query);
                let of = |data: RData| Record::from_rdata(query.name().clone(), 3600, data);
                let name = |host: &String| Name::from_ascii(format!("{host}.")).unwrap();
                if hosts.is_empty() {
                    answer.metadata.response_code = ResponseCode::NXDomain;
                    let soa = SOA::new(Name::root(), Name::root(), 1, 1, 1, 1, 1);
                    let above = query.name().base_name();
                    answer.add_authority(Record::from_rdata(above, 3600, RData::SOA(soa)));
                } else {
                    answer.add_authorities(hosts.iter().map(|host| of(RData::NS(NS(name(host))))));
                }
                answer.add_query(query.clone());
                socket.send_to(&answer.to_vec().unwrap(), from).await.unwrap();
            }
        });
        Self { address, _serving: AbortOnDropHandle::new(serving) }
    }
}
