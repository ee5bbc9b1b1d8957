//! Finding the owner of a name in a zone: exact names, empty non-terminals, wildcards, delegations.

use crate::World;
use crate::world::{Holding, Record, RecordSet, RecordType, ResourceId, Zone, ZoneKind};

/// The public zone that holds a name (lower case, no dot at the end): the one with the longest name. Of several
/// zones of one name the first id answers.
pub(super) fn zone_of<'w>(world: &'w World, name: &str) -> Option<&'w Zone> {
    longest(world.zones.values().filter(|zone| zone.kind == ZoneKind::Public), name)
}

/// The private zone that holds a name for those who are in a network that one is linked to. A zone without a link is seen
/// by nobody.
pub(super) fn private_zone_of<'w>(world: &'w World, name: &str) -> Option<&'w Zone> {
    let seen = |zone: &&Zone| zone.kind == ZoneKind::Private && !zone.links.is_empty();
    longest(world.zones.values().filter(seen), name)
}

fn longest<'w>(zones: impl Iterator<Item = &'w Zone>, name: &str) -> Option<&'w Zone> {
    let mut best: Option<&Zone> = None;
    for zone in zones {
        let longer = best.is_none_or(|best| zone.name.len() > best.name.len());
        if longer && relative(zone, name).is_some() {
            best = Some(zone);
        }
    }
    best
}

/// A name relative to a zone, `@` for the zone itself; none when it lies outside.
pub(super) fn relative<'n>(zone: &Zone, name: &'n str) -> Option<&'n str> {
    if name == zone.name {
        return Some("@");
    }
    name.strip_suffix(zone.name.as_str())?.strip_suffix('.')
}

/// What stands at a name.
pub(super) enum Place<'n> {
    /// Record sets under this relative name (itself, or the wildcard that covers it).
    Sets(std::borrow::Cow<'n, str>),
    /// Nothing, but names exist below it.
    Empty,
    /// Nothing at all.
    Missing,
}

/// Looks a relative name up (RFC 1034, section 4.3.2; RFC 4592 for wildcards).
pub(super) fn place<'n>(zone: &Zone, name: &'n str) -> Place<'n> {
    if has_sets(zone, name) {
        return Place::Sets(name.into());
    }
    if has_below(zone, name) {
        return Place::Empty;
    }
    // The closest encloser alone may lend its wildcard.
    let mut rest = name;
    while let Some((_, above)) = rest.split_once('.') {
        let wildcard = format!("*.{above}");
        if has_sets(zone, &wildcard) {
            return Place::Sets(wildcard.into());
        }
        if has_sets(zone, above) || has_below(zone, above) {
            return Place::Missing;
        }
        rest = above;
    }
    if has_sets(zone, "*") { Place::Sets("*".into()) } else { Place::Missing }
}

fn has_sets(zone: &Zone, name: &str) -> bool {
    sets(zone, name).next().is_some()
}

fn has_below(zone: &Zone, name: &str) -> bool {
    let below = RecordSet::key_below(name);
    let mut after = zone.record_sets.range((below.clone(), RecordType::A)..);
    after.next().is_some_and(|((key, _), _)| key.starts_with(&below))
}

/// All record sets of one relative name.
pub(super) fn sets<'z>(zone: &'z Zone, name: &str) -> impl Iterator<Item = &'z RecordSet> + use<'z> {
    let first = RecordSet::key_of(name, RecordType::A);
    let name = first.0.clone();
    zone.record_sets.range(first..).take_while(move |((owner, _), _)| *owner == name).map(|(_, set)| set)
}

/// The delegation above or at a name, not counting the apex: its relative name and its NS set.
pub(super) fn delegation<'z>(zone: &'z Zone, name: &str) -> Option<&'z RecordSet> {
    if name == "@" {
        return None;
    }
    // The cut nearest to the apex counts.
    let starts = name.match_indices('.').map(|(dot, _)| dot + 1).rev().chain([0]);
    starts
        .filter_map(|start| zone.record_set(name.get(start..)?, RecordType::Ns))
        .find(|set| !set.records().is_empty())
}

/// The records of a set with their TTL; an alias is followed to the set or the public address that it names.
pub(super) fn records(world: &World, zone: &Zone, set: &RecordSet) -> (u32, Vec<Record>) {
    let target = match &set.holding {
        Holding::Records(records) => return (set.ttl.unwrap_or(0), records.clone()),
        Holding::Alias(target) => target,
    };
    let key = target.to_ascii_lowercase();
    if let Some(address) = world.public_ips.get(&key) {
        let record = match (address, set.record_type) {
            (std::net::IpAddr::V4(address), RecordType::A) => Some(Record::A(*address)),
            (std::net::IpAddr::V6(address), RecordType::Aaaa) => {
                Some(Record::Aaaa { address: *address, text: address.to_string() })
            }
            _ => None,
        };
        return (set.ttl.unwrap_or(60), record.into_iter().collect());
    }
    let id = ResourceId::parse(target);
    let inside = id.and_then(|id| {
        let below = id.key();
        let below = below.strip_prefix(&format!("{}/", zone.id.key()))?.to_owned();
        let (kind, name) = below.split_once('/')?;
        zone.record_set(name, RecordType::parse(kind)?)
    });
    match inside {
        // One step only: an alias of an alias is refused when it is made.
        Some(other) if other.record_type == set.record_type => {
            (other.ttl.unwrap_or(0), other.records().to_vec())
        }
        _ => (0, Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn world(sets: &serde_json::Value) -> World {
        let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com";
        World::from_json(&json!({ "zones": [{ "id": id, "recordSets": sets }] })).expect("a world")
    }

    #[test]
    fn a_wildcard_covers_what_has_no_closer_encloser() {
        let a =
            |name: &str| json!({ "name": name, "type": "A", "ARecords": [{ "ipv4Address": "192.0.2.1" }] });
        let world = world(&json!([a("*"), a("x.y"), a("*.z")]));
        let zone = zone_of(&world, "example.com").expect("the zone");
        let found = |name: &str| match place(zone, name) {
            Place::Sets(name) => name.into_owned(),
            Place::Empty => "empty".to_owned(),
            Place::Missing => "missing".to_owned(),
        };
        assert_eq!(found("other"), "*");
        assert_eq!(found("deep.other"), "*");
        assert_eq!(found("x.y"), "x.y");
        assert_eq!(found("y"), "empty");
        assert_eq!(found("q.y"), "missing");
        assert_eq!(found("q.z"), "*.z");
        assert_eq!(found("q.r.z"), "*.z");
    }

    #[test]
    fn the_longest_zone_answers() {
        let id = |name: &str| {
            format!("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/{name}")
        };
        let document = json!({ "zones": [id("example.com"), id("a.example.com")] });
        let world = World::from_json(&document).expect("a world");
        let name = |name: &str| zone_of(&world, name).map(|zone| zone.name.clone());
        assert_eq!(name("x.a.example.com").as_deref(), Some("a.example.com"));
        assert_eq!(name("ba.example.com").as_deref(), Some("example.com"));
        assert_eq!(name("example.org"), None);
    }
}
