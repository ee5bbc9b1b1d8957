//! Whose resources a query sees: of subscriptions, of management groups, or of the whole tenant
//! (contract azure-resource-manager, section 4.5).

use std::collections::BTreeSet;

use super::problem;
use crate::arm::Request;
use crate::world::Role;
use crate::{Reply, World};

/// What a query sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scope {
    /// Subscriptions in lower case.
    pub(super) subscriptions: BTreeSet<String>,
    /// The names of management groups, as they are written. Who asks about subscriptions sees none.
    pub(super) groups: BTreeSet<String>,
    /// What the caller may read; none: everything.
    pub(super) roles: Option<Vec<Role>>,
}

impl Scope {
    /// The scope as a text, by which results are kept apart.
    pub(super) fn text(&self) -> String {
        let list = |set: &BTreeSet<String>| set.iter().map(String::as_str).collect::<Vec<_>>().join(",");
        let roles =
            self.roles.iter().flatten().map(|role| format!("{} {}", role.scope, role.actions.join(",")));
        let roles = roles.collect::<Vec<_>>().join(";");
        format!("{};{};{}{roles}", list(&self.subscriptions), list(&self.groups), self.roles.is_some())
    }

    /// Whether the caller may read a resource; of one that it may not, no row is told.
    pub(super) fn shows(&self, world: &World, kind: &str, id: &str) -> bool {
        self.roles.as_ref().is_none_or(|roles| world.allows(roles, &format!("{kind}/read"), id))
    }
}

/// The scope that a body names. Unknown subscriptions are left out in silence, none at all is refused, and so is any
/// unknown management group. A caller with roles sees what they let it read, and is refused where that is nowhere. Of hidden subscriptions there is nothing to see, which nobody is told.
///
/// # Errors
/// The 403 for what the caller may not see or what is not there.
pub(super) fn of(request: &Request<'_>, subscriptions: &[String], groups: &[String]) -> Result<Scope, Reply> {
    let world = request.state.world();
    let mut scope = named(&world, subscriptions, groups)?;
    scope.subscriptions.retain(|id| !request.state.hidden.hides(id));
    if let Some(roles) = world.roles_of(&request.caller.object_id) {
        scope.subscriptions.retain(|id| world.sees(roles, id));
        if scope.subscriptions.is_empty() {
            return Err(problem::no_subscriptions());
        }
        scope.roles = Some(roles.to_vec());
    }
    Ok(scope)
}

fn named(world: &World, subscriptions: &[String], groups: &[String]) -> Result<Scope, Reply> {
    if subscriptions.is_empty() && groups.is_empty() {
        let all = world.all_groups().into_iter().map(|group| group.name).collect();
        return Ok(Scope { subscriptions: world.subscriptions.clone(), groups: all, roles: None });
    }
    let mut scope = Scope { subscriptions: BTreeSet::new(), groups: BTreeSet::new(), roles: None };
    for name in groups {
        let group = world.group_named(name).ok_or_else(problem::no_access)?;
        add_below(world, group.name, &mut scope);
    }
    let known = world.subscriptions.iter().filter(|id| subscriptions.contains(id));
    scope.subscriptions.extend(known.cloned());
    if !subscriptions.is_empty() && scope.subscriptions.is_empty() {
        return Err(problem::no_subscriptions());
    }
    Ok(scope)
}

/// Adds a group and all that lies below it.
fn add_below(world: &World, name: String, scope: &mut Scope) {
    scope.subscriptions.extend(world.subscriptions_below(&name));
    world.groups_below(&name).into_iter().for_each(|child| add_below(world, child.name, scope));
    scope.groups.insert(name);
}
