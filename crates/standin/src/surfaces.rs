//! Which service a path belongs to. Paths are compared without case, as Azure does.

use std::sync::Arc;

use crate::{Call, Reply, State, arm, identity, ingestion, logs_query};

/// Hands a call to its service.
pub(crate) async fn answer(state: &Arc<State>, call: &Call) -> Reply {
    let segments = call.segments();
    let lower: Vec<String> = segments.iter().map(|segment| segment.to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    match lower.as_slice() {
        ["v1" | "workspaces" | "$batch", ..] => logs_query::answer(state, call).await,
        ["datacollectionrules", ..] => ingestion::answer(state, call).await,
        ["metadata", "endpoints"] => identity::endpoints(call),
        ["msi", "token"] => identity::managed(state, call),
        ["common", "discovery", "instance"] => identity::instance_discovery(state, call),
        [before @ .., ".well-known", "openid-configuration"] => {
            identity::openid_configuration(state, call, segments.get(..before.len()).unwrap_or_default())
        }
        [tenant, "discovery", "v2.0", "keys"] | [tenant, "discovery", "keys"] => {
            identity::keys(state, call, tenant)
        }
        [tenant, .., "oauth2", "v2.0", "token"] | [tenant, .., "oauth2", "token"] => {
            identity::token(state, call, tenant)
        }
        ["subscriptions" | "providers" | "tenants", ..] => arm::answer(state, call),
        _ => Reply::wrapped(404, "NotFound", &format!("Nothing answers at '{}'.", call.path)),
    }
}
