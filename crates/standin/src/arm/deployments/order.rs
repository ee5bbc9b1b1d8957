//! The order in which the resources of a template are written, and the templates that have none.

use std::collections::BTreeSet;

use super::refusal::invalid;
use super::template::{Resource, Target};
use crate::Reply;

/// What is to be deployed, in an order in which nothing comes before what it waits for: zones before record sets, which
/// need them; otherwise the template's order. What a condition leaves out is left out here, and nobody waits for it.
///
/// # Errors
/// `InvalidTemplate` for a resource that comes twice, or that waits for itself or for what is not in the template.
pub(super) fn ordered(mut resources: Vec<Resource>) -> Result<Vec<Resource>, Reply> {
    let mut ids = BTreeSet::new();
    for resource in resources.iter().filter(|resource| resource.is_wanted) {
        if !ids.insert(key(resource)) {
            return Err(invalid(format!(
                "the resource '{}' is defined multiple times in a template",
                resource.wire_id()
            )));
        }
    }
    let awaited = resources.iter().map(|resource| awaited(resource, &resources));
    let awaited = awaited.collect::<Result<Vec<_>, _>>()?;
    for (resource, awaited) in resources.iter_mut().zip(awaited) {
        resource.awaited = awaited;
    }
    let mut left: Vec<Resource> = resources.into_iter().filter(|resource| resource.is_wanted).collect();
    left.sort_by_key(|resource| matches!(resource.target, Target::RecordSet { .. }));
    let mut done = Vec::with_capacity(left.len());
    let mut waiting = ids;
    while let Some(first) = left.first() {
        let Some(next) = left.iter().position(|resource| !resource.waits_for_any(&waiting)) else {
            return Err(invalid(format!("circular dependency detected on resource '{}'", first.wire_id())));
        };
        let next = left.remove(next);
        waiting.remove(&key(&next));
        done.push(next);
    }
    Ok(done)
}

/// The ids of what a resource waits for.
fn awaited(resource: &Resource, all: &[Resource]) -> Result<Vec<String>, Reply> {
    let names = resource.waits_for().iter();
    let ids = names.map(|name| {
        let found = all.iter().find(|other| other.is_named(name));
        found.map(key).ok_or_else(|| invalid(format!("the resource '{name}' is not defined in the template")))
    });
    ids.collect()
}

fn key(resource: &Resource) -> String {
    resource.wire_id().to_ascii_lowercase()
}
