//! Whose rows a query sees: the whole workspace, or those of one resource.

use kql::Database;
use serde_json::Value;

use super::answer;
use crate::access::Caller;
use crate::{Reply, World};

/// The action that each query is, whatever it reads.
const QUERY: &str = "Microsoft.OperationalInsights/workspaces/query/read";

/// What stands before `/query` in a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scope {
    /// All rows.
    Workspace,
    /// Rows whose `_ResourceId` is this id (lower case) or lies below it.
    Resource(String),
}

/// Finds the scope of a path.
///
/// # Errors
///
/// 404 for what does not exist, 403 when the world says that callers may not read the workspace.
pub(super) fn of(world: &World, target: &[String], caller: &Caller) -> Result<Scope, Reply> {
    let scope = match target {
        [kind, id] if kind.eq_ignore_ascii_case("workspaces") => {
            if !is_workspace(world, id) {
                return Err(answer::no_path());
            }
            Scope::Workspace
        }
        [first, subscription, ..] if first.eq_ignore_ascii_case("subscriptions") => {
            let id = format!("/{}", target.join("/")).to_lowercase();
            let is_machine = world.machines.contains_key(&id);
            let is_container = match target {
                [_, _] => world.subscriptions.contains(&subscription.to_lowercase()),
                [_, _, _, group] => {
                    world.resource_groups.contains_key(&format!("{subscription}/{group}").to_lowercase())
                }
                _ => false,
            };
            if is_workspace(world, &id) {
                Scope::Workspace
            } else if is_machine || is_container {
                Scope::Resource(id)
            } else {
                return Err(answer::no_resource(&id));
            }
        }
        _ => return Err(answer::no_path()),
    };
    let may = world.may(&caller.object_id, QUERY, world.workspace_resource_id());
    if world.workspace.get("access") == Some(&Value::Bool(false)) || !may {
        return Err(answer::no_access());
    }
    Ok(scope)
}

/// Checks a workspace that a query names besides the one of its path: a customer id, a full id, or a name.
///
/// # Errors
///
/// 400 when there is no such workspace.
pub(super) fn admit_workspace(world: &World, name: &str) -> Result<(), Reply> {
    let own_name = world.workspace_resource_id().rsplit('/').next().unwrap_or_default();
    if is_workspace(world, name) || (!name.is_empty() && own_name.eq_ignore_ascii_case(name)) {
        Ok(())
    } else {
        Err(answer::unresolved(name))
    }
}

fn is_workspace(world: &World, id: &str) -> bool {
    !id.is_empty()
        && (world.workspace_id().eq_ignore_ascii_case(id)
            || world.workspace_resource_id().eq_ignore_ascii_case(id))
}

impl Scope {
    /// The rows of the scope: tables without `_ResourceId` have none of a resource.
    ///
    /// # Errors
    ///
    /// The 500 for an engine that failed.
    pub(super) async fn narrow(self, whole: Database) -> Result<Database, Reply> {
        let Self::Resource(id) = self else { return Ok(whole) };
        let work = tokio::task::spawn_blocking(move || only_below(&whole, &id));
        work.await.map_err(|error| answer::refused(&super::Refusal::Broken(error.to_string())))
    }
}

fn only_below(whole: &Database, id: &str) -> Database {
    let mut narrow = Database::new();
    let options = kql::Options {
        max_rows: usize::MAX,
        max_answer_bytes: usize::MAX,
        ..kql::Options::new(crate::workspace::engine_time(jiff::Timestamp::MAX))
    };
    let literal = Value::from(id).to_string();
    for (name, table) in whole.tables() {
        narrow.add_table(name, table.columns().to_vec());
        if table.row_count() == 0 || table.columns().iter().all(|column| column.name != "_ResourceId") {
            continue;
        }
        let below = Value::from(format!("{id}/")).to_string();
        let query = format!("['{name}'] | where _ResourceId =~ {literal} or _ResourceId startswith {below}");
        if let Ok(found) = kql::run(&query, whole, &options) {
            // The table was just added.
            let _ = narrow.append(name, &found.row_objects());
        }
    }
    narrow
}
