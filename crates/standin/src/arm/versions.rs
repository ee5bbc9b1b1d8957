//! Which api-versions each resource type answers to, and what Azure says to the others.

use super::published::{self, Provider, Type};
use super::request::Request;
use crate::Reply;

/// Refuses an api-version that the type does not answer to.
///
/// # Errors
/// What Resource Manager answers: 400 with the versions that would have been taken, 404 for a type or a namespace
/// that is not served.
pub(crate) fn check(request: &Request<'_>, namespace: &str, resource_type: &str) -> Result<(), Reply> {
    match published::find(namespace, resource_type) {
        None => Err(not_served(request, namespace)),
        Some(found) => judge(found, &request.version),
    }
}

/// The same for a resource of a template; a type that is not served is somebody else's to refuse.
///
/// # Errors
/// The 400 with the versions that would have been taken.
pub(super) fn check_resource(resource_type: &str, version: &str) -> Result<(), Reply> {
    let (namespace, name) = resource_type.split_once('/').unwrap_or((resource_type, ""));
    published::find(namespace, name).map_or(Ok(()), |found| judge(found, version))
}

fn judge((provider, found): (&Provider, &Type), version: &str) -> Result<(), Reply> {
    if found.versions().any(|known| known.eq_ignore_ascii_case(version)) {
        return Ok(());
    }
    Err(if provider.is_own || !is_version(version) {
        invalid(found, version)
    } else {
        unregistered(found, version)
    })
}

/// The newest version of a type that is no preview; empty for a type that is not served.
pub(super) fn newest(resource_type: &str) -> &'static str {
    let (namespace, name) = resource_type.split_once('/').unwrap_or((resource_type, ""));
    let found = published::find(namespace, name);
    let stable = found.and_then(|(_, found)| found.versions().rfind(|version| !version.contains("preview")));
    stable.unwrap_or_default()
}

/// A resource type in the casing in which it is published.
pub(super) fn spelled(resource_type: &str) -> String {
    let (namespace, name) = resource_type.split_once('/').unwrap_or((resource_type, ""));
    match published::find(namespace, name) {
        Some((provider, found)) => format!("{}/{}", provider.namespace, found.name),
        None => resource_type.to_owned(),
    }
}

/// The 404 for a namespace or a type that is not in the table.
pub(crate) fn not_served(request: &Request<'_>, namespace: &str) -> Reply {
    let version = &request.version;
    let Some(provider) = published::provider(namespace) else {
        // Azure repeats a namespace that it does not know as it was sent.
        let sent = request.call.segments();
        let sent = sent.iter().find(|sent| sent.eq_ignore_ascii_case(namespace));
        let namespace = sent.map_or(namespace, String::as_str);
        let message = format!("The resource namespace '{namespace}' is invalid.");
        return Reply::wrapped(404, "InvalidResourceNamespace", &message);
    };
    let message = format!(
        "The resource type could not be found in the namespace '{}' for api version '{version}'.",
        provider.namespace
    );
    Reply::wrapped(404, "InvalidResourceType", &message)
}

/// Resource Manager itself lists its versions newest first, without spaces.
fn invalid(found: &Type, version: &str) -> Reply {
    let versions: Vec<&str> = found.versions().rev().collect();
    let message = format!(
        "The api-version '{version}' is invalid. The supported versions are '{}'.",
        versions.join(",")
    );
    Reply::wrapped(400, "InvalidApiVersionParameter", &message)
}

/// For providers it lists them oldest first, with the regions in their short names.
fn unregistered(found: &Type, version: &str) -> Reply {
    let versions: Vec<&str> = found.versions().collect();
    let short = |region: &&str| region.replace(' ', "").to_ascii_lowercase();
    let locations: Vec<String> = found.locations.iter().map(short).collect();
    let location = locations.first().map(String::as_str).unwrap_or_default();
    let message = format!(
        "No registered resource provider found for location '{location}' and API version '{version}' for type '{}'. \
         The supported api-versions are '{}'. The supported locations are '{}'.",
        found.name,
        versions.join(", "),
        locations.join(", ")
    );
    Reply::wrapped(400, "NoRegisteredProviderFound", &message)
}

/// Whether a text has the form of an api-version: a date, perhaps with a word after it.
fn is_version(text: &str) -> bool {
    let (date, word) = text.split_at_checked(10).unwrap_or((text, ""));
    let digits = date.bytes().enumerate().all(|(place, byte)| match place {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    let word_fits = word.is_empty()
        || word.strip_prefix('-').is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    date.len() == 10 && digits && word_fits
}
