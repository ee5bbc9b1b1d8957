//! Azure Resource Graph: which machines there are and what their tag says, and single machines where it is silent.

mod answer;
mod holding;
mod interfaces;
mod locks;
mod machine;
mod misspelt;
mod permissions;
mod public_ips;
mod registered;
mod resources;
mod single;
mod tag_keys;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use azure_core::Bytes;
use azure_core::http::headers::CONTENT_TYPE;
use azure_core::http::{Method, Url};
use futures::stream::{self, Stream, StreamExt};
use serde_json::{Map, json};

use super::allowance::Allowance;
use super::answer::{Answered, Flaw, service_waits};
use super::call::{Call, Handle, LARGEST_ANSWER};
use super::error::{Certainty, Error, Kind};
use super::moment::moment;
use super::pipeline::Channel;
use super::retry_after::THROTTLED;
use crate::config::MachineColumns;
use crate::queries::{quoted, quoted_list};
use answer::{Answer, Rows, Wanted};
pub use holding::MayHold;
pub use interfaces::MOST_MACHINES;
pub use locks::Lock;
use machine::SCALE_SETS;
pub use machine::{Machine, MachinesPage, TagState};
pub use misspelt::{Likeness, Misspelt, OtherTag};
pub use public_ips::MOST_ADDRESSES;
use pure::domain::{HostName, MachineKind, ResourceId, Service};
pub use tag_keys::{MeantKey, TagKeys};

/// Rows on a page; the service gives no more (contract azure-resource-manager, section 4.3).
const PAGE: usize = 1000;
/// Machines of a page that are read by themselves, because their row does not tell their tags.
const READ_SINGLY: usize = 20;
/// What a list of machines holds besides, for it cannot have the names that it carries.
const IN_A_LIST: &[&str] = &[SCALE_SETS];
/// Machines that one query asks about.
pub const MOST_IDS: usize = 500;
pub(super) const API_VERSION: (&str, &str) = ("api-version", "2021-03-01");
/// What a machine says that it is made of (Microsoft.HybridCompute, `MachineProperties`): asked of the few of a plan alone.
const HARDWARE: &str = ", vmUuid = tostring(properties.vmUuid)";
const EACH: Duration = Duration::from_secs(30);

/// Machines and their tags.
#[derive(Clone, Debug)]
pub struct ResourceGraph {
    pub(super) channel: Channel,
    pub(super) run: Handle,
    pub(super) allowance: Arc<Allowance>,
    columns: Arc<MachineColumns>,
}

impl ResourceGraph {
    pub(super) fn new(
        channel: Channel,
        run: Handle,
        allowance: Arc<Allowance>,
        columns: MachineColumns,
    ) -> Self {
        Self { channel, run, allowance, columns: Arc::new(columns) }
    }

    /// All machines of the wanted kinds that have the tag, page by page; no subscriptions: wherever this identity may read.
    ///
    /// The stream ends with its first error. A list that is not whole is an error: rows that the service left out
    /// ([`Kind::Incomplete`]), or another number of rows in the end than the first page promised ([`Kind::Changed`]),
    /// because machines came and went meanwhile.
    pub fn machines(
        &self,
        subscriptions: &[String],
        tag: &str,
    ) -> impl Stream<Item = Result<MachinesPage, Error>> + Send + use<> {
        self.machines_where("", subscriptions, tag)
    }

    /// The same of the machines whose tags may hold one of these names: those in which one of them stands, and those in which
    /// anything stands that is not ASCII, for it may be another spelling.
    pub fn machines_naming(
        &self,
        subscriptions: &[String],
        tag: &str,
        names: &BTreeSet<HostName>,
    ) -> impl Stream<Item = Result<MachinesPage, Error>> + Send + use<> {
        let contains = |name| format!("tostring(tags) contains {} or ", quoted(name));
        let contains: String = names.iter().map(contains).collect();
        let filter = format!("| where {contains}tostring(tags) matches regex '[^ -~]' ");
        self.machines_where(&filter, subscriptions, tag)
    }

    fn machines_where(
        &self,
        filter: &str,
        subscriptions: &[String],
        tag: &str,
    ) -> impl Stream<Item = Result<MachinesPage, Error>> + Send + use<> {
        let untagged = self.columns.untagged;
        let tagged = if untagged { "" } else { "| where isnotempty(tags) " };
        let query = format!(
            "resources | where type in~ ({}) {tagged}{filter}{}",
            self.types(IN_A_LIST),
            self.projection("")
        );
        let wanted = self.wanted(tag, untagged);
        self.rows(query, subscriptions.to_vec(), wanted)
    }

    /// Certain machines at this moment with their tags, by lower-case id, and with them those in whose tags one of these names
    /// stands, as it is stored. A machine that was asked for and is not in the map was not in a complete answer: it is gone, or
    /// not readable, which [`ResourceGraph::machine`] tells. `chosen` are the subscriptions in which machines may claim a name;
    /// none: all of them.
    ///
    /// # Errors
    /// [`Error`]; a part of an answer is none.
    pub async fn tags_of(
        &self,
        ids: &[ResourceId],
        naming: &BTreeSet<HostName>,
        chosen: &[String],
        tag: &str,
    ) -> Result<BTreeMap<String, Machine>, Error> {
        let mut found = BTreeMap::new();
        let contain = |name: &HostName| format!("tostring(tags) contains {}", quoted(name));
        let contain = naming.iter().map(contain).collect::<Vec<_>>().join(" or ");
        let claim = format!(" or (type in~ ({}) and ({contain}))", self.types(&[]));
        for (chunk, ids) in ids.chunks(MOST_IDS).enumerate() {
            let list = quoted_list(ids);
            let or_claim = if chunk == 0 && !naming.is_empty() { claim.as_str() } else { "" };
            let query = format!("resources | where id in~ ({list}){or_claim} {}", self.projection(HARDWARE));
            let machines = match self.all_rows(&query, Vec::new(), tag).await {
                // A tenant may have more subscriptions than one query sees; those of the machines are few. They are not
                // named before: where none of them can be read any more, the answer would be a refusal. Who else claims a
                // name is not looked for in a part of what was chosen.
                Err(error)
                    if error.kind() == Kind::Incomplete && (or_claim.is_empty() || !chosen.is_empty()) =>
                {
                    let of_claimants = if or_claim.is_empty() { &[] } else { chosen };
                    let of_ids = ids.iter().map(ResourceId::subscription);
                    let all = of_ids.chain(of_claimants.iter().map(String::as_str)).map(str::to_lowercase);
                    let all: BTreeSet<_> = all.collect();
                    self.all_rows(&query, all.into_iter().collect(), tag).await?
                }
                machines => machines?,
            };
            found.extend(machines.into_iter().map(|machine| (machine.id.lower().to_owned(), machine)));
        }
        Ok(found)
    }

    /// The types of the machines that can have names, and further ones where some of these are in Azure, as a list.
    fn types(&self, further: &[&str]) -> String {
        let kinds = &self.columns.kinds;
        let further = further.iter().copied().filter(|_| kinds.contains(&MachineKind::Virtual));
        let types = kinds.iter().map(|kind| kind.resource_type()).chain(further);
        types.map(|resource_type| format!("'{resource_type}'")).collect::<Vec<_>>().join(",")
    }

    /// The end of every question about machines. What is above a subscription comes along where the policy speaks of it, so that
    /// nothing more need be asked.
    /// The columns that are wanted of machines, and `more` of them.
    fn projection(&self, more: &str) -> String {
        let (join, groups) = if self.columns.groups {
            let join = "| join kind=leftouter (resourcecontainers | where type =~ 'microsoft.resources/subscriptions' \
                        | project subscriptionId, groups = properties.managementGroupAncestorsChain) on subscriptionId ";
            (join, ", groups")
        } else {
            ("", "")
        };
        format!("{join}| project id, name, type, location, tags{groups}{more} | order by id asc")
    }

    fn wanted(&self, tag: &str, untagged: bool) -> Wanted {
        Wanted { tag: tag.to_owned(), untagged, columns: Arc::clone(&self.columns) }
    }

    /// The machines of a query, those without the tag too, when all of its pages have come.
    async fn all_rows(
        &self,
        query: &str,
        subscriptions: Vec<String>,
        tag: &str,
    ) -> Result<Vec<Machine>, Error> {
        let wanted = self.wanted(tag, true);
        let mut pages = std::pin::pin!(self.rows(query.to_owned(), subscriptions, wanted));
        let mut machines = Vec::new();
        while let Some(page) = pages.next().await {
            machines.append(&mut page?.machines);
        }
        Ok(machines)
    }

    /// One machine, read by its id: what the silence of [`ResourceGraph::tags_of`] means.
    ///
    /// # Errors
    /// [`Error`], but for 403 and 404, which are answers. An answer about anything but this machine says nothing of it.
    pub async fn machine(&self, id: &ResourceId, tag: &str) -> Result<TagState, Error> {
        let call = Call {
            service: Service::ResourceGraph,
            operation: format!("read the machine {id}"),
            method: Method::Get,
            url: self.channel.url(id.as_str(), &[single::version(id)]),
            headers: Vec::new(),
            body: Bytes::new(),
            each: EACH,
            largest: LARGEST_ANSWER,
            zone: None,
            allowance: None,
        };
        let decode = |reply: &Answered| single::state(reply, id, tag);
        self.channel.call(&self.run, &call, &[403, 404], decode).await
    }

    /// Asks machines for their tags whose rows do not tell them; those that do tell have them now. A machine that is gone is
    /// left out.
    async fn ask_the_untold(&self, untold: Vec<Machine>, wanted: &Wanted, page: &mut MachinesPage) {
        for (place, machine) in untold.into_iter().enumerate() {
            let state = if place < READ_SINGLY {
                self.machine(&machine.id, &wanted.tag).await.map_err(|error| error.for_people())
            } else {
                Err("too many machines of one page do not show their tags".to_owned())
            };
            match state {
                Ok(TagState::Tagged(tag_values)) if tag_values.is_empty() && !wanted.untagged => {}
                Ok(TagState::Tagged(tag_values)) => page.machines.push(Machine { tag_values, ..machine }),
                Ok(TagState::Gone) => {}
                Ok(TagState::Unreadable) => {
                    page.unreadable.push((machine, "this identity may not read it".to_owned()));
                }
                Err(why) => page.unreadable.push((machine, why)),
            }
        }
        for (machine, why) in &page.unreadable {
            tracing::warn!("the tags of the machine {} cannot be read: {why}", machine.id);
        }
    }

    /// The machines of a query, page by page.
    fn rows(
        &self,
        query: String,
        subscriptions: Vec<String>,
        wanted: Wanted,
    ) -> impl Stream<Item = Result<MachinesPage, Error>> + Send + use<> {
        struct State {
            graph: ResourceGraph,
            query: String,
            subscriptions: Vec<String>,
            wanted: Wanted,
            token: Option<String>,
            tokens: BTreeSet<String>,
            seen: u64,
            promised: Option<u64>,
            done: bool,
        }
        let graph = self.clone();
        let state = State {
            graph,
            query,
            subscriptions,
            wanted,
            token: None,
            tokens: BTreeSet::new(),
            seen: 0,
            promised: None,
            done: false,
        };
        stream::try_unfold(state, async move |mut state| {
            if state.done {
                return Ok(None);
            }
            let State { graph, query, subscriptions, wanted, token, .. } = &state;
            let answer = graph.page(query, subscriptions, wanted, token.as_deref()).await?;
            state.seen += answer.count;
            let promised = *state.promised.get_or_insert(answer.total.unwrap_or_default());
            state.token = answer.next;
            state.done = state.token.is_none();
            if let Some(token) = &state.token
                && !state.tokens.insert(token.clone())
            {
                return Err(not_whole(Kind::BadLink, "the pages lead in a ring"));
            }
            if state.done && answer.is_truncated {
                let words = "rows are missing, and there is no way to ask for them; name fewer SUBSCRIPTIONS";
                return Err(not_whole(Kind::Incomplete, words));
            }
            if state.done && promised != state.seen {
                let words =
                    format!("{promised} rows were promised, {} came: the list changed meanwhile", state.seen);
                return Err(not_whole(Kind::Changed, words));
            }
            let Rows { sent_at, machines, misspelt, untold, is_strange, .. } = answer;
            let mut page =
                MachinesPage { sent_at, machines, misspelt, is_strange, ..MachinesPage::default() };
            if !untold.is_empty() {
                // On the heap: it is rare, and every question would carry its room.
                Box::pin(state.graph.ask_the_untold(untold, &state.wanted, &mut page)).await;
            }
            if state.wanted.columns.kinds.contains(&MachineKind::Virtual) {
                page.set_scale_sets_apart();
            }
            Ok(Some((page, state)))
        })
    }

    async fn page(
        &self,
        query: &str,
        subscriptions: &[String],
        wanted: &Wanted,
        token: Option<&str>,
    ) -> Result<Rows, Error> {
        let mut options = Map::new();
        options.insert("$top".to_owned(), PAGE.into());
        options.insert("resultFormat".to_owned(), "objectArray".into());
        if let Some(token) = token {
            options.insert("$skipToken".to_owned(), token.into());
        }
        let mut body = json!({ "query": query, "options": options });
        if !subscriptions.is_empty() {
            body["subscriptions"] = json!(subscriptions);
        }
        let url = self.channel.url("/providers/Microsoft.ResourceGraph/resources", &[API_VERSION]);
        let call = query_call("list machines", url, body.to_string(), &self.allowance);
        // Before it is noted when it was sent.
        self.allowance.wait(self.run.deadline).await.map_err(|next| service_waits(&call, next))?;
        let sent_at = moment();
        let answer = self
            .channel
            .call(&self.run, &call, &[THROTTLED], |reply| {
                self.allowance.learn(reply.status, &reply.headers);
                if reply.status == THROTTLED {
                    return Err(Flaw::Refused);
                }
                let answer: Answer<'_> = reply.json()?;
                if token.is_none() && !answer.says_how_many() {
                    return Err(Flaw::from("the answer does not say how many rows there are"));
                }
                let cut = reply.header("x-ms-tenant-subscription-limit-hit");
                Ok((
                    wanted.rows(&answer, sent_at)?,
                    cut.is_some_and(|value| value.trim().eq_ignore_ascii_case("true")),
                ))
            })
            .await?;
        match answer {
            (_, true) => {
                let words = "the tenant has more subscriptions than one query sees; name SUBSCRIPTIONS";
                Err(not_whole(Kind::Incomplete, words))
            }
            (rows, false) => Ok(rows),
        }
    }
}

/// A query of the graph.
pub(super) fn query_call(operation: &str, url: Url, body: String, allowance: &Arc<Allowance>) -> Call {
    Call {
        service: Service::ResourceGraph,
        operation: operation.to_owned(),
        method: Method::Post,
        url,
        headers: vec![(CONTENT_TYPE, "application/json".to_owned())],
        body: Bytes::from(body),
        each: EACH,
        largest: LARGEST_ANSWER,
        zone: None,
        allowance: Some(Arc::clone(allowance)),
    }
}

fn not_whole(kind: Kind, words: impl Into<String>) -> Error {
    Error::new(Service::ResourceGraph, kind, "list machines", words).with_certainty(Certainty::Answered)
}
