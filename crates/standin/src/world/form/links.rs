//! Virtual network links of private zones in a world's document.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{member_of, object, tags_of, text};
use crate::world::{Link, POLICIES, ZoneKind};

pub(super) fn show(link: &Link) -> Value {
    let mut shown = json!({
        "name": link.name, "etag": link.etag, "virtualNetwork": link.network,
        "registrationEnabled": link.registers, "resolutionPolicy": link.resolution_policy,
    });
    if let Some(tags) = &link.tags {
        shown["tags"] = json!(tags);
    }
    shown
}

/// The links of a zone, by name.
pub(super) fn read<'v>(
    kind: ZoneKind,
    given: impl Iterator<Item = (String, &'v Value)>,
) -> Result<BTreeMap<String, Link>, String> {
    let mut links = BTreeMap::new();
    for (place, value) in given {
        if kind == ZoneKind::Public {
            return Err(format!("{place}: only a private zone is linked to networks"));
        }
        let members = object(value, &place)?;
        let own = |name: &str| {
            let value = member_of(members, name).unwrap_or(&Value::Null);
            // A network may be an object with its id, as Azure writes it.
            text(value.get("id").unwrap_or(value), &format!("{place}.{name}"))
        };
        let mut link = Link::new(own("name")?, own("virtualNetwork")?);
        link.registers = match member_of(members, "registrationEnabled") {
            None | Some(Value::Null) => false,
            Some(given) => {
                given.as_bool().ok_or_else(|| format!("{place}.registrationEnabled: a boolean is wanted"))?
            }
        };
        if let Some(policy) = member_of(members, "resolutionPolicy").filter(|given| !given.is_null()) {
            let place = format!("{place}.resolutionPolicy");
            let given = text(policy, &place)?;
            let known = POLICIES.iter().find(|known| known.eq_ignore_ascii_case(given));
            let known = known.ok_or_else(|| format!("{place}: one of {POLICIES:?} is wanted"))?;
            (*known).clone_into(&mut link.resolution_policy);
        }
        if let Some(etag) = member_of(members, "etag").and_then(Value::as_str) {
            etag.clone_into(&mut link.etag);
        }
        let tags = member_of(members, "tags").unwrap_or(&Value::Null);
        link.tags = tags_of(tags, &format!("{place}.tags"))?;
        if links.insert(link.name.to_ascii_lowercase(), link).is_some() {
            return Err(format!("{place}: this link is there twice"));
        }
    }
    Ok(links)
}
