//! Who holds public addresses: their resources in Azure, and the network interfaces on which these lie.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::is_true;
use super::{API_VERSION, PAGE, ResourceGraph, query_call};
use crate::azure::answer::Flaw;
use crate::azure::error::{Certainty, Error, Kind};
use crate::azure::ids::tidy;
use crate::azure::retry_after::THROTTLED;
use crate::queries::{quoted_list, quoted_spellings};
use pure::domain::{Holder, PublicIp, ResourceId, Service, parse_address};

/// Addresses that one query asks about.
pub const MOST_ADDRESSES: usize = 500;
/// What the call is named.
const OPERATION: &str = "find public IP resources";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    total_records: u64,
    #[serde(default)]
    result_truncated: Option<Value>,
    #[serde(default, rename = "$skipToken")]
    skip_token: Option<Value>,
    data: Vec<Value>,
}

/// A resource with an address or a range of them.
#[derive(Deserialize)]
struct Row {
    id: String,
    address: String,
    range: String,
    configuration: String,
    gateway: String,
    machine: String,
}

impl ResourceGraph {
    /// Who holds each of these public addresses; words where a row cannot be read that may be about it. `machines` are those that report them: where a tenant has more subscriptions
    /// than one query sees, theirs are looked at, for a machine's interfaces and their addresses lie in its own.
    ///
    /// # Errors
    /// [`Error`]; a part of an answer is none.
    pub async fn holders(
        &self,
        addresses: &BTreeSet<IpAddr>,
        machines: &BTreeSet<ResourceId>,
    ) -> Result<BTreeMap<IpAddr, Result<Holder, String>>, Error> {
        let query = query(addresses);
        let rows = match self.whole(OPERATION, &query, &[]).await {
            Err(error) if error.kind() == Kind::Incomplete => {
                let own: BTreeSet<&str> = machines.iter().map(ResourceId::subscription).collect();
                self.whole(OPERATION, &query, &own.into_iter().collect::<Vec<_>>()).await?
            }
            rows => rows?,
        };
        let (shown, strange): (Vec<_>, Vec<_>) =
            rows.into_iter().map(HeldAddress::of).partition(Result::is_ok);
        let shown: Vec<HeldAddress> = shown.into_iter().flatten().collect();
        let flaw = strange.into_iter().find_map(Result::err);
        let of = |address: &IpAddr| match (holder(*address, &shown), &flaw) {
            (Holder::Machine(machine), _) => Ok(Holder::Machine(machine)),
            (_, Some(words)) => Err(words.clone()),
            (holder, None) => Ok(holder),
        };
        Ok(addresses.iter().map(|address| (*address, of(address))).collect())
    }

    /// All rows of a query, or none.
    pub(super) async fn whole(
        &self,
        operation: &'static str,
        query: &str,
        subscriptions: &[&str],
    ) -> Result<Vec<Value>, Error> {
        let mut body = json!({ "query": query, "options": { "$top": PAGE, "resultFormat": "objectArray" } });
        if !subscriptions.is_empty() {
            body["subscriptions"] = json!(subscriptions);
        }
        let url = self.channel.url("/providers/Microsoft.ResourceGraph/resources", &[API_VERSION]);
        let call = query_call(operation, url, body.to_string(), &self.allowance);
        let read = self.channel.call(&self.run, &call, &[THROTTLED], |reply| {
            self.allowance.learn(reply.status, &reply.headers);
            if reply.status == THROTTLED {
                return Err(Flaw::Refused);
            }
            let answer: Answer = reply.json()?;
            let cut = reply.header("x-ms-tenant-subscription-limit-hit");
            Ok((answer, cut.is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))))
        });
        let (answer, is_cut) = read.await?;
        if is_cut {
            let words = "the tenant has more subscriptions than one query sees";
            return Err(not_whole(operation, Kind::Incomplete, words));
        }
        let count = answer.data.len() as u64;
        let goes_on = answer.skip_token.is_some_and(|token| !token.is_null());
        if answer.total_records != count || goes_on || is_true(answer.result_truncated.as_ref()) {
            let words = format!("{} rows were promised, {count} came", answer.total_records);
            return Err(not_whole(operation, Kind::Changed, words));
        }
        Ok(answer.data)
    }
}

/// A resource of the answer with what it covers.
struct HeldAddress {
    /// The address.
    address: Option<IpAddr>,
    /// The range, of which every address goes out by the same gateway.
    range: Option<IpNet>,
    public_ip: PublicIp,
}

impl HeldAddress {
    fn of(row: Value) -> Result<Self, String> {
        let row: Row = serde_json::from_value(row)
            .map_err(|error| format!("a row about public IP resources cannot be read: {error}"))?;
        let id = |text: &str| match text {
            "" => Ok(None),
            text => ResourceId::parse(&tidy(text)).map(Some).map_err(|fault| format!("{text} {fault}")),
        };
        let public_ip = PublicIp {
            id: id(&row.id)?.ok_or("a public IP resource has no id")?,
            configuration: id(&row.configuration)?,
            machine: id(&row.machine)?,
            nat_gateway: id(&row.gateway)?,
        };
        Ok(Self { address: parse_address(&row.address), range: row.range.parse().ok(), public_ip })
    }
}

fn not_whole(operation: &'static str, kind: Kind, words: impl Into<String>) -> Error {
    Error::new(Service::ResourceGraph, kind, operation, words).with_certainty(Certainty::Answered)
}

/// The holder of an address: what lies on a machine counts before all else that shows it.
fn holder(address: IpAddr, shown: &[HeldAddress]) -> Holder {
    let own = shown.iter().filter(|shown| shown.address == Some(address));
    let ranges = shown.iter().filter(|shown| shown.range.is_some_and(|range| range.contains(&address)));
    let holders: Vec<Holder> = own.chain(ranges).map(|shown| Holder::from(shown.public_ip.clone())).collect();
    let machine = holders.iter().find(|holder| matches!(holder, Holder::Machine(_)));
    machine.or(holders.first()).cloned().unwrap_or(Holder::Unseen)
}

/// Ids come in any case. A range is looked for by its first three numbers, for none is larger than that.
fn query(addresses: &BTreeSet<IpAddr>) -> String {
    let networks = addresses.iter().filter_map(|address| match address {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            Some(IpAddr::V4(Ipv4Addr::new(a, b, c, 0)))
        }
        IpAddr::V6(_) => None,
    });
    let networks: BTreeSet<IpAddr> = networks.collect();
    let in_a_range = match quoted_list(&networks) {
        none if none.is_empty() => String::new(),
        networks => {
            format!(" or strcat(extract('^[0-9]+[.][0-9]+[.][0-9]+[.]', 0, range), '0') in ({networks})")
        }
    };
    format!(
        "resources | where type in~ ('microsoft.network/publicipaddresses', 'microsoft.network/publicipprefixes') \
         | extend address = tostring(properties.ipAddress), range = tostring(properties.ipPrefix) \
         | where address in~ ({}){in_a_range} \
         | extend configuration = tostring(properties.ipConfiguration.id) \
         | extend interface = tostring(split(tolower(configuration), '/ipconfigurations/')[0]) \
         | join kind=leftouter (resources | where type =~ 'microsoft.network/networkinterfaces' \
         | project interface = tolower(id), machine = tostring(properties.virtualMachine.id)) on interface \
         | project id, address, range, configuration, gateway = tostring(properties.natGateway.id), machine \
         | order by id asc",
        addresses.iter().map(quoted_spellings).collect::<Vec<_>>().join(", ")
    )
}
