//! One look at what this identity may do, at each zone and at its resource group.

use std::collections::BTreeMap;
use std::fmt;

use futures::stream::{self, StreamExt};

use super::given::GIVEN;
use crate::azure::{Azure, Error};
use pure::domain::{ZoneId, Zones};
use pure::rights::Beyond;

/// Scopes that are asked for at the same time.
const AT_ONCE: usize = 8;

/// A scope at which it may do too much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TooWide {
    /// The scope's id.
    pub(crate) scope: String,
    /// The zone, or the first one of the group.
    pub(crate) zone: ZoneId,
    /// Whether it is a resource group.
    pub(crate) is_group: bool,
    /// What it may.
    pub(crate) beyond: Beyond,
}

/// What a look found.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    /// Where it may do too much: a group before its zones, which are named only for what the group does not explain.
    pub(crate) too_wide: Vec<TooWide>,
    /// How many scopes were asked for.
    pub(crate) scopes: usize,
    /// How many of them it may not even ask for, which is well: whoever may do too much may read this too.
    pub(crate) forbidden: usize,
    /// Why a scope was not answered for, of the first such one.
    pub(crate) failed: Option<Error>,
}

/// Asks for every zone and every group of one, each once.
pub(crate) async fn look(azure: &Azure, zones: &Zones) -> Looked {
    let mut groups: BTreeMap<String, &ZoneId> = BTreeMap::new();
    for zone in zones.iter() {
        groups.entry(group_of(&zone.id).to_lowercase()).or_insert(&zone.id);
    }
    let of_groups = groups.into_values().map(|zone| (group_of(zone), zone, true));
    let of_zones = zones.iter().map(|zone| (zone.id.as_str().to_owned(), &zone.id, false));
    let ask = |(scope, zone, is_group): (String, &ZoneId, bool)| {
        let (graph, zone) = (azure.resource_graph.clone(), zone.clone());
        async move {
            let answer = graph.permissions(&scope).await;
            (scope, zone, is_group, answer)
        }
    };
    let asked: Vec<_> = of_groups.chain(of_zones).map(ask).collect();
    let mut looked = Looked { scopes: asked.len(), ..Looked::default() };
    // In the order of the questions: groups first.
    let mut answers = stream::iter(asked).buffered(AT_ONCE);
    while let Some((scope, zone, is_group, answer)) = answers.next().await {
        match answer {
            Ok(entries) => {
                let Some(beyond) = GIVEN.exceeded_by(&entries) else { continue };
                let explains = |wider: &TooWide| {
                    wider.is_group
                        && wider.beyond == beyond
                        && wider.scope.eq_ignore_ascii_case(&group_of(&zone))
                };
                if !looked.too_wide.iter().any(explains) {
                    looked.too_wide.push(TooWide { scope, zone, is_group, beyond });
                }
            }
            Err(error) if error.is_forbidden() => looked.forbidden += 1,
            Err(error) => looked.failed = looked.failed.or(Some(error)),
        }
    }
    looked
}

/// The id of the resource group of a zone.
fn group_of(zone: &ZoneId) -> String {
    let id = zone.resource_id();
    format!("/subscriptions/{}/resourceGroups/{}", id.subscription(), id.resource_group())
}

impl TooWide {
    /// The name of the scope.
    pub(crate) fn name(&self) -> &str {
        if self.is_group { self.zone.resource_id().resource_group() } else { self.zone.zone_name().as_str() }
    }

    /// What is known of the role behind it, to go on with after "gives".
    pub(crate) fn aside(&self) -> String {
        let of_role = |role| {
            format!(" but {role}, the choice of roles=builtin (roles=custom gives only what is needed)")
        };
        self.beyond.contributor().map(of_role).unwrap_or_default()
    }

    /// The command that shows which role it is.
    pub(crate) fn shown_by(&self, object: &str) -> String {
        format!("az role assignment list --assignee {object} --include-inherited --scope '{}'", self.scope)
    }
}

/// Fits after "may".
impl fmt::Display for TooWide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_group { "resource group" } else { "zone" };
        write!(f, "do `{}` at the {kind} {}", self.beyond.action, self.name())?;
        match self.beyond.such_as {
            Some(worst) => write!(f, ", such as {worst}"),
            None => Ok(()),
        }
    }
}
