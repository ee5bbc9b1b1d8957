//! In which resources, of whatever type, certain addresses may stand: one question for at most [`MOST_ADDRESSES`] of them.
//!
//! The service finds what may be meant, by its own idea of a word; whoever asks reads the properties for himself. Firewall
//! rules of database servers are resources of their own that Resource Graph does not show, so these servers come along.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv6Addr};

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::is_true;
use super::{API_VERSION, MOST_ADDRESSES, ResourceGraph, query_call};
use crate::azure::answer::Flaw;
use crate::azure::error::{Certainty, Error, Kind};
use crate::azure::retry_after::THROTTLED;
use crate::queries::{quoted_list, quoted_pattern};
use pure::domain::Service;

/// Rows on a page: each comes with its properties, of which a cluster or a firewall has many.
const PAGE: usize = 200;
/// Pages of one question that are read.
const PAGES: usize = 5;
/// What the call is named.
const OPERATION: &str = "find resources by an address";
/// Types whose firewall rules Resource Graph does not show.
const WITH_RULES_UNSEEN: &str = "'microsoft.sql/servers', 'microsoft.dbforpostgresql/flexibleservers'";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HoldingPage {
    #[serde(default)]
    result_truncated: Option<Value>,
    #[serde(default, rename = "$skipToken")]
    skip_token: Option<String>,
    data: Vec<MayHold>,
}

/// A resource in which one of the addresses may stand, or a server whose rules are not shown.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MayHold {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its type, in lower case.
    #[serde(rename = "type")]
    pub resource_type: String,
    /// The resource group that it is in.
    pub resource_group: String,
    /// What is particular to its type; nothing where no address may stand in it.
    #[serde(default)]
    pub properties: Value,
}

impl ResourceGraph {
    /// The resources in which one of these addresses may stand, and the servers whose rules are not shown; whether these are
    /// all. No subscriptions: wherever this identity may read.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn may_hold(
        &self,
        addresses: &BTreeSet<IpAddr>,
        subscriptions: &[String],
    ) -> Result<(Vec<MayHold>, bool), Error> {
        let mut found = Vec::new();
        let mut is_whole = true;
        let all: Vec<IpAddr> = addresses.iter().copied().collect();
        for portion in all.chunks(MOST_ADDRESSES) {
            let query = query(portion);
            let mut token = None;
            for _ in 0..PAGES {
                let page = self.page_of(&query, subscriptions, token.as_deref()).await?;
                found.extend(page.data);
                token = page.skip_token;
                is_whole &= token.is_some() || !is_true(page.result_truncated.as_ref());
                if token.is_none() {
                    break;
                }
            }
            is_whole &= token.is_none();
        }
        Ok((found, is_whole))
    }

    async fn page_of(
        &self,
        query: &str,
        subscriptions: &[String],
        token: Option<&str>,
    ) -> Result<HoldingPage, Error> {
        let mut body = json!({ "query": query, "options": { "$top": PAGE, "resultFormat": "objectArray" } });
        if let Some(token) = token {
            body["options"]["$skipToken"] = token.into();
        }
        if !subscriptions.is_empty() {
            body["subscriptions"] = json!(subscriptions);
        }
        let url = self.channel.url("/providers/Microsoft.ResourceGraph/resources", &[API_VERSION]);
        let call = query_call(OPERATION, url, body.to_string(), &self.allowance);
        let read = self.channel.call(&self.run, &call, &[THROTTLED], |reply| {
            self.allowance.learn(reply.status, &reply.headers);
            if reply.status == THROTTLED {
                return Err(Flaw::Refused);
            }
            let page: HoldingPage = reply.json()?;
            let cut = reply.header("x-ms-tenant-subscription-limit-hit");
            Ok((page, cut.is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))))
        });
        match read.await? {
            (_, true) => {
                let words = "the tenant has more subscriptions than one query sees; name SUBSCRIPTIONS";
                Err(Error::new(Service::ResourceGraph, Kind::Incomplete, OPERATION, words)
                    .with_certainty(Certainty::Answered))
            }
            (page, false) => Ok(page),
        }
    }
}

/// IPv4 as a word of the properties; IPv6, which has many spellings, by a pattern.
fn query(addresses: &[IpAddr]) -> String {
    let fours: Vec<&IpAddr> = addresses.iter().filter(|address| address.is_ipv4()).collect();
    let sixes: Vec<Ipv6Addr> = addresses
        .iter()
        .filter_map(|address| match address {
            IpAddr::V6(address) => Some(*address),
            IpAddr::V4(_) => None,
        })
        .collect();
    let mut tests = Vec::new();
    if !fours.is_empty() {
        tests.push(format!("shown has_any ({})", quoted_list(fours)));
    }
    if !sixes.is_empty() {
        tests.push(format!("shown matches regex {}", quoted_pattern(&sixes)));
    }
    format!(
        "resources | extend shown = tostring(properties) | extend holds = {} \
         | where holds or type in~ ({WITH_RULES_UNSEEN}) \
         | project id, name, type, resourceGroup, holds, properties = iff(holds, properties, dynamic(null)) \
         | order by holds desc, id asc",
        tests.join(" or ")
    )
}
