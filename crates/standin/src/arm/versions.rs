//! Which api-versions each resource type answers to: those of the contracts and of recorded requests.

use super::Request;
use crate::Reply;

/// Contract azure-resource-manager, section 1.1, and the requests of az and the SDKs for Python.
const VERSIONS: &[(&str, &str, &[&str])] = &[
    (
        "microsoft.network",
        "dnszones",
        &[
            "2015-05-04-preview",
            "2016-04-01",
            "2017-09-01",
            "2017-10-01",
            "2018-03-01-preview",
            "2018-05-01",
            "2023-07-01-preview",
        ],
    ),
    (
        "microsoft.network",
        "privatednszones",
        &["2018-09-01", "2020-01-01", "2020-06-01", "2024-06-01", "2026-06-01-preview"],
    ),
    (
        "microsoft.resourcegraph",
        "resources",
        &["2018-09-01-preview", "2019-04-01", "2021-03-01", "2022-10-01", "2024-04-01"],
    ),
    (
        "microsoft.hybridcompute",
        "machines",
        &["2022-03-10", "2022-12-27", "2024-07-10", "2024-07-31-preview"],
    ),
    (
        "microsoft.resources",
        "deployments",
        &["2020-06-01", "2020-10-01", "2021-04-01", "2025-04-01", "2026-06-01"],
    ),
    ("microsoft.authorization", "locks", &["2015-01-01", "2016-09-01", "2017-04-01", "2020-05-01"]),
    // The second is what az 2.91 was seen to send.
    ("microsoft.resources", "tags", &["2021-04-01", "2024-11-01"]),
    (
        "microsoft.resources",
        "subscriptions",
        &["2016-06-01", "2020-01-01", "2021-01-01", "2021-04-01", "2022-09-01", "2022-12-01", "2024-11-01"],
    ),
];

/// Refuses an api-version that the type does not answer to. Types without a list take any that has the form.
///
/// # Errors
/// The wrapped 400 that names the versions that would have been taken.
pub(crate) fn check(request: &Request<'_>, namespace: &str, resource: &str) -> Result<(), Reply> {
    let version = request.version.as_str();
    let list = VERSIONS.iter().find(|(a, b, _)| *a == namespace && *b == resource).map(|(_, _, list)| *list);
    if !is_version(version) {
        let message = format!("The api-version '{version}' is invalid.");
        return Err(Reply::wrapped(400, "InvalidApiVersionParameter", &message));
    }
    match list {
        Some(list) if !list.iter().any(|known| known.eq_ignore_ascii_case(version)) => {
            let message = format!(
                "No registered resource provider found for location 'global' and API version '{version}' for type \
                 '{resource}'. The supported api-versions are '{}'.",
                list.join(", ")
            );
            Err(Reply::wrapped(400, "NoRegisteredProviderFound", &message))
        }
        _ => Ok(()),
    }
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
