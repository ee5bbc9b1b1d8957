//! Questions to a name server, as packets: what `local` says of DNS is what a resolver would be told.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::net::UdpSocket;

/// The two kinds of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    /// IPv4.
    A,
    /// IPv6.
    Aaaa,
}

impl Kind {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::A, Self::Aaaa];

    /// The kind of an address.
    pub(crate) fn of(address: IpAddr) -> Self {
        if address.is_ipv6() { Self::Aaaa } else { Self::A }
    }

    /// The record type as DNS writes it.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
        }
    }
}

/// Whether a name can be asked about.
pub(crate) fn is_name(name: &str) -> bool {
    question(0, name, Kind::A).is_ok()
}

/// How long one try waits for its answer, and how many tries there are.
const WAIT: (Duration, usize) = (Duration::from_millis(700), 3);
/// The longest answer that is read; the stand-in's name server truncates at less without EDNS.
const LARGEST: usize = 4096;
const NO_SUCH_NAME: u8 = 3;
const HEADER: usize = 12;

/// The addresses that `server` answers for `name`, sorted; none when there is no such name or no such record.
///
/// # Errors
/// When nobody answers, or with something else than an answer.
pub(crate) async fn ask(server: SocketAddr, name: &str, kind: Kind) -> Result<Vec<IpAddr>> {
    let local: IpAddr =
        if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((local, 0)).await.context("cannot open a socket")?;
    socket.connect(server).await.with_context(|| format!("cannot reach {server}"))?;
    // The port differs with every question, so that a fixed id cannot be mistaken for another question's.
    let id = socket.local_addr()?.port();
    let question = question(id, name, kind)?;
    let mut buffer = vec![0; LARGEST];
    for _ in 0..WAIT.1 {
        socket.send(&question).await.with_context(|| format!("cannot ask {server}"))?;
        match tokio::time::timeout(WAIT.0, socket.recv(&mut buffer)).await {
            Ok(Ok(length)) => match answer(&buffer[..length], id, kind) {
                Some(found) => return found.with_context(|| format!("{server} about {name}")),
                None => bail!("{server} sent something that is no answer about {name}"),
            },
            Ok(Err(fault)) => return Err(fault).with_context(|| format!("cannot ask {server}")),
            Err(_) => {}
        }
    }
    bail!("{server} does not answer about {name}")
}

fn question(id: u16, name: &str, kind: Kind) -> Result<Vec<u8>> {
    let mut packet = Vec::with_capacity(64);
    packet.extend(id.to_be_bytes());
    packet.extend([0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    for label in name.trim_end_matches('.').split('.') {
        let length = u8::try_from(label.len()).ok().filter(|length| (1..=63).contains(length));
        packet.push(length.with_context(|| format!("`{name}` is no name of a host"))?);
        packet.extend(label.bytes());
    }
    packet.push(0);
    packet.extend(code(kind).to_be_bytes());
    packet.extend([0, 1]);
    Ok(packet)
}

fn code(kind: Kind) -> u16 {
    match kind {
        Kind::A => 1,
        Kind::Aaaa => 28,
    }
}

/// None: not an answer to our question. An error: an answer that says that something is wrong.
fn answer(packet: &[u8], id: u16, kind: Kind) -> Option<Result<Vec<IpAddr>>> {
    let word = |at: usize| Some(u16::from_be_bytes([*packet.get(at)?, *packet.get(at + 1)?]));
    if word(0)? != id || packet.get(2)? & 0x80 == 0 {
        return None;
    }
    match packet.get(3)? & 0x0f {
        0 => {}
        NO_SUCH_NAME => return Some(Ok(Vec::new())),
        code => return Some(Err(anyhow::anyhow!("answered with response code {code}"))),
    }
    let (questions, answers) = (word(4)?, word(6)?);
    let mut at = HEADER;
    for _ in 0..questions {
        at = after_name(packet, at)? + 4;
    }
    let mut found = Vec::new();
    for _ in 0..answers {
        at = after_name(packet, at)?;
        let (record, length) = (word(at)?, usize::from(word(at + 8)?));
        let data = packet.get(at + 10..at + 10 + length)?;
        if record == code(kind) {
            found.push(match kind {
                Kind::A => Ipv4Addr::from(<[u8; 4]>::try_from(data).ok()?).into(),
                Kind::Aaaa => Ipv6Addr::from(<[u8; 16]>::try_from(data).ok()?).into(),
            });
        }
        at += 10 + length;
    }
    found.sort_unstable();
    Some(Ok(found))
}

/// Where the name that begins at `at` ends; a pointer ends it.
fn after_name(packet: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *packet.get(at)? {
            0 => return Some(at + 1),
            length if length & 0xc0 == 0xc0 => return Some(at + 2),
            length => at += usize::from(length) + 1,
        }
    }
}

/// Addresses as a person reads them; none: "nothing".
pub(crate) fn shown(addresses: &[IpAddr]) -> String {
    if addresses.is_empty() {
        return "nothing".to_owned();
    }
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read() {
        let mut packet = question(7, "a.example.com", Kind::A).unwrap();
        packet[2] |= 0x80;
        packet[7] = 2;
        for last in [9, 8] {
            packet.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, last]);
        }
        let found = answer(&packet, 7, Kind::A).unwrap().unwrap();
        assert_eq!(shown(&found), "192.0.2.8, 192.0.2.9");
        assert!(answer(&packet, 8, Kind::A).is_none());
        packet[3] = NO_SUCH_NAME;
        assert_eq!(shown(&answer(&packet, 7, Kind::A).unwrap().unwrap()), "nothing");
        packet[3] = 2;
        assert!(answer(&packet, 7, Kind::A).unwrap().is_err());
        for length in 0..packet.len() {
            let _ = answer(&packet[..length], 7, Kind::A);
        }
    }

    #[test]
    fn a_name_that_is_none_is_refused() {
        assert!(question(1, "a..b", Kind::A).is_err());
        assert!(question(1, &"x".repeat(64), Kind::A).is_err());
    }
}
