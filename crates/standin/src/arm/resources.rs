//! Resources of all types in one list: `GET …/resources` of a subscription or a group.

mod filter;

use std::ops::Bound;

use axum::http::Method;
use serde_json::{Value, json};

use super::paging::Page;
use super::request::{Request, Scope, no_such_method};
use super::versions;
use crate::Reply;
use crate::world::{Machine, ResourceId, Tags, Zone};

pub(super) use filter::Filter;

/// What a list shows of a resource.
struct Listed<'w> {
    of: &'w ResourceId,
    name: &'w str,
    kind: &'w str,
    location: &'w str,
    tags: Option<&'w Tags>,
}

/// The first of the two lists, in the token of a page.
const MACHINES: &str = "machines";

/// When everything here was made and last changed: a world does not know, and clients want a time.
const MADE: &str = "2024-01-01T00:00:00.0000000Z";

/// Answers with the machines, then the zones, each in the order of their ids.
pub(super) fn list(request: &Request<'_>, scope: Scope<'_>) -> Result<Reply, Reply> {
    versions::check(request, "microsoft.resources", "resources")?;
    if request.call.method != Method::GET {
        return Err(no_such_method(&request.call.method));
    }
    let filter = Filter::wanted(request.call)?;
    let expand = request.call.parameter("$expand").unwrap_or_default().to_ascii_lowercase();
    let mut page = Page::wanted(request.call)?;
    let after = page.after.clone();
    // Which of the two lists the page begins in, and behind which id.
    let (part, last) = after.split_once(' ').unwrap_or((MACHINES, ""));
    let world = request.state.world();
    let wanted = |key: &str, listed: &Listed<'_>| {
        key != last
            && scope.holds(&listed.of.subscription, &listed.of.group)
            && world.may(&request.caller.object_id, &format!("{}/read", listed.kind), &listed.of.text)
            && filter.as_ref().is_none_or(|filter| listed.fits(filter))
    };
    let mut is_full = false;
    // What a caller may not read is left out without a word.
    if part == MACHINES && !request.state.hidden.hides(scope.subscription) {
        for (key, machine) in world.machines.range::<str, _>((Bound::Included(last), Bound::Unbounded)) {
            let listed = of_machine(machine);
            if wanted(key, &listed) && !page.push(format!("{MACHINES} {key}"), listed.show(&expand)) {
                is_full = true;
                break;
            }
        }
    }
    let last_zone = if part == MACHINES { "" } else { last };
    let zones = world.zones.range::<str, _>((Bound::Included(last_zone), Bound::Unbounded));
    for (key, zone) in zones.filter(|_| !is_full) {
        let listed = of_zone(zone);
        if wanted(key, &listed) && !page.push(format!("zones {key}"), listed.show(&expand)) {
            break;
        }
    }
    Ok(page.close(request))
}

fn of_machine(machine: &Machine) -> Listed<'_> {
    Listed {
        of: &machine.id,
        name: &machine.name,
        kind: &machine.kind,
        location: &machine.location,
        tags: machine.tags.as_ref(),
    }
}

fn of_zone(zone: &Zone) -> Listed<'_> {
    Listed {
        of: &zone.id,
        name: &zone.name,
        kind: zone.kind.wire_type(),
        location: "global",
        tags: zone.tags.as_ref(),
    }
}

impl Listed<'_> {
    fn fits(&self, filter: &Filter) -> bool {
        let of = |name: &str| match name {
            "name" => Some(self.name),
            "resourcetype" => Some(self.kind),
            "resourcegroup" => Some(&*self.of.group),
            "location" => Some(self.location),
            _ => None,
        };
        filter.takes(&of, self.tags)
    }

    fn show(&self, expand: &str) -> Value {
        // The group stands in the casing in which it was made, unlike in the DNS providers' own answers.
        let (of, name, kind) = (self.of, self.name, self.kind);
        let (subscription, group) = (&of.subscription, &of.group);
        let id = format!("/subscriptions/{subscription}/resourceGroups/{group}/providers/{kind}/{name}");
        let mut shown = json!({ "id": id, "name": name, "type": kind, "location": self.location });
        if let Some(tags) = self.tags {
            shown["tags"] = json!(tags);
        }
        for (asked, member, value) in [
            ("createdtime", "createdTime", MADE),
            ("changedtime", "changedTime", MADE),
            ("provisioningstate", "provisioningState", "Succeeded"),
        ] {
            if expand.split(',').any(|word| word.trim() == asked) {
                shown[member] = json!(value);
            }
        }
        shown
    }
}
