//! Where a grant holds: everywhere, or below one management group, subscription, resource group or machine.

use std::collections::BTreeMap;
use std::fmt;

use crate::domain::ResourceId;

/// The machines that a grant is for.
///
/// An id is compared by whole segments in any case: `…/rg-a` does not hold what is in `…/rg-ab`.
///
/// ```
/// use pure::plan::Scope;
///
/// assert!("/subscriptions/s/resourceGroups/rg-a".parse::<Scope>().is_ok());
/// assert!("rg-a".parse::<Scope>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Every machine.
    Everywhere,
    /// Those below this management group; its name in lower case.
    ManagementGroup(String),
    /// Those whose id begins with these segments, or is it: an id in lower case.
    Below(String),
}

/// Why a text is no scope; a fragment that fits after "the scope".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeFault {
    /// None of the forms.
    #[error(
        "is no id of a management group (/providers/Microsoft.Management/managementGroups/NAME), subscription (/subscriptions/ID), resource group (/subscriptions/ID/resourceGroups/NAME) or machine"
    )]
    Shape,
    /// A segment is empty or holds a character that no id has.
    #[error("has an empty segment or one with other characters than letters, digits and -_.()")]
    Segment,
}

/// Whether a scope holds a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// The groups above the machine's subscription were not told.
    Unknown,
}

/// The management groups above subscriptions, as far as they were told: by the subscription's id in lower case the names
/// of the groups, in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ancestors(BTreeMap<String, Vec<String>>);

impl Ancestors {
    /// Of no subscription anything was told.
    pub(super) const NONE: Self = Self(BTreeMap::new());

    /// Takes over what another one was told.
    pub(super) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Takes what was told of one subscription.
    pub fn learn(&mut self, subscription: &str, groups: impl IntoIterator<Item = String>) {
        let groups = groups.into_iter().map(|group| group.to_lowercase()).collect();
        self.0.insert(subscription.to_lowercase(), groups);
    }
}

/// The words before the name of a management group, in lower case.
const MANAGEMENT_GROUPS: [&str; 3] = ["providers", "microsoft.management", "managementgroups"];

impl Scope {
    /// Whether it holds the machine. Nobody in particular is only held by [`Scope::Everywhere`].
    #[must_use]
    pub fn holds(&self, machine: Option<&ResourceId>, ancestors: &Ancestors) -> Cover {
        let is_held = |held| if held { Cover::Yes } else { Cover::No };
        match (self, machine) {
            (Self::Everywhere, _) => Cover::Yes,
            (_, None) => Cover::No,
            (Self::Below(scope), Some(machine)) => {
                let rest = machine.lower().strip_prefix(scope.as_str());
                is_held(rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
            }
            (Self::ManagementGroup(group), Some(machine)) => match ancestors.0.get(machine.subscription()) {
                Some(groups) => is_held(groups.contains(group)),
                None => Cover::Unknown,
            },
        }
    }

    /// The management group's name in lower case, of a scope that is one.
    #[must_use]
    pub fn management_group(&self) -> Option<&str> {
        match self {
            Self::ManagementGroup(group) => Some(group),
            Self::Everywhere | Self::Below(_) => None,
        }
    }

    /// The key under which it is found from a machine (see [`Scope::keys_above`]).
    pub(super) fn key(&self) -> &str {
        match self {
            Self::Everywhere | Self::ManagementGroup(_) => "",
            Self::Below(scope) => scope,
        }
    }

    /// The keys of all scopes that may hold a machine: none, its subscription, its group, itself.
    pub(super) fn keys_above(machine: Option<&ResourceId>) -> Vec<&str> {
        let mut keys = vec![""];
        if let Some(machine) = machine {
            let id = machine.lower();
            let slashes = id.match_indices('/').map(|(at, _)| at);
            keys.extend(slashes.skip(2).step_by(2).take(2).map(|at| &id[..at]));
            keys.push(id);
        }
        keys
    }
}

impl std::str::FromStr for Scope {
    type Err = ScopeFault;

    /// Reads an id in any case, with or without a slash at its end.
    ///
    /// # Errors
    /// [`ScopeFault`].
    fn from_str(text: &str) -> Result<Self, ScopeFault> {
        let text = text.trim();
        let text = text.strip_suffix('/').unwrap_or(text);
        if ResourceId::parse(text).is_ok_and(|id| id.lower().split('/').count() == 9) {
            return Ok(Self::Below(text.to_lowercase()));
        }
        let lower = text.to_lowercase();
        let segments: Vec<&str> = lower.strip_prefix('/').ok_or(ScopeFault::Shape)?.split('/').collect();
        let is_plain = |c: char| matches!(c, '-' | '_' | '.' | '(' | ')') || c.is_alphanumeric();
        let is_segment = |segment: &&str| {
            !segment.is_empty() && !matches!(*segment, "." | "..") && segment.chars().all(is_plain)
        };
        let scope = match segments.as_slice() {
            ["subscriptions", _] | ["subscriptions", _, "resourcegroups", _] => Self::Below(lower.clone()),
            [words @ .., group] if *words == MANAGEMENT_GROUPS => Self::ManagementGroup((*group).to_owned()),
            _ => return Err(ScopeFault::Shape),
        };
        if segments.iter().all(is_segment) { Ok(scope) } else { Err(ScopeFault::Segment) }
    }
}

impl fmt::Display for Scope {
    /// The id, in lower case; of everywhere nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everywhere => Ok(()),
            Self::ManagementGroup(group) => write!(f, "/{}/{group}", MANAGEMENT_GROUPS.join("/")),
            Self::Below(scope) => f.write_str(scope),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(subscription: &str, group: &str, name: &str) -> ResourceId {
        let id = format!(
            "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.HybridCompute/machines/{name}"
        );
        ResourceId::parse(&id).unwrap()
    }

    #[test]
    fn a_scope_holds_whole_segments_in_any_case() {
        let nothing = Ancestors::default();
        for (scope, subscription, group, name, held) in [
            ("/subscriptions/S1", "s1", "rg-a", "m", true),
            ("/subscriptions/s1/", "S1", "rg-a", "m", true),
            ("/subscriptions/s1", "s10", "rg-a", "m", false),
            ("/subscriptions/s1/resourceGroups/RG-A", "s1", "rg-a", "m", true),
            ("/subscriptions/s1/resourcegroups/rg-a", "s1", "rg-ab", "m", false),
            ("/subscriptions/s1/resourcegroups/rg-a", "s2", "rg-a", "m", false),
            (
                "/subscriptions/s1/resourceGroups/rg-a/providers/Microsoft.HybridCompute/machines/M",
                "s1",
                "rg-a",
                "m",
                true,
            ),
            (
                "/subscriptions/s1/resourceGroups/rg-a/providers/Microsoft.HybridCompute/machines/m",
                "s1",
                "rg-a",
                "m2",
                false,
            ),
        ] {
            let machine = machine(subscription, group, name);
            let scope: Scope = scope.parse().unwrap();
            let expected = if held { Cover::Yes } else { Cover::No };
            assert_eq!(scope.holds(Some(&machine), &nothing), expected, "{scope} {machine}");
            assert_eq!(scope.holds(None, &nothing), Cover::No, "nobody is below {scope}");
            let is_found = Scope::keys_above(Some(&machine)).contains(&scope.key());
            assert!(is_found || !held, "{scope} is found from {machine}");
            assert_eq!(scope.to_string().parse::<Scope>().unwrap(), scope);
        }
        assert_eq!(Scope::Everywhere.holds(None, &nothing), Cover::Yes);
    }

    #[test]
    fn a_management_group_holds_what_was_told_to_be_below_it() {
        let group: Scope = "/providers/Microsoft.Management/managementGroups/MG-Lab".parse().unwrap();
        let mut ancestors = Ancestors::default();
        ancestors.learn("S1", ["Root".to_owned(), "mg-LAB".to_owned()]);
        ancestors.learn("s2", ["root".to_owned()]);
        for (subscription, held) in [("s1", Cover::Yes), ("s2", Cover::No), ("s3", Cover::Unknown)] {
            assert_eq!(
                group.holds(Some(&machine(subscription, "g", "m")), &ancestors),
                held,
                "{subscription}"
            );
        }
        assert_eq!(group.holds(None, &ancestors), Cover::No);
        assert_eq!(group.to_string().parse::<Scope>().unwrap(), group);
    }

    #[test]
    fn what_is_no_scope_is_refused() {
        for text in [
            "",
            "/",
            "rg-a",
            "subscriptions/s",
            "/subscriptions",
            "/subscriptions/s/resourceGroups",
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.HybridCompute",
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.HybridCompute/machines/m/extensions/e",
            "/providers/Microsoft.Management/managementGroups",
            "/providers/Microsoft.Management/managementGroups/a/b",
            "/providers/Microsoft.Compute/managementGroups/a",
        ] {
            assert_eq!(text.parse::<Scope>(), Err(ScopeFault::Shape), "{text}");
        }
        for text in [
            "/subscriptions/",
            "/subscriptions/*",
            "/subscriptions/s/resourceGroups/..",
            "/subscriptions/a b",
        ] {
            assert!(text.parse::<Scope>().is_err(), "{text}");
        }
    }
}
