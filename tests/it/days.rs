//! Whole days, each played through the real run on a clock of its own, in seconds: what goes wrong in a fleet, what the
//! program makes of it, and what ends it. DNS never holds what no machine of the name has said.

mod claims;
mod clock;
mod countries;
mod crowd;
mod day;
mod gaps;
mod hands;
mod installations;
mod self_check;
mod shared;
mod strangers;
mod uplinks;

use std::net::SocketAddr;

use hickory_resolver::proto::op::{Message, Query};
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use serde_json::Value;
use tokio::net::UdpSocket;

use crate::handler::{OWNER, mark, set, tagged};

const OLD: &str = "198.51.100.10";
const NEW: &str = "203.0.113.7";
const THIRD: &str = "203.0.113.8";
const HOUR: i64 = 60;

/// What the name server answers for a name: its addresses, sorted.
async fn asked(server: SocketAddr, name: &str) -> Vec<String> {
    let mut question = Message::query();
    question.add_query(Query::query(Name::from_ascii(format!("{name}.")).unwrap(), RecordType::A));
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.send_to(&question.to_vec().unwrap(), server).await.unwrap();
    let mut buffer = [0; 4096];
    let (length, _) = socket.recv_from(&mut buffer).await.unwrap();
    let answer = Message::from_vec(&buffer[..length]).unwrap();
    let address = |data: &RData| match data {
        RData::A(address) => Some(address.to_string()),
        _ => None,
    };
    let mut found: Vec<_> = answer.answers.iter().filter_map(|record| address(&record.data)).collect();
    found.sort();
    found
}

/// A set of ours that follows a machine.
fn ours(name: &str, machine: &str, address: &str) -> Value {
    set(name, &[address], mark(machine, OWNER, "1"))
}

/// A machine whose tag is its name in the zone.
fn named(machine: &str) -> Value {
    tagged(machine, &format!("{machine}.example.com"))
}

/// The sentence of a plan's skip for a name.
fn because<'a>(plan: &'a Value, name: &str) -> &'a str {
    let skips = plan["skips"].as_array().unwrap();
    let skip = skips.iter().find(|skip| skip["name"] == name);
    skip.and_then(|skip| skip["because"].as_str()).unwrap_or_default()
}
