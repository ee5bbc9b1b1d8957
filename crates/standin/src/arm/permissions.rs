//! What the caller may do: `{scope}/providers/Microsoft.Authorization/permissions`, one entry for each of its roles that
//! holds there, also by inheritance.

use axum::http::Method;
use serde_json::json;

use super::paging::Page;
use super::request::{Request, no_such_method};
use super::{locks, versions};
use crate::Reply;

/// Answers with the caller's entries at `scope`. Where the world names no roles of a caller, nothing is forbidden to it,
/// and nothing is listed: nobody has been given anything.
pub(super) fn answer(request: &Request<'_>, scope: &str) -> Result<Reply, Reply> {
    versions::check(request, "microsoft.authorization", "permissions")?;
    let method = &request.call.method;
    if method != Method::GET {
        return Err(no_such_method(method));
    }
    let world = request.state.world();
    if !locks::exists(&world, scope) {
        let message = format!("The resource '{scope}' was not found.");
        return Err(Reply::wrapped(404, "ResourceNotFound", &message));
    }
    let mut page = Page::wanted(request.call)?;
    let roles = world.roles_of(&request.caller.object_id).unwrap_or_default();
    let held = roles.iter().filter(|role| world.reaches(&role.scope, scope));
    for (index, role) in held.enumerate() {
        let key = format!("{index:08}");
        if key <= page.after {
            continue;
        }
        let entry = json!({
            "actions": role.actions, "notActions": role.not_actions,
            "dataActions": role.data_actions, "notDataActions": role.not_data_actions,
        });
        if !page.push(key, entry) {
            break;
        }
    }
    Ok(page.close(request))
}
