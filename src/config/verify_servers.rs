//! Who is asked in place of a zone's own name servers: `DNS_VERIFY_SERVERS`.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::declared::{DNS_VERIFY_SERVERS, PRIVATE_ZONES};
use super::reader::{Reader, members};
use pure::domain::{HostName, ZoneId, ZoneKind, Zones};

/// What answers in a network of Azure for the private zones that it is linked to.
const AZURE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)), 53);

/// `DNS_VERIFY_SERVERS`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyServers {
    /// Name servers of public zones; empty: each zone's own.
    pub public: Vec<SocketAddr>,
    /// Resolvers inside a network that private zones are linked to, by the name of the zone.
    pub private: BTreeMap<HostName, Vec<SocketAddr>>,
}

impl VerifyServers {
    /// Those that are asked about a zone; a private one has no others.
    #[must_use]
    pub fn of(&self, zone: &ZoneId) -> &[SocketAddr] {
        match zone.kind() {
            ZoneKind::Public => &self.public,
            ZoneKind::Private => self.private.get(zone.zone_name()).map(Vec::as_slice).unwrap_or_default(),
        }
    }
}

pub(super) fn read(reader: &mut Reader<'_>) -> VerifyServers {
    let mut servers = VerifyServers::default();
    let Some(text) = reader.text(DNS_VERIFY_SERVERS) else { return servers };
    let mut faults = Vec::new();
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        take(part, &mut servers).unwrap_or_else(|words| faults.extend(words));
    }
    if faults.is_empty() && servers == VerifyServers::default() {
        faults.push(format!("is `{text}`, a list of nothing; name a member, or do not set it"));
    }
    faults.into_iter().for_each(|words| reader.fault(DNS_VERIFY_SERVERS.name, words));
    servers
}

/// One part: servers of public zones, or `ZONE=` and the resolvers of a private one.
fn take(part: &str, servers: &mut VerifyServers) -> Result<(), Vec<String>> {
    let (zone, list) = match part.split_once('=') {
        None => (None, part),
        Some((zone, list)) => {
            let name = HostName::parse(zone.trim()).map_err(|fault| {
                vec![format!(
                    "holds `{part}`, for a zone whose name {fault}; write corp.example.com=10.10.0.4:53"
                )]
            })?;
            (Some(name), list)
        }
    };
    let mut faults = Vec::new();
    let mut read = Vec::new();
    for member in members(list) {
        match member {
            "azure" if zone.is_some() => read.push(AZURE),
            _ if member.contains('=') => {
                faults.push(format!("holds `{member}` after a comma; write a semicolon before each zone"));
            }
            _ => match server(member) {
                Ok(server) => read.push(server),
                Err(words) => faults.push(words),
            },
        }
    }
    if read.is_empty() && faults.is_empty() {
        faults.push(format!(
            "holds `{part}`, a list of nothing; name a resolver, such as 10.10.0.4:53 or azure"
        ));
    }
    match zone {
        None => servers.public.extend(read),
        Some(name) => servers.private.entry(name).or_default().extend(read),
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Says which of them are of a zone that is not managed: nobody would ever be asked.
pub(super) fn look_for_strays(reader: &mut Reader<'_>, servers: &VerifyServers, zones: &Zones) {
    // What is faulty by itself says nothing about what fits.
    if reader.is_faulty(PRIVATE_ZONES) {
        return;
    }
    let is_managed =
        |name: &HostName| zones.iter().any(|zone| zone.id.kind() == ZoneKind::Private && zone.name() == name);
    for name in servers.private.keys().filter(|name| !is_managed(name)) {
        let words =
            format!("names a resolver for `{name}`, which is no zone of PRIVATE_ZONES; nobody asks it");
        reader.warn(DNS_VERIFY_SERVERS, words);
    }
}

/// An address with or without a port; names are not taken, because resolving them would need a server to trust.
fn server(member: &str) -> Result<SocketAddr, String> {
    let bare = member.trim_start_matches('[').trim_end_matches(']');
    if member.parse::<SocketAddr>().is_ok_and(|server| server.port() == 0) {
        return Err(format!(
            "holds `{member}`; nobody answers at port 0, write the server's own, such as 53"
        ));
    }
    member
        .parse::<SocketAddr>()
        .or_else(|_| bare.parse::<IpAddr>().map(|address| SocketAddr::new(address, 53)))
        .map_err(|_| {
            format!(
                "holds `{member}`; write addresses such as 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:53"
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::variables::Variables;

    #[test]
    fn servers_are_addresses_with_or_without_a_port() {
        for (text, expected) in [
            ("192.0.2.53", "192.0.2.53:53"),
            ("192.0.2.53:5353", "192.0.2.53:5353"),
            ("2001:db8::53", "[2001:db8::53]:53"),
            ("[2001:db8::53]", "[2001:db8::53]:53"),
            ("[2001:db8::53]:5353", "[2001:db8::53]:5353"),
        ] {
            assert_eq!(server(text).map(|server| server.to_string()), Ok(expected.to_owned()), "{text}");
        }
        for text in ["ns1.example.com", "192.0.2.53:0", "[2001:db8::53]:0", "192.0.2.53:65536", "azure"] {
            assert!(server(text).is_err(), "{text}");
        }
    }

    /// What was read, and what is wrong with it.
    fn parsed(text: &str) -> (VerifyServers, Vec<String>) {
        let variables: Variables = [("DNS_VERIFY_SERVERS", text)].into_iter().collect();
        let mut reader = Reader::new(&variables);
        let servers = read(&mut reader);
        (servers, reader.into_findings().faults.iter().map(ToString::to_string).collect())
    }

    fn zone(namespace: &str, name: &str) -> ZoneId {
        let id = format!("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/{namespace}/{name}");
        ZoneId::parse(&id).unwrap()
    }

    #[test]
    fn a_private_zone_has_its_own_and_no_others() {
        let text = "192.0.2.53, 192.0.2.54; corp.example.com = 10.10.0.4:53,10.10.0.5 ;lab.example.com=azure";
        let (servers, faults) = parsed(text);
        assert!(faults.is_empty(), "{faults:?}");
        let told = |namespace, name| {
            let zone = zone(namespace, name);
            servers.of(&zone).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(told("privateDnsZones", "corp.example.com"), "10.10.0.4:53 10.10.0.5:53");
        assert_eq!(told("privateDnsZones", "lab.example.com"), "168.63.129.16:53");
        assert_eq!(told("privateDnsZones", "example.com"), "", "a public server knows nothing of it");
        // A public zone of the same name is asked where public zones are.
        for name in ["corp.example.com", "example.com"] {
            assert_eq!(told("dnsZones", name), "192.0.2.53:53 192.0.2.54:53");
        }
        assert!(parsed("corp.example.com=10.10.0.4").0.public.is_empty());
    }

    #[test]
    fn what_is_wrong_is_told_in_words() {
        for (text, expected) in [
            (
                "corp.example.com=",
                "DNS_VERIFY_SERVERS holds `corp.example.com=`, a list of nothing; name a resolver, such as 10.10.0.4:53 or azure",
            ),
            (
                "192.0.2.53,corp.example.com=10.10.0.4",
                "DNS_VERIFY_SERVERS holds `192.0.2.53,corp.example.com=10.10.0.4`, for a zone whose name has a character other than letters, digits and inner hyphens; write corp.example.com=10.10.0.4:53",
            ),
            (
                "a.example.com=10.10.0.4,b.example.com=10.10.0.5",
                "DNS_VERIFY_SERVERS holds `b.example.com=10.10.0.5` after a comma; write a semicolon before each zone",
            ),
            (
                "azure",
                "DNS_VERIFY_SERVERS holds `azure`; write addresses such as 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:53",
            ),
            (" ; ", "DNS_VERIFY_SERVERS is `;`, a list of nothing; name a member, or do not set it"),
        ] {
            assert_eq!(parsed(text).1, [expected]);
        }
    }
}
