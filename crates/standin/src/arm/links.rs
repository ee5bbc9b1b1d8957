//! The networks that a private zone is linked to; writes and deletions of links are long-running.

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::conditions::{self, Subject};
use super::paging::Page;
use super::request::{Request, Scope, no_such_method};
use super::tag_rules::{self, Holder};
use super::zones;
use crate::quotas::Operation;
use crate::world::record::member_of;
use crate::world::{Link, POLICIES, ResourceId, Zone, ZoneKind};
use crate::{Reply, World};

/// The links of a zone.
pub(super) fn list(request: &Request<'_>, scope: Scope<'_>, zone: &str) -> Result<Reply, Reply> {
    if request.call.method != Method::GET {
        return Err(no_such_method(&request.call.method));
    }
    let id = zones::id_of(&scope, ZoneKind::Private, zone)?;
    request.state.quotas.dns(&id.text, ZoneKind::Private, Operation::List, "/virtualNetworkLinks")?;
    let mut page = Page::wanted(request.call)?;
    let world = request.state.world();
    let zone = zones::find(&world, &id)?;
    for (key, link) in zone.links.range(page.after.clone()..) {
        if *key != page.after && !page.push(key.clone(), shown(request, link, zone)) {
            break;
        }
    }
    Ok(page.close(request))
}

/// One link.
pub(super) fn one(request: &Request<'_>, scope: Scope<'_>, zone: &str, name: &str) -> Result<Reply, Reply> {
    let id = zones::id_of(&scope, ZoneKind::Private, zone)?;
    let count =
        |operation| request.state.quotas.dns(&id.text, ZoneKind::Private, operation, "/virtualNetworkLinks");
    let key = name.to_ascii_lowercase();
    match request.call.method {
        Method::GET => {
            count(Operation::Get)?;
            let world = request.state.world();
            let zone = zones::find(&world, &id)?;
            let link = zone.links.get(&key).ok_or_else(|| missing(&id, name))?;
            Ok(Reply::json(200, &shown(request, link, zone)).with_header("ETag", link.etag.clone()))
        }
        Method::PUT | Method::PATCH => {
            count(Operation::Create)?;
            let body = request.call.object()?;
            let written = write(&mut request.state.world_mut(), request, &id, name, &body);
            Ok(zones::accept(request, scope, written)?.with_json(&json!({})))
        }
        Method::DELETE => {
            count(Operation::Delete)?;
            let mut world = request.state.world_mut();
            let zone = zones::find_mut(&mut world, &id)?;
            let Some(link) = zone.links.get(&key) else {
                return Ok(Reply::empty(204));
            };
            let subject = Subject::Link { name, zone: &id.name };
            let met = conditions::check(request.call, &subject, Some(plain(&link.etag)));
            if met.is_ok() {
                zone.links.remove(&key);
                changed(&mut world);
            }
            drop(world);
            zones::accept(request, scope, met)
        }
        _ => Err(no_such_method(&request.call.method)),
    }
}

/// The version from which on a link says how names are answered that its zone does not hold.
const WITH_POLICY: &str = "2024-06-01";

/// Characters of a link's name at most.
const LONGEST_NAME: usize = 80;

/// A link as a version shows it; versions are dates.
fn shown(request: &Request<'_>, link: &Link, zone: &Zone) -> Value {
    let mut shown = link.to_json(zone);
    if request.version.as_str() < WITH_POLICY
        && let Some(properties) = shown["properties"].as_object_mut()
    {
        properties.remove("resolutionPolicy");
    }
    shown
}

/// An etag as conditions are compared with it, without its quotes.
fn plain(etag: &str) -> &str {
    etag.trim_matches('"')
}

fn changed(world: &mut World) {
    world.zones_revision += 1;
    world.zone_list_revision += 1;
}

fn missing(id: &ResourceId, name: &str) -> Reply {
    let message = format!(
        "The Resource 'Microsoft.Network/privateDnsZones/{}/virtualNetworkLinks/{name}' under resource group '{}' was \
         not found.",
        id.name, id.group
    );
    Reply::wrapped(404, "ResourceNotFound", &message)
}

fn bad(message: impl AsRef<str>) -> Reply {
    Reply::bare(400, "BadRequest", message.as_ref())
}

/// Whether a link can have this name: at most 80 letters, digits, `_`, `.` and `-`, of which a letter or digit is the
/// first, and one of these or `_` the last.
fn is_name(name: &str) -> bool {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let bytes = name.as_bytes();
    bytes.len() <= LONGEST_NAME
        && bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(is_word)
        && bytes.iter().all(|byte| is_word(byte) || b".-".contains(byte))
}

/// Creates or changes a link.
fn write(
    world: &mut World,
    request: &Request<'_>,
    id: &ResourceId,
    name: &str,
    members: &Map<String, Value>,
) -> Result<(), Reply> {
    zones::find_parent(world, id)?;
    let zone = zones::find(world, id)?;
    let key = name.to_ascii_lowercase();
    let present = zone.links.get(&key);
    let merges = request.call.method == Method::PATCH;
    if merges && present.is_none() {
        return Err(missing(id, name));
    }
    if !is_name(name) {
        return Err(bad(format!("'{name}' is no name of a virtual network link.")));
    }
    let subject = Subject::Link { name, zone: &id.name };
    conditions::check(request.call, &subject, present.map(|link| plain(&link.etag)))?;
    let location = member_of(members, "location").and_then(Value::as_str);
    if !merges && !location.is_some_and(|location| location.eq_ignore_ascii_case("global")) {
        let message = "The location of a virtual network link must be 'global'.";
        return Err(Reply::wrapped(400, "LocationNotAvailableForResourceType", message));
    }
    let link = made(zone, name, members, present.cloned(), merges)?;
    if let Some(other) =
        world.zones.values().find(|other| other.id.key() != zone.id.key() && registers(other, &link))
    {
        let message = format!(
            "A virtual network can only be linked to 1 Private DNS zone(s) with auto-registration enabled; \
             conflicting Private DNS zone is '{}'.",
            other.id.key()
        );
        return Err(Reply::bare(409, "Conflict", &message));
    }
    zones::find_mut(world, id)?.links.insert(key, link);
    changed(world);
    Ok(())
}

/// Whether the machines of a network that a link would register are registered in this zone already.
fn registers(zone: &Zone, link: &Link) -> bool {
    link.registers
        && zone
            .links
            .values()
            .any(|other| other.registers && other.network.eq_ignore_ascii_case(&link.network))
}

/// The link that a body asks for.
fn made(
    zone: &Zone,
    name: &str,
    members: &Map<String, Value>,
    present: Option<Link>,
    merges: bool,
) -> Result<Link, Reply> {
    let empty = Map::new();
    let properties = match member_of(members, "properties") {
        None | Some(Value::Null) => &empty,
        Some(Value::Object(properties)) => properties,
        Some(_) => return Err(bad("The properties of the link must be an object.")),
    };
    let network = member_of(properties, "virtualNetwork").and_then(|network| network.get("id")?.as_str());
    let mut link = match (present, network) {
        (Some(present), Some(network)) if !present.network.eq_ignore_ascii_case(network) => {
            return Err(bad(format!("The virtual network of the link '{name}' cannot be changed.")));
        }
        (Some(present), _) if merges => present,
        (Some(present), Some(_)) => Link { name: present.name.clone(), ..Link::new(name, &present.network) },
        (None, Some(network)) => Link::new(name, network),
        (_, None) => return Err(bad("The virtual network of the link must be specified.")),
    };
    let is_network = ResourceId::parse(&link.network)
        .is_some_and(|id| id.kind.eq_ignore_ascii_case("Microsoft.Network/virtualNetworks"));
    if !is_network {
        return Err(bad(format!("'{}' is not the id of a virtual network.", link.network)));
    }
    let same = |other: &&Link| {
        other.network.eq_ignore_ascii_case(&link.network) && !other.name.eq_ignore_ascii_case(name)
    };
    if let Some(other) = zone.links.values().find(same) {
        let message =
            format!("The virtual network is already linked to the zone by the link '{}'.", other.name);
        return Err(Reply::bare(409, "Conflict", &message));
    }
    match member_of(properties, "registrationEnabled") {
        None | Some(Value::Null) => {}
        Some(Value::Bool(registers)) => link.registers = *registers,
        Some(_) => return Err(bad("'registrationEnabled' must be a boolean.")),
    }
    match member_of(properties, "resolutionPolicy") {
        None | Some(Value::Null) => {}
        Some(given) => {
            let known = POLICIES
                .iter()
                .find(|known| given.as_str().is_some_and(|given| given.eq_ignore_ascii_case(known)));
            let known =
                known.ok_or_else(|| bad(format!("The resolution policy must be one of {POLICIES:?}.")))?;
            (*known).clone_into(&mut link.resolution_policy);
        }
    }
    if let Some(tags) = member_of(members, "tags") {
        link.tags = tag_rules::read(tags)?;
        if let Some(tags) = &link.tags {
            Holder::Zone.check(tags)?;
        }
    }
    link.etag = Link::next_etag();
    Ok(link)
}
