//! What an identity may do, as Azure lists it, held against what its roles are to give.
//!
//! An operation is allowed where an entry's actions name it and that same entry's exceptions do not: the exceptions of one
//! entry take nothing away from another. `*` stands for any text, also one with slashes in it, and case says nothing.

mod pattern;

use serde::Deserialize;

use pattern::Pattern;

/// Everything below a public DNS zone that changes something: a wildcard that stays in there is judged by these, every other
/// one by what it may stand for. The first ones are the worst.
const OF_A_ZONE: [&str; 30] = [
    "Microsoft.Network/dnszones/delete",
    "Microsoft.Network/dnszones/write",
    "Microsoft.Network/dnszones/NS/write",
    "Microsoft.Network/dnszones/NS/delete",
    "Microsoft.Network/dnszones/SOA/write",
    "Microsoft.Network/dnszones/MX/write",
    "Microsoft.Network/dnszones/MX/delete",
    "Microsoft.Network/dnszones/TXT/write",
    "Microsoft.Network/dnszones/TXT/delete",
    "Microsoft.Network/dnszones/CNAME/write",
    "Microsoft.Network/dnszones/CNAME/delete",
    "Microsoft.Network/dnszones/CAA/write",
    "Microsoft.Network/dnszones/CAA/delete",
    "Microsoft.Network/dnszones/DS/write",
    "Microsoft.Network/dnszones/DS/delete",
    "Microsoft.Network/dnszones/NAPTR/write",
    "Microsoft.Network/dnszones/NAPTR/delete",
    "Microsoft.Network/dnszones/PTR/write",
    "Microsoft.Network/dnszones/PTR/delete",
    "Microsoft.Network/dnszones/SRV/write",
    "Microsoft.Network/dnszones/SRV/delete",
    "Microsoft.Network/dnszones/TLSA/write",
    "Microsoft.Network/dnszones/TLSA/delete",
    "Microsoft.Network/dnszones/dnssecConfigs/write",
    "Microsoft.Network/dnszones/dnssecConfigs/delete",
    "Microsoft.Network/dnszones/providers/Microsoft.Insights/diagnosticSettings/write",
    "Microsoft.Network/dnszones/A/write",
    "Microsoft.Network/dnszones/A/delete",
    "Microsoft.Network/dnszones/AAAA/write",
    "Microsoft.Network/dnszones/AAAA/delete",
];
/// What every operation below a zone begins with.
const ZONE: &str = "microsoft.network/dnszones/";
/// What DNS Zone Contributor allows below a zone (contract azure-resource-manager, section 8).
const DNS_ZONE_CONTRIBUTOR: &str = "Microsoft.Network/dnsZones/*";
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
    /// Whether it is what the built-in role for zones gives, which an installation may have chosen.
    #[must_use]
    pub fn is_of_dns_zone_contributor(&self) -> bool {
        self.action.eq_ignore_ascii_case(DNS_ZONE_CONTRIBUTOR)
    }
}

impl Roles {
    /// Roles with these actions and data actions.
    #[must_use]
    pub fn giving<'a>(actions: impl IntoIterator<Item = &'a str>) -> Self {
        Self(actions.into_iter().map(Pattern::new).collect())
    }

    /// What these entries allow beyond the roles, told by the broadest action; none where they allow nothing that changes
    /// anything beyond them. What only reads is nobody's harm.
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
        beyond.min_by_key(|(pattern, _)| pattern.narrowness()).map(|(_, beyond)| beyond)
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
            let worst_first = [GIVE_ROLES].into_iter().chain(OF_A_ZONE);
            worst_first.into_iter().find(|known| action.covers(&Pattern::new(known)) && !covers(known))
        };
        if action.has_wildcard() && action.is_below(ZONE) {
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
