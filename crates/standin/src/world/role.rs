//! What a principal may do: actions, each below a scope.

use super::World;
use super::lock::is_at_or_below;

/// One assignment of a role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Role {
    /// The id below which it holds; `/` is above all.
    pub scope: String,
    /// Actions, each with at most some `*` in it.
    pub actions: Vec<String>,
    /// Actions that these do not mean.
    pub not_actions: Vec<String>,
    /// Data actions. Nothing here asks which of both an operation is: whoever names it may do it.
    pub data_actions: Vec<String>,
    /// Data actions that these do not mean.
    pub not_data_actions: Vec<String>,
}

impl Role {
    /// Whether it names an action, and does not take it away again.
    fn names(&self, action: &str) -> bool {
        let any = |patterns: &[String]| patterns.iter().any(|pattern| fits(pattern, action));
        any(&self.actions) && !any(&self.not_actions)
            || any(&self.data_actions) && !any(&self.not_data_actions)
    }
}

impl World {
    /// The roles of whoever has this object id; none: it may do everything. Who is no client is the app's own identity.
    pub(crate) fn roles_of(&self, object_id: &str) -> Option<&[Role]> {
        let of = |client: &&super::Client| client.object_id.eq_ignore_ascii_case(object_id);
        match self.clients.iter().find(of) {
            Some(client) => client.roles.as_deref(),
            None => self.identity_roles.as_deref(),
        }
    }

    /// Whether whoever has this object id may do something at a scope. A scope that the world does not know, which is
    /// empty, lies below any.
    pub(crate) fn may(&self, object_id: &str, action: &str, scope: &str) -> bool {
        self.roles_of(object_id).is_none_or(|roles| self.allows(roles, action, scope))
    }

    /// Whether one of these roles allows an action at a scope.
    pub(crate) fn allows(&self, roles: &[Role], action: &str, scope: &str) -> bool {
        let mut fitting = roles.iter().filter(|role| role.names(action));
        fitting.any(|role| scope.is_empty() || self.reaches(&role.scope, scope))
    }

    /// Whether any of these roles holds at a subscription, above it or below it.
    pub(crate) fn sees(&self, roles: &[Role], subscription: &str) -> bool {
        let id = format!("/subscriptions/{subscription}");
        roles.iter().any(|role| self.reaches(&role.scope, &id) || is_at_or_below(&role.scope, &id))
    }

    /// Whether a role's scope is a resource, lies above it, or is a management group above its subscription.
    pub(crate) fn reaches(&self, role: &str, scope: &str) -> bool {
        let role = role.trim_end_matches('/');
        if role.is_empty() || is_at_or_below(scope, role) {
            return true;
        }
        let mut segments = scope.split('/').skip(1);
        let is_below = segments.next().is_some_and(|first| first.eq_ignore_ascii_case("subscriptions"));
        let subscription = segments.next().filter(|_| is_below).unwrap_or_default().to_ascii_lowercase();
        let mut above = self.groups_above_subscription(&subscription).into_iter();
        !subscription.is_empty() && above.any(|group| group.id().eq_ignore_ascii_case(role))
    }
}

/// Whether an action is one that a role names; `*` stands for any text, also one with slashes in it.
fn fits(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| action.strip_prefix(first)) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        let action = "Microsoft.Network/dnszones/A/write";
        for (pattern, is_meant) in [
            ("*", true),
            ("*/write", true),
            ("*/read", false),
            ("microsoft.network/DNSZONES/*", true),
            ("Microsoft.Network/dnszones/A/write", true),
            ("Microsoft.Network/dnszones/A", false),
            ("Microsoft.Network/*/A/*", true),
            ("Microsoft.Network/*/AAAA/*", false),
            ("Microsoft.Network/dnszones/A/write*more", false),
        ] {
            assert_eq!(fits(pattern, action), is_meant, "{pattern}");
        }
    }

    #[test]
    fn exceptions_take_away_from_their_own_list_and_their_own_role() {
        let list = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let role = |actions: &str, not: &str, data: &str, not_data: &str| Role {
            scope: "/".to_owned(),
            actions: list(actions),
            not_actions: list(not),
            data_actions: list(data),
            not_data_actions: list(not_data),
        };
        assert!(!role("*", "*/write", "", "").names("A.B/c/write"));
        assert!(role("*", "*/write", "", "").names("A.B/c/read"));
        assert!(role("", "*/write", "A.B/c/write", "").names("A.B/c/write"));
        assert!(!role("", "", "A.B/*", "A.B/c/WRITE").names("A.B/c/write"));
        let both = [role("*", "*/write", "", ""), role("A.B/c/write", "", "", "")];
        assert!(World::default().allows(&both, "A.B/c/write", "/"), "another role gives it");
    }

    #[test]
    fn a_role_holds_at_its_scope_and_below_it_and_nowhere_else() {
        let world = World::default();
        let subscription = "/subscriptions/00000000-0000-0000-0000-000000000001";
        let group = format!("{subscription}/resourceGroups/rg-a");
        let may = |scope: &str| {
            let actions = vec!["*/read".to_owned()];
            let roles = [Role { scope: scope.to_owned(), actions, ..Role::default() }];
            world.allows(&roles, "A.B/c/read", &format!("{group}/providers/A.B/c/d"))
        };
        let root = world.root_group().id();
        assert!([subscription, &group, "/", &root].into_iter().all(may));
        assert!(
            ![&format!("{group}b"), "/subscriptions/other", ""]
                .into_iter()
                .any(|scope| !scope.is_empty() && may(scope))
        );
        let roles = [Role { scope: group, ..Role::default() }];
        assert!(world.sees(&roles, "00000000-0000-0000-0000-000000000001") && !world.sees(&roles, "other"));
    }
}
