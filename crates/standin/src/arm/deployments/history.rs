//! What a scope remembers of its deployments: how many at most, which go first, and which name is taken
//! (contract azure-resource-manager, section 6.4).

use std::collections::BTreeMap;

use super::entry::Deployment;
use crate::Reply;

/// Entries of a group's history at which the oldest are removed, and how many stay.
const REMOVED: (usize, usize) = (775, 750);
/// Entries that a history holds at most.
const MOST: usize = 800;

/// A moment as the service writes it into its sentences.
fn american(time: jiff::Timestamp) -> String {
    time.strftime("%-m/%-d/%Y %-I:%M:%S %p").to_string()
}

/// Whether a deployment may be begun under this key. One that a full history refuses is the first for which old ones go.
///
/// # Errors
/// `DeploymentActive` while one of its name goes on, `DeploymentQuotaExceeded` when the history is full.
pub(super) fn make_room(
    all: &mut BTreeMap<String, Deployment>,
    key: &str,
    name: &str,
    may_prune: bool,
) -> Result<(), Reply> {
    if let Some(present) = all.get(key) {
        if present.ended.is_some() {
            return Ok(());
        }
        let (started, expires) =
            (present.started, present.started + jiff::SignedDuration::from_hours(7 * 24));
        let message = format!(
            "Unable to edit or replace deployment '{name}': previous deployment from '{}' is still active (expiration time \
             is '{}'). Please see https://aka.ms/arm-deploy for usage details.",
            american(started),
            american(expires)
        );
        return Err(Reply::wrapped(409, "DeploymentActive", &message));
    }
    let count = of_scope(all, key).count();
    if count >= MOST {
        if may_prune {
            prune(all, key);
        }
        let message = format!(
            "Creating the deployment '{name}' would exceed the quota of '{MOST}'. The current deployment count is \
             '{count}', please delete some deployments before creating a new one. Please see \
             https://aka.ms/arm-deploy for usage details."
        );
        return Err(Reply::wrapped(409, "DeploymentQuotaExceeded", &message));
    }
    Ok(())
}

/// Removes a scope's oldest entries when there are too many.
pub(super) fn prune(all: &mut BTreeMap<String, Deployment>, key: &str) {
    let mut numbers: Vec<(u64, String)> =
        of_scope(all, key).map(|(key, deployment)| (deployment.number, key.clone())).collect();
    if numbers.len() > REMOVED.0 {
        numbers.sort_unstable();
        for (_, key) in numbers.iter().take(numbers.len() - REMOVED.1) {
            all.remove(key);
        }
    }
}

/// The deployments of the scope of this key.
fn of_scope<'a>(
    all: &'a BTreeMap<String, Deployment>,
    key: &str,
) -> impl Iterator<Item = (&'a String, &'a Deployment)> {
    let prefix = key.rsplit_once('/').map(|(prefix, _)| format!("{prefix}/")).unwrap_or_default();
    all.iter().filter(move |(key, _)| key.starts_with(&prefix))
}
