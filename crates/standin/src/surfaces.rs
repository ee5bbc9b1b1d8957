//! Which service a path belongs to. Paths are compared without case, as Azure does.

use std::sync::Arc;

use crate::{Call, Reply, State, ingestion, logs_query};

/// Hands a call to its service.
pub(crate) async fn answer(state: &Arc<State>, call: &Call) -> Reply {
    let segments = call.segments();
    let first = segments.first().map(|segment| segment.to_ascii_lowercase()).unwrap_or_default();
    match first.as_str() {
        "v1" | "workspaces" => logs_query::answer(state, call).await,
        "datacollectionrules" => ingestion::answer(state, call).await,
        _ => Reply::wrapped(404, "NotFound", &format!("Nothing answers at '{}'.", call.path)),
    }
}
