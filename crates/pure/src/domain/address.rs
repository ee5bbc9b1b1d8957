//! What an IP address can be reached from, and its one text form.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where an address belongs: only [`AddressClass::Global`] may stand in a public zone without being asked for.
///
/// ```
/// use pure::domain::{AddressClass, parse_address};
///
/// let public = parse_address("9.9.9.9").unwrap();
/// assert_eq!(AddressClass::of(public), AddressClass::Global);
/// assert!(parse_address("9.9.9").is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressClass {
    /// Reachable from everywhere.
    Global,
    /// Private networks of RFC 1918.
    Private,
    /// Shared address space behind a carrier's NAT, `100.64.0.0/10`.
    Shared,
    /// This very machine.
    Loopback,
    /// One link only.
    LinkLocal,
    /// Many receivers.
    Multicast,
    /// Unique local IPv6, `fc00::/7`, other than a private-link tunnel.
    UniqueLocal,
    /// What `ComputerIP` turns to behind an Azure Monitor private link: `fd40:…` with the machine's private IPv4 in
    /// its low 32 bits (contract azure-monitor, section 5.4).
    PrivateLink {
        /// The private IPv4 inside.
        inner: Ipv4Addr,
    },
    /// Set aside for examples.
    Documentation,
    /// The address of Azure's platform inside every virtual network, `168.63.129.16`.
    AzurePlatform,
    /// Everything else that no host on the internet has.
    Reserved,
}

impl AddressClass {
    /// The class of an address; an IPv4 address mapped into IPv6 is judged as the IPv4 address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::of_v4(address),
            IpAddr::V6(address) => Self::of_v6(address),
        }
    }

    fn of_v4(address: Ipv4Addr) -> Self {
        let octets = address.octets();
        match octets {
            _ if address == AZURE_PLATFORM => Self::AzurePlatform,
            [127, ..] => Self::Loopback,
            [169, 254, ..] => Self::LinkLocal,
            [100, 64..=127, ..] => Self::Shared,
            [224..=239, ..] => Self::Multicast,
            _ if address.is_private() => Self::Private,
            _ if address.is_documentation() => Self::Documentation,
            // This network, protocol assignments, former 6to4 relays, benchmarks, future use and broadcast.
            [0 | 240..=255, ..] | [192, 0, 0, _] | [192, 88, 99, _] | [198, 18 | 19, ..] => Self::Reserved,
            _ => Self::Global,
        }
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        let segments = address.segments();
        match segments {
            [0, 0, 0, 0, 0, 0, 0, 1] => Self::Loopback,
            [0xfd40, ..] => Self::PrivateLink { inner: low_bits(segments) },
            [0xfc00..=0xfdff, ..] => Self::UniqueLocal,
            // Link-local, and the site-local addresses that were given up.
            [0xfe80..=0xfeff, ..] => Self::LinkLocal,
            [0xff00..=0xffff, ..] => Self::Multicast,
            [0x2001, 0xdb8, ..] | [0x3fff, 0..=0x0fff, ..] => Self::Documentation,
            // Teredo, benchmarks, ORCHID and the rest of the protocol assignments; 6to4.
            [0x2001, 0..=0x01ff, ..] | [0x2002, ..] => Self::Reserved,
            // Global unicast is 2000::/3; nothing else is assigned to hosts, NAT64 prefixes included.
            [0x2000..=0x3fff, ..] => Self::Global,
            _ => Self::Reserved,
        }
    }
}

impl fmt::Display for AddressClass {
    /// Words that fit after "is".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Global => "a public address",
            Self::Private => "a private address (RFC 1918)",
            Self::Shared => "shared address space behind a carrier's NAT (100.64.0.0/10)",
            Self::Loopback => "a loopback address",
            Self::LinkLocal => "a link-local address",
            Self::Multicast => "a multicast address",
            Self::UniqueLocal => "a unique local IPv6 address",
            Self::PrivateLink { .. } => "a private-link tunnel address",
            Self::Documentation => "an address set aside for documentation",
            Self::AzurePlatform => "the address of Azure's own platform services",
            Self::Reserved => "a reserved address",
        })
    }
}

const AZURE_PLATFORM: Ipv4Addr = Ipv4Addr::new(168, 63, 129, 16);

fn low_bits(segments: [u16; 8]) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(segments[6]) << 16 | u32::from(segments[7]))
}

/// Reads an address in any usual text form; blanks around it are ignored, mapped IPv6 is unwrapped.
///
/// Its [`ToString`] is the canonical text (RFC 5952) in which addresses are stored and compared.
#[must_use]
pub fn parse_address(text: &str) -> Option<IpAddr> {
    text.trim().parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// Addresses as text, sorted as text, joined by commas: how a set of them stands in tables.
#[must_use]
pub fn join_addresses(addresses: &BTreeSet<IpAddr>) -> String {
    let mut texts: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    texts.sort();
    texts.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_its_addresses() {
        let cases = [
            ("9.9.9.9", AddressClass::Global),
            ("2620:fe::9", AddressClass::Global),
            ("2001:200::1", AddressClass::Global),
            ("10.0.0.4", AddressClass::Private),
            ("172.31.255.255", AddressClass::Private),
            ("172.32.0.1", AddressClass::Global),
            ("192.168.0.4", AddressClass::Private),
            ("100.64.0.1", AddressClass::Shared),
            ("100.128.0.1", AddressClass::Global),
            ("127.0.0.1", AddressClass::Loopback),
            ("::1", AddressClass::Loopback),
            ("169.254.169.254", AddressClass::LinkLocal),
            ("fe80::1", AddressClass::LinkLocal),
            ("fec0::1", AddressClass::LinkLocal),
            ("224.0.0.1", AddressClass::Multicast),
            ("ff02::1", AddressClass::Multicast),
            ("fd00::1", AddressClass::UniqueLocal),
            ("192.0.2.1", AddressClass::Documentation),
            ("198.51.100.1", AddressClass::Documentation),
            ("203.0.113.1", AddressClass::Documentation),
            ("2001:db8::1", AddressClass::Documentation),
            ("3fff:fff::1", AddressClass::Documentation),
            ("3fff:1000::1", AddressClass::Global),
            ("168.63.129.16", AddressClass::AzurePlatform),
            ("0.0.0.0", AddressClass::Reserved),
            ("192.0.0.8", AddressClass::Reserved),
            ("198.18.0.1", AddressClass::Reserved),
            ("255.255.255.255", AddressClass::Reserved),
            ("::", AddressClass::Reserved),
            ("64:ff9b::a00:4", AddressClass::Reserved),
            ("2001::1", AddressClass::Reserved),
            ("2002:a00:4::1", AddressClass::Reserved),
            ("::ffff:10.0.0.4", AddressClass::Private),
            ("::ffff:9.9.9.9", AddressClass::Global),
        ];
        for (text, class) in cases {
            assert_eq!(AddressClass::of(parse_address(text).unwrap()), class, "{text}");
        }
    }

    #[test]
    fn a_private_link_address_shows_the_ipv4_inside() {
        let address = parse_address("fd40:1085:12:6d79:7712:100:a00:4").unwrap();
        assert_eq!(
            AddressClass::of(address),
            AddressClass::PrivateLink { inner: Ipv4Addr::new(10, 0, 0, 4) }
        );
    }

    #[test]
    fn texts_become_one_form() {
        assert_eq!(parse_address(" 2001:db8:0:0:0:0:0:11 ").unwrap().to_string(), "2001:db8::11");
        assert_eq!(parse_address("::ffff:203.0.113.7").unwrap().to_string(), "203.0.113.7");
        for nonsense in ["", "1.2.3", "1.2.3.4.5", "010.0.0.1", "fe80::1%eth0", "203.0.113.7/32", "host"] {
            assert_eq!(parse_address(nonsense), None, "{nonsense}");
        }
    }
}
