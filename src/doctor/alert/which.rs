//! Which alert rules are ours where no setting names one: by their query, whole or edited, and by whom they call.

use serde_json::Value;

use super::call;
use crate::doctor::found::{Found, Resource};
use crate::queries::AlertQuery;

/// How sure it is that a rule is ours, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sureness {
    /// It asks our query of our workspace, whole or edited.
    QueryAndWorkspace,
    /// It asks another workspace what counts for this installation alone.
    Installation,
    /// It asks something else of our workspace, and calls the function.
    Call,
    /// It asks our workspace, for another installation.
    Workspace,
    /// It asks another workspace or none, says of no installation that it is meant, and asks our query or calls the function.
    Elsewhere,
}

/// A rule that is judged as ours.
#[derive(Clone, Debug)]
pub(super) struct Ours {
    pub(super) rule: Resource,
    /// Whether nothing says that it may be another installation's.
    pub(super) is_certain: bool,
}

impl Ours {
    /// One that a setting names.
    pub(super) fn named(rule: Resource) -> Self {
        Self { rule, is_certain: true }
    }
}

/// The rules of which it is as sure as of any.
pub(super) fn ours(found: &Found, owner: &str) -> Vec<Ours> {
    let known: Vec<(Sureness, &Resource)> =
        found.alerts.iter().filter_map(|rule| Some((sureness(found, rule, owner)?, rule))).collect();
    let surest = known.iter().map(|(sureness, _)| *sureness).min();
    known
        .into_iter()
        .filter(|(sureness, _)| Some(*sureness) == surest)
        .map(|(sureness, rule)| Ours { rule: rule.clone(), is_certain: sureness != Sureness::Elsewhere })
        .collect()
}

fn sureness(found: &Found, rule: &Resource, owner: &str) -> Option<Sureness> {
    let workspace = found.workspace();
    let is_over = scopes(rule).any(|scope| workspace.is_some_and(|own| own.eq_ignore_ascii_case(scope)));
    let text = query(rule).unwrap_or_default();
    let is_named = !owner.is_empty() && AlertQuery::installation(text).as_deref() == Some(owner);
    match AlertQuery::of(text, owner) {
        AlertQuery::Ours if is_over => Some(Sureness::QueryAndWorkspace),
        AlertQuery::Edited(of) if is_over && (of.is_empty() || of == owner) => {
            Some(Sureness::QueryAndWorkspace)
        }
        AlertQuery::Ours | AlertQuery::Edited(_) if is_named => Some(Sureness::Installation),
        AlertQuery::Strange if is_over && call::calls_us(found, rule) => Some(Sureness::Call),
        AlertQuery::OfAnother(_) | AlertQuery::Edited(_) if is_over => Some(Sureness::Workspace),
        AlertQuery::Ours => Some(Sureness::Elsewhere),
        AlertQuery::Edited(of) if of.is_empty() => Some(Sureness::Elsewhere),
        AlertQuery::Strange if call::calls_us(found, rule) => Some(Sureness::Elsewhere),
        AlertQuery::OfAnother(_) | AlertQuery::Edited(_) | AlertQuery::Strange => None,
    }
}

/// The query of the rule's first condition.
pub(super) fn query(rule: &Resource) -> Option<&str> {
    rule.properties.pointer("/criteria/allOf/0/query").and_then(Value::as_str)
}

/// What it asks.
pub(super) fn scopes(rule: &Resource) -> impl Iterator<Item = &str> {
    let scopes = rule.properties.get("scopes").and_then(Value::as_array);
    scopes.into_iter().flatten().filter_map(Value::as_str)
}
