//! The Logs Ingestion API into the workspace's tables.

use std::sync::Arc;

use crate::{Call, Reply, State};

/// Answers a call below this surface.
pub(crate) async fn answer(_state: &Arc<State>, call: &Call) -> Reply {
    Reply::wrapped(404, "NotFound", &format!("Nothing answers at '{}'.", call.path))
}
