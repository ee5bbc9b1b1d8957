//! The world at the start: a house behind one router, an office, twelve shops, a web site, and quiet neighbours.

use std::net::Ipv4Addr;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// The subscription of everything.
pub(crate) const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000001";
/// The zone's name.
pub(crate) const ZONE: &str = "example.com";
/// The machines of the house; each holds `<machine>.home.example.com`.
pub(crate) const HOUSE: [&str; 5] = ["gate", "nas", "cam", "printer", "desk"];
/// Where the house is in the evening.
pub(crate) const HOUSE_EVENING: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 10);
/// Where the provider puts it at night.
pub(crate) const HOUSE_NIGHT: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 7);
/// The machine that goes behind a private link, its name and its address.
pub(crate) const OFFICE: (&str, &str, Ipv4Addr) =
    ("office", "desk.office.example.com", Ipv4Addr::new(198, 51, 100, 30));
/// The private zone that holds its name too, for those inside.
pub(crate) const OFFICE_ZONE: &str = "office.example.com";
/// Its address there in the evening, in the network of another floor.
pub(crate) const OFFICE_EVENING: Ipv4Addr = Ipv4Addr::new(192, 168, 7, 4);
/// The run that made its private name, and when: so long ago that no row of it is missed.
const OFFICE_RUN: &str = "5c1fbe0a-7d43-4a86-9d0e-31b2a4c6f850";
const OFFICE_SINCE: &str = "2025-01-01T00:00:00Z";
/// What that name held before.
const OFFICE_BEFORE: &str = "192.168.7.3";
/// What it lists besides: the network of its containers.
const OFFICE_CONTAINERS: Ipv4Addr = Ipv4Addr::new(172, 17, 0, 1);
/// What its heartbeats carry from then on; the low bits are its private address.
pub(crate) const OFFICE_TUNNEL: &str = "fd40:1085:12:6d79:7712:100:c0a8:4";
/// The private address inside.
pub(crate) const OFFICE_PRIVATE: Ipv4Addr = Ipv4Addr::new(192, 168, 0, 4);
/// The web site: a name that nobody's machine holds, and its address.
pub(crate) const SITE: (&str, Ipv4Addr) = ("www.example.com", Ipv4Addr::new(192, 0, 2, 80));
/// A machine that nobody here knows, and where it beats from.
pub(crate) const STRANGER: (&str, Ipv4Addr) = ("stranger", Ipv4Addr::new(203, 0, 113, 66));
/// How many shops there are.
pub(crate) const SHOPS: u8 = 12;
/// The address of the proxy that appears in front of the shops.
pub(crate) const PROXY: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 200);

/// So many beats, a minute apart, lie behind every machine at the start.
const HISTORY: i64 = 5;
/// Quiet machines sit in so many places.
const QUIET_PLACES: usize = 150;

/// One machine, its name in DNS (none: it claims nothing) and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resident {
    /// The machine's name.
    pub machine: String,
    /// The name that its tag claims.
    pub host_name: Option<String>,
    /// Its address, and that of its record set.
    pub address: Ipv4Addr,
}

/// Everybody, with `quiet` more machines to whom nothing happens.
pub(crate) fn residents(quiet: usize) -> Vec<Resident> {
    let resident = |machine: &str, host_name: &str, address| Resident {
        machine: machine.to_owned(),
        host_name: Some(host_name.to_owned()),
        address,
    };
    let mut all: Vec<Resident> = HOUSE
        .iter()
        .map(|machine| resident(machine, &format!("{machine}.home.{ZONE}"), HOUSE_EVENING))
        .collect();
    all.push(resident(OFFICE.0, OFFICE.1, OFFICE.2));
    all.extend((1..=SHOPS).map(|number| {
        let address = Ipv4Addr::new(192, 0, 2, 100 + number);
        resident(&shop(number), &format!("{}.{ZONE}", shop(number)), address)
    }));
    all.push(Resident { machine: STRANGER.0.to_owned(), host_name: None, address: STRANGER.1 });
    all.extend((0..quiet).map(|number| {
        let name = format!("quiet-{:04}", number + 1);
        resident(&name, &format!("{name}.{ZONE}"), quiet_place(number))
    }));
    all
}

/// The machine of a shop.
pub(crate) fn shop(number: u8) -> String {
    format!("shop-{number:02}")
}

/// Addresses that nobody else in the street has.
fn quiet_place(number: usize) -> Ipv4Addr {
    let place = u8::try_from(number % QUIET_PLACES).unwrap_or_default();
    if place < 75 {
        Ipv4Addr::new(192, 0, 2, 1 + place)
    } else {
        Ipv4Addr::new(198, 51, 100, 100 + (place - 75))
    }
}

/// The Resource Manager id of an Arc machine.
pub(crate) fn machine_id(machine: &str) -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-edge/providers/Microsoft.HybridCompute/machines/{machine}"
    )
}

/// The machines of a world document.
pub(crate) fn machines<'a>(residents: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> Value {
    let machine = |(machine, host_name): (&str, Option<&str>)| {
        let tags = host_name.map_or_else(|| json!({}), |name| json!({ "DNSHostName": name }));
        json!({
            "id": machine_id(machine), "name": machine, "type": "microsoft.hybridcompute/machines",
            "location": "westeurope", "tags": tags,
        })
    };
    residents.into_iter().map(machine).collect()
}

/// Machines and zones of a world document: every name is there and right, and the web site. The private name is one that the
/// installation `owner` has made, for no heartbeat proves whose a private one is.
pub(crate) fn document(residents: &[Resident], owner: &str) -> Value {
    let set = |name: &str, address: Ipv4Addr| json!({ "name": name, "type": "A", "TTL": 60, "ARecords": [{ "ipv4Address": address }] });
    let named =
        residents.iter().filter_map(|resident| Some((resident.host_name.as_deref()?, resident.address)));
    let sets: Vec<Value> = named.chain([SITE]).map(|(name, address)| set(name, address)).collect();
    let pairs = residents.iter().map(|resident| (resident.machine.as_str(), resident.host_name.as_deref()));
    json!({ "machines": machines(pairs), "zones": [zone(&sets), office_zone(owner)] })
}

/// The zone with these record sets.
pub(crate) fn zone(sets: &[Value]) -> Value {
    let id = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/{ZONE}"
    );
    json!({ "id": id, "recordSets": sets })
}

/// The private zone of the office, which one network sees, and the name in it. Its TTL is as short as nights are here.
fn office_zone(owner: &str) -> Value {
    let of = |kind: &str| {
        format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-dns/providers/Microsoft.Network/{kind}")
    };
    let name = OFFICE.1.strip_suffix(&format!(".{OFFICE_ZONE}")).unwrap_or(OFFICE.1);
    let mark = json!({
        "heartbeat_dns_v": "1", "heartbeat_dns_owner": owner, "heartbeat_dns_machine": machine_id(OFFICE.0),
        "heartbeat_dns_run": OFFICE_RUN, "heartbeat_dns_time": OFFICE_SINCE, "heartbeat_dns_previous": OFFICE_BEFORE,
    });
    let set = json!({
        "name": name, "type": "A", "ttl": 2, "aRecords": [{ "ipv4Address": OFFICE_EVENING }], "metadata": mark,
    });
    let link = json!({ "name": "office", "virtualNetwork": of("virtualNetworks/office") });
    json!({ "id": of(&format!("privateDnsZones/{OFFICE_ZONE}")), "recordSets": [set], "virtualNetworkLinks": [link] })
}

/// The beats that lie behind everybody at the start, newest last.
pub(crate) fn history(residents: &[Resident], now: Timestamp) -> Vec<Value> {
    let ago = |minutes: i64| now.saturating_sub(SignedDuration::from_mins(minutes)).unwrap_or(now);
    (0..HISTORY)
        .rev()
        .flat_map(|minutes| {
            let time = ago(minutes);
            residents.iter().map(move |resident| {
                let beat = beat(&resident.machine, &resident.address.to_string(), time);
                if resident.machine == OFFICE.0 { inside(beat, OFFICE_EVENING) } else { beat }
            })
        })
        .collect()
}

/// One heartbeat.
pub(crate) fn beat(machine: &str, address: &str, time: Timestamp) -> Value {
    json!({
        "TimeGenerated": time.to_string(), "Computer": machine, "ComputerIP": address,
        "_ResourceId": machine_id(machine), "RemoteIPCountry": "Switzerland", "Version": "1.33.1",
    })
}

/// The same beat, by which a machine tells of its own addresses as well.
pub(crate) fn inside(mut beat: Value, own: Ipv4Addr) -> Value {
    beat["ComputerPrivateIPs"] = json!([OFFICE_CONTAINERS, own]);
    beat
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn nobody_shares_an_address_but_the_house_and_the_quiet() {
        let street = residents(QUIET_PLACES);
        let addresses: BTreeSet<_> = street.iter().map(|resident| resident.address).collect();
        assert_eq!(addresses.len(), street.len() - (HOUSE.len() - 1));
        for taken in [HOUSE_NIGHT, PROXY, SITE.1] {
            assert!(!addresses.contains(&taken), "{taken}");
        }
    }
}
