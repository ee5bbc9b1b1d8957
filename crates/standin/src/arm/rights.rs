//! Whether the caller may do what a call asks for, by its roles in the world: which action it is, at which scope.

use axum::http::Method;

use super::request::Request;
use super::versions;
use crate::Reply;
use crate::access::Caller;

/// Refuses a call below `/subscriptions` that the caller has no role for.
///
/// # Errors
/// The 403 `AuthorizationFailed` of Resource Manager.
pub(super) fn check(request: &Request<'_>, segments: &[String]) -> Result<(), Reply> {
    let world = request.state.world();
    let Some(roles) = world.roles_of(&request.caller.object_id) else { return Ok(()) };
    // A list of everything leaves out what may not be read, and is refused to nobody.
    let is_list_of_all = segments.last().is_some_and(|last| last.eq_ignore_ascii_case("resources"));
    let (action, scope) = meant(&request.call.method, segments);
    if is_list_of_all && request.call.method == Method::GET || world.allows(roles, &action, &scope) {
        return Ok(());
    }
    Err(refusal(&request.caller, &action, &scope))
}

/// The 403 of a caller without a role.
pub(super) fn refusal(who: &Caller, action: &str, scope: &str) -> Reply {
    let message = format!(
        "The client '{}' with object id '{}' does not have authorization to perform action '{action}' over scope \
         '{scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.",
        who.client_id, who.object_id
    );
    Reply::wrapped(403, "AuthorizationFailed", &message)
}

/// The action that a call is, and the scope that it is judged at: the resource, and for a list what it is in.
fn meant(method: &Method, segments: &[String]) -> (String, String) {
    let provider = segments.iter().rposition(|segment| segment.eq_ignore_ascii_case("providers"));
    let provider = provider.filter(|at| at + 1 < segments.len());
    let (namespace, typed) = match provider {
        Some(at) => (segments[at + 1].as_str(), &segments[at + 2..]),
        None => ("Microsoft.Resources", segments),
    };
    let types: Vec<&str> = typed.iter().step_by(2).map(String::as_str).collect();
    let verb = match *method {
        Method::GET | Method::HEAD => "read",
        Method::DELETE => "delete",
        Method::POST => "action",
        _ => "write",
    };
    let kind = versions::spelled(&format!("{namespace}/{}", types.join("/")));
    let is_named = typed.len() % 2 == 0 || provider.is_none() && typed.len() == 1;
    let above = match (is_named, provider) {
        (true, _) => segments.len(),
        // What is listed below a provider lies in what stands before it.
        (false, Some(at)) if typed.len() <= 1 => at,
        (false, _) => segments.len() - 1,
    };
    (format!("{kind}/{verb}"), format!("/{}", segments[..above].join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_an_action_at_a_scope() {
        let group = "/subscriptions/s/resourceGroups/g";
        let zone = format!("{group}/providers/Microsoft.Network/dnsZones/example.com");
        for (method, path, action, scope) in [
            (
                Method::PUT,
                format!("{zone}/A/nas"),
                "Microsoft.Network/dnszones/A/write",
                format!("{zone}/A/nas"),
            ),
            (Method::GET, format!("{zone}/A"), "Microsoft.Network/dnszones/A/read", zone.clone()),
            (Method::DELETE, zone.clone(), "Microsoft.Network/dnszones/delete", zone.clone()),
            (
                Method::GET,
                format!("{group}/providers/Microsoft.Network/dnsZones"),
                "Microsoft.Network/dnszones/read",
                group.to_owned(),
            ),
            (
                Method::GET,
                "/subscriptions/s".to_owned(),
                "Microsoft.Resources/subscriptions/read",
                "/subscriptions/s".to_owned(),
            ),
            (
                Method::DELETE,
                group.to_owned(),
                "Microsoft.Resources/subscriptions/resourceGroups/delete",
                group.to_owned(),
            ),
            (
                Method::GET,
                "/subscriptions/s/resourceGroups".to_owned(),
                "Microsoft.Resources/subscriptions/resourceGroups/read",
                "/subscriptions/s".to_owned(),
            ),
        ] {
            let segments: Vec<String> = path.split('/').skip(1).map(str::to_owned).collect();
            assert_eq!(meant(&method, &segments), (action.to_owned(), scope), "{method} {path}");
        }
    }
}
