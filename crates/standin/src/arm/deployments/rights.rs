//! What a deployment needs its caller to be allowed beside deploying: to write what is in the template, and to remove old
//! deployments (contract azure-resource-manager, section 6.4).

use axum::http::Method;

use super::template::Resource;
use crate::Reply;
use crate::arm::request::Request;
use crate::arm::{locks, versions};

/// Refuses a template with a resource that its caller may not write.
///
/// # Errors
/// The 400 `InvalidTemplateDeployment` of Resource Manager, before anything is written.
pub(super) fn check(request: &Request<'_>, resources: &[Resource]) -> Result<(), Reply> {
    let world = request.state.world();
    let who = &request.caller;
    let actions = resources.iter().map(|resource| {
        (resource, format!("{}/write", versions::spelled(&resource.kind)), resource.wire_id())
    });
    for (resource, action, scope) in actions {
        if !world.may(&who.object_id, &action, &scope) {
            let message = format!(
                "The template deployment failed with error: 'Authorization failed for template resource '{}' of type '{}'. The \
                 client '{}' with object id '{}' does not have permission to perform action '{action}' at scope '{scope}'.'.",
                resource.name, resource.kind, who.client_id, who.object_id
            );
            return Err(Reply::wrapped(400, "InvalidTemplateDeployment", &message));
        }
    }
    Ok(())
}

/// Whether old deployments are removed for this one: they go in the name of whoever deploys, and not where a lock stands.
pub(super) fn may_prune(request: &Request<'_>, id: &str) -> bool {
    let world = request.state.world();
    let may = world.may(&request.caller.object_id, "Microsoft.Resources/deployments/delete", id);
    may && locks::refuse(&world, &Method::DELETE, id).is_ok()
}
