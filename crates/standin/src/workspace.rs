//! The Log Analytics workspace: the tables behind the ingestion and the query surface.

/// What the workspace holds.
#[derive(Debug, Default)]
pub struct Workspace {}
