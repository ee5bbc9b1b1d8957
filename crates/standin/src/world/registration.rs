//! What Azure registers of itself: in a private zone, the virtual machines of the networks whose link says so.
//!
//! Who is registered is what the world says of machines and of their network interfaces. A set that somebody wrote
//! stays, and hides the machine; once it is gone, the machine is registered again.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::Arc;

use serde_json::Value;

use super::{Holding, Machine, Plain, Record, RecordSet, RecordType, World, Zone, guid};

/// The TTL of what Azure registers.
const TTL: u32 = 10;

/// Where a machine is registered: the zone's id in lower case, and the name of the A set.
type Place = (String, String);

/// A difference between who should be registered and who is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Registration {
    place: Place,
    /// The address that should be there; none: nothing of Azure's should.
    address: Option<Ipv4Addr>,
}

/// The sets that Azure put there itself; others that call themselves registered came with the document.
pub(crate) type Registered = BTreeSet<Place>;

impl World {
    /// What is still to be registered, or to be taken away.
    pub(crate) fn registrations(&self) -> Vec<Registration> {
        let wanted = self.wanted();
        let missing = wanted.iter().filter(|(place, address)| self.is_missing(place, **address));
        let missing =
            missing.map(|(place, address)| Registration { place: place.clone(), address: Some(*address) });
        let over = self.registered.iter().filter(|place| !wanted.contains_key(*place));
        let over = over.map(|place| Registration { place: place.clone(), address: None });
        missing.chain(over).collect()
    }

    /// Makes one of those differences good.
    pub(crate) fn register(&mut self, Registration { place, address }: &Registration) {
        let (zone, name) = place;
        match address {
            Some(_) => self.registered.insert(place.clone()),
            None => self.registered.remove(place),
        };
        let Some(zone) = self.zones.get_mut(zone) else { return };
        let present = zone.record_set(name, RecordType::A);
        match (present, address) {
            (Some(present), Some(address)) if holds(present, *address) => return,
            (Some(present), _) if !present.auto_registered => return,
            (None, None) => return,
            _ => {}
        }
        let key = RecordSet::key_of(name, RecordType::A);
        let sets = Arc::make_mut(&mut zone.record_sets);
        match address {
            Some(address) => sets.insert(key, registered(name, *address)),
            None => sets.remove(&key),
        };
        self.zones_revision += 1;
    }

    /// Whether a machine is not told as it should be, and nothing else stands in its place.
    fn is_missing(&self, place: &Place, address: Ipv4Addr) -> bool {
        let (zone, name) = place;
        let Some(zone) = self.zones.get(zone) else { return false };
        match zone.record_set(name, RecordType::A) {
            Some(set) => set.auto_registered && !(holds(set, address) && self.registered.contains(place)),
            None => {
                zone.record_set(name, RecordType::Cname).is_none()
                    && zone.record_sets.len() < zone.record_set_limit
            }
        }
    }

    /// Who should be registered, and where. Of two machines of one name the one with the first interface is.
    fn wanted(&self) -> BTreeMap<Place, Ipv4Addr> {
        let mut wanted = BTreeMap::new();
        let registering = registering(&self.zones);
        if registering.is_empty() {
            return wanted;
        }
        for interface in self.plain.values().filter(|plain| is_interface(plain)) {
            let Some((network, address)) = configured(interface) else { continue };
            let Some(zone) = registering.get(&network) else { continue };
            let machine = interface.properties["virtualMachine"]["id"].as_str();
            let machine = machine.and_then(|id| self.machines.get(&id.to_ascii_lowercase()));
            let Some(machine) = machine.filter(|machine| is_primary(interface, machine)) else { continue };
            wanted.entry(((*zone).to_owned(), name_of(machine))).or_insert(address);
        }
        wanted
    }
}

/// The networks whose machines are registered, in lower case, with the key of the zone.
fn registering(zones: &BTreeMap<String, Zone>) -> BTreeMap<String, &str> {
    let links = zones.iter().flat_map(|(key, zone)| zone.links.values().map(move |link| (key, link)));
    let links = links.filter(|(_, link)| link.registers);
    links.map(|(key, link)| (link.network.to_ascii_lowercase(), key.as_str())).collect()
}

fn is_interface(plain: &Plain) -> bool {
    plain.id.kind.eq_ignore_ascii_case("Microsoft.Network/networkInterfaces")
}

/// The network in which an interface lies, in lower case, and its first address there: that of its primary
/// configuration, or of the first one when none says that it is.
fn configured(interface: &Plain) -> Option<(String, Ipv4Addr)> {
    let all = interface.properties["ipConfigurations"].as_array()?;
    let is_primary = |one: &&Value| one["properties"]["primary"] == true;
    let chosen = &all.iter().find(is_primary).or_else(|| all.first())?["properties"];
    let subnet = chosen["subnet"]["id"].as_str()?.to_ascii_lowercase();
    let (network, _) = subnet.split_once("/subnets/")?;
    Some((network.to_owned(), chosen["privateIPAddress"].as_str()?.parse().ok()?))
}

/// Whether an interface is the one by which a virtual machine is registered. It says so itself, or the machine says so,
/// or the machine speaks of no other.
fn is_primary(interface: &Plain, machine: &Machine) -> bool {
    if !machine.kind.eq_ignore_ascii_case("Microsoft.Compute/virtualMachines") {
        return false;
    }
    if let Some(said) = interface.properties["primary"].as_bool() {
        return said;
    }
    let own =
        machine.properties.as_deref().map(|properties| &properties["networkProfile"]["networkInterfaces"]);
    let Some(own) = own.and_then(Value::as_array).filter(|own| own.len() > 1) else { return true };
    own.iter().any(|one| {
        let same = one["id"].as_str().is_some_and(|id| id.eq_ignore_ascii_case(&interface.id.text));
        same && one["properties"]["primary"] == true
    })
}

/// The name that a machine calls itself, or that Azure calls it.
fn name_of(machine: &Machine) -> String {
    let own = machine.properties.as_deref().and_then(|own| own["osProfile"]["computerName"].as_str());
    own.unwrap_or(&machine.name).to_ascii_lowercase()
}

fn holds(set: &RecordSet, address: Ipv4Addr) -> bool {
    set.records() == [Record::A(address)]
}

fn registered(name: &str, address: Ipv4Addr) -> RecordSet {
    RecordSet {
        name: name.to_owned(),
        record_type: RecordType::A,
        etag: guid(),
        ttl: Some(TTL),
        metadata: None,
        holding: Holding::Records(vec![Record::A(address)]),
        auto_registered: true,
    }
}
