//! What an identity may do, as Azure lists it, held against what its roles are to give.
//!
//! An operation is allowed where an entry's actions name it and that same entry's exceptions do not: the exceptions of one
//! entry take nothing away from another. `*` stands for any text, also one with slashes in it, and case says nothing.

mod of_zones;
mod pattern;

use serde::Deserialize;

use crate::domain::ZoneKind;
use of_zones::{OF_A_PRIVATE_ZONE, OF_A_ZONE, PRIVATE_ZONE, ZONE};
use pattern::Pattern;

/// The built-in roles for zones, and what each allows below one (contract azure-resource-manager, section 8).
const CONTRIBUTORS: [(ZoneKind, &str); 2] = [
    (ZoneKind::Public, "Microsoft.Network/dnsZones/*"),
    (ZoneKind::Private, "Microsoft.Network/privateDnsZones/*"),
];
/// Worse than all of them.
const GIVE_ROLES: &str = "Microsoft.Authorization/roleAssignments/write";

/// One entry of what an identity may do at a scope.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Permission {
    actions: Option<Vec<String>>,
    not_actions: Option<Vec<String>>,
    data_actions: Option<Vec<String>>,
    not_data_actions: Option<Vec<String>>,
}

impl Permission {
    /// How many of its actions are held against how many exceptions: what judging it costs.
    #[must_use]
    pub fn weight(&self) -> usize {
        let count = |list: &Option<Vec<String>>| list.as_ref().map_or(0, Vec::len);
        let pairs = |actions, exceptions| count(actions).saturating_mul(count(exceptions).saturating_add(1));
        pairs(&self.actions, &self.not_actions)
            .saturating_add(pairs(&self.data_actions, &self.not_data_actions))
    }
}

/// What the roles are to give.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles(Vec<Pattern>);

/// More than that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beyond {
    /// The broadest action that goes beyond, as Azure lists it.
    pub action: String,
    /// What it allows besides, where it is a wildcard and that is known.
    pub such_as: Option<&'static str>,
}

impl Beyond {
    /// The built-in role for zones that gives it, which an installation may have chosen; none where it is none of these.
    #[must_use]
    pub fn contributor(&self) -> Option<&'static str> {
        let given = CONTRIBUTORS.iter().find(|(_, action)| self.action.eq_ignore_ascii_case(action));
        given.map(|(kind, _)| kind.contributor())
    }
}

impl Roles {
    /// Roles with these actions and data actions.
    #[must_use]
    pub fn giving<'a>(actions: impl IntoIterator<Item = &'a str>) -> Self {
        Self(actions.into_iter().map(Pattern::new).collect())
    }

    /// What these entries allow beyond the roles, told by the broadest action, one of which it is known what harm it does before
    /// all others; none where they allow nothing that changes anything beyond them. What only reads is nobody's harm.
    ///
    /// ```
    /// use pure::rights::{Permission, Roles};
    ///
    /// let roles = Roles::giving(["Microsoft.Network/dnsZones/A/write"]);
    /// let entry = |actions: &str| -> Permission { serde_json::from_str(actions).unwrap() };
    /// assert_eq!(roles.exceeded_by(&[entry(r#"{"actions": ["*/read"]}"#)]), None);
    /// assert_eq!(roles.exceeded_by(&[entry(r#"{"actions": ["*"]}"#)]).unwrap().action, "*");
    /// ```
    #[must_use]
    pub fn exceeded_by(&self, entries: &[Permission]) -> Option<Beyond> {
        let beyond = entries.iter().flat_map(|entry| self.exceeded_by_entry(entry));
        let harm = |(pattern, beyond): &(Pattern, Beyond)| (beyond.such_as.is_none(), pattern.narrowness());
        beyond.min_by_key(harm).map(|(_, beyond)| beyond)
    }

    fn exceeded_by_entry(&self, entry: &Permission) -> Vec<(Pattern, Beyond)> {
        let list = |actions: &Option<Vec<String>>| actions.clone().unwrap_or_default();
        let mut all = Vec::new();
        for (actions, exceptions, manages) in [
            (list(&entry.actions), list(&entry.not_actions), true),
            (list(&entry.data_actions), list(&entry.not_data_actions), false),
        ] {
            let exceptions: Vec<Pattern> = exceptions.iter().map(|text| Pattern::new(text)).collect();
            for action in actions {
                let pattern = Pattern::new(&action);
                if let Some(such_as) = self.beyond(&pattern, &exceptions) {
                    // No data action gives a role or writes a zone: what is known of the worst are actions that manage.
                    let such_as = such_as.filter(|_| manages);
                    all.push((pattern, Beyond { action, such_as }));
                }
            }
        }
        all
    }

    /// Whether an action allows something that changes things, that no exception takes away, and that no role is to give;
    /// and what that is, where it is known.
    fn beyond(&self, action: &Pattern, exceptions: &[Pattern]) -> Option<Option<&'static str>> {
        let covers = |operation: &str| {
            exceptions.iter().chain(&self.0).any(|pattern| pattern.covers(&Pattern::new(operation)))
        };
        let known = || {
            let worst_first = [GIVE_ROLES].into_iter().chain(OF_A_ZONE).chain(OF_A_PRIVATE_ZONE);
            worst_first.into_iter().find(|known| action.covers(&Pattern::new(known)) && !covers(known))
        };
        if action.has_wildcard() && (action.is_below(ZONE) || action.is_below(PRIVATE_ZONE)) {
            return known().map(Some);
        }
        let covered =
            |changing: &Pattern| exceptions.iter().chain(&self.0).any(|pattern| pattern.covers(changing));
        let is_beyond = action.changing().iter().any(|changing| !covered(changing));
        is_beyond.then(|| known().filter(|_| action.has_wildcard()))
    }
}

#[cfg(test)]
mod tests;
