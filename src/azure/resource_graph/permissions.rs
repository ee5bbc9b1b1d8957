//! What whoever asks may do at a scope, as Azure lists it.

use std::collections::BTreeSet;

use azure_core::Bytes;
use azure_core::http::{Method, Url};
use serde::Deserialize;

use super::{Error, Kind, ResourceGraph};
use crate::azure::error::Certainty;
use crate::azure::network::same_origin;
use pure::domain::Service;
use pure::rights::Permission;

/// The newest stable version (contract azure-resource-manager, section 8).
const VERSION: (&str, &str) = ("api-version", "2022-04-01");
/// More pages than an identity can have roles for.
const MOST_PAGES: usize = 20;

/// Pairs of an action and an exception that are looked at in one answer: judging more would take the time of others, and roles
/// have some tens of each.
const MOST_PAIRS: usize = 20_000;

/// A page of all that an identity has roles for is some kilobytes.
const LARGEST_PAGE: usize = 1 << 20;

#[derive(Deserialize)]
struct PermissionsPage {
    value: Vec<Permission>,
    #[serde(rename = "nextLink")]
    next_link: Option<String>,
}

impl ResourceGraph {
    /// What this identity may do at a scope, by roles that it was given there or above: one call for each page.
    ///
    /// # Errors
    /// [`Error`]; [`Error::is_forbidden`] where it may not even ask.
    pub async fn permissions(&self, scope: &str) -> Result<Vec<Permission>, Error> {
        const OPERATION: &str = "list what this identity may do";
        let path = format!("{scope}/providers/Microsoft.Authorization/permissions");
        let mut next = Some(self.channel.url(&path, &[VERSION]));
        let mut seen = BTreeSet::new();
        let mut all = Vec::new();
        let mut weight = 0_usize;
        while let Some(url) = next {
            let astray = seen.len() >= MOST_PAGES || !same_origin(&url, self.channel.home());
            if astray || !seen.insert(url.clone()) {
                let words = "the link to the next page leads elsewhere, or the pages do not end";
                let error = Error::new(Service::ResourceGraph, Kind::BadLink, OPERATION, words);
                return Err(error.with_certainty(Certainty::Answered));
            }
            let mut call = self.plain_call(OPERATION.to_owned(), Method::Get, url, Bytes::new());
            call.largest = LARGEST_PAGE;
            let page: PermissionsPage =
                self.channel.call(&self.run, &call, &[], |reply| reply.json()).await?;
            weight = page.value.iter().map(Permission::weight).fold(weight, usize::saturating_add);
            if weight > MOST_PAIRS {
                let words = "it lists more actions and exceptions than roles can have";
                let error = Error::new(Service::ResourceGraph, Kind::TooLarge, OPERATION, words);
                return Err(error.with_certainty(Certainty::Answered));
            }
            all.extend(page.value);
            let link = page.next_link.filter(|link| !link.is_empty());
            next = link.map(|link| Url::parse(&link)).transpose().map_err(|_| {
                let words = "the link to the next page is no address";
                Error::new(Service::ResourceGraph, Kind::BadLink, OPERATION, words)
            })?;
        }
        Ok(all)
    }
}
