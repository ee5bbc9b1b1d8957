//! What Resource Manager answers of deployments that are in the way of another.

use super::{Error, refusal};

impl Error {
    /// Whether a deployment of that name goes on (409): it is never ended, only waited for.
    #[must_use]
    pub fn is_deployment_active(&self) -> bool {
        self.status == Some(409) && self.code() == Some("DeploymentActive")
    }

    /// Whether the group's history of deployments is full (409): nobody can deploy there until somebody makes room.
    #[must_use]
    pub fn is_history_full(&self) -> bool {
        refusal::is_history_full(self.status, self.code())
    }
}
