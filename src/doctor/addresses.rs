//! Whether the network of virtual machines may be read (`TARGETS` with `vm`): which public addresses are their own is seen in
//! their interfaces and public IP resources, and what may not be read is left out of every answer without a word.

use std::collections::BTreeSet;

use serde_json::Value;

use super::az;
use super::line::Line;
use super::machines::{self, ROLE, SHOWN};
use super::visit::{Visit, unasked};
use crate::azure::Error;
use crate::queries::quoted_list;
use pure::domain::{MachineKind, ResourceId};

const TOPIC: &str = "addresses";
/// Virtual machines that are looked at.
const MOST: usize = 100;

/// What of the network of some machines is seen.
struct NetworkShown {
    /// The machines that may be read.
    machines: Vec<ResourceId>,
    /// The machines of which an interface is seen: each has one.
    with_interface: BTreeSet<String>,
    /// The public IP resources that their interfaces name, and those of them that are seen.
    named: Vec<ResourceId>,
    seen: BTreeSet<String>,
}

/// Nothing where no virtual machine counts.
pub(super) async fn lines(visit: &Visit<'_>) -> Vec<Line> {
    if !visit.settings.collect.targets.contains(&MachineKind::Virtual) {
        return Vec::new();
    }
    vec![match network(visit).await {
        Ok(network) if network.machines.is_empty() => {
            Line::skip(TOPIC, "").saying("not asked: no virtual machine that claims a name may be read")
        }
        Ok(network) => judged(visit, &network).await,
        Err(error) => unasked(TOPIC, "", &error),
    }]
}

async fn network(visit: &Visit<'_>) -> Result<NetworkShown, Error> {
    let (graph, collect) = (&visit.azure.resource_graph, &visit.settings.collect);
    let mut machines = machines::claimants_of(visit).await?;
    machines.retain(|id| MachineKind::of(id) == Some(MachineKind::Virtual));
    machines.truncate(MOST);
    let mut network = NetworkShown {
        machines: Vec::new(),
        with_interface: BTreeSet::new(),
        named: Vec::new(),
        seen: BTreeSet::new(),
    };
    if machines.is_empty() {
        return Ok(network);
    }
    let listed = graph.tags_of(&machines, &BTreeSet::new(), &collect.subscriptions, &collect.tag).await?;
    machines.retain(|id| listed.contains_key(id.lower()));
    network.machines = machines;
    if network.machines.is_empty() {
        return Ok(network);
    }
    for row in graph.find(&interfaces(&network.machines)).await? {
        let machine = row.get("machine").and_then(Value::as_str).unwrap_or_default();
        network.with_interface.insert(machine.to_lowercase());
        let configurations = row.get("configurations").and_then(Value::as_array).into_iter().flatten();
        let id = |configuration: &Value| {
            let id = configuration.pointer("/properties/publicIPAddress/id")?.as_str()?;
            ResourceId::parse(id).ok()
        };
        network.named.extend(configurations.filter_map(id));
    }
    if !network.named.is_empty() {
        let rows = graph.find(&public_ips(&network.named)).await?;
        let id = |row: &Value| Some(row.get("id")?.as_str()?.to_lowercase());
        network.seen = rows.iter().filter_map(id).collect();
    }
    Ok(network)
}

fn interfaces(machines: &[ResourceId]) -> String {
    format!(
        "resources | where type =~ 'microsoft.network/networkinterfaces' \
         | extend machine = tolower(tostring(properties.virtualMachine.id)) | where machine in ({}) \
         | project machine, configurations = properties.ipConfigurations",
        quoted_list(&machines.iter().cloned().collect::<BTreeSet<ResourceId>>())
    )
}

fn public_ips(named: &[ResourceId]) -> String {
    format!(
        "resources | where type =~ 'microsoft.network/publicipaddresses' | where tolower(id) in ({}) | project id",
        quoted_list(&named.iter().cloned().collect::<BTreeSet<ResourceId>>())
    )
}

async fn judged(visit: &Visit<'_>, network: &NetworkShown) -> Line {
    let all = network.machines.len();
    let bare = network.machines.iter().filter(|id| !network.with_interface.contains(id.lower()));
    let hidden = network.named.iter().filter(|id| !network.seen.contains(id.lower()));
    let (bare, hidden): (Vec<_>, Vec<_>) = (bare.collect(), hidden.collect());
    let said = match (bare.first(), hidden.first()) {
        (Some(machine), _) => format!(
            "the network interfaces of {} of {all} virtual machines may not be read, such as those of {}",
            bare.len(),
            machine.name()
        ),
        (None, Some(public_ip)) => format!(
            "{} of {} public IP resources of virtual machines may not be read, such as {}",
            hidden.len(),
            network.named.len(),
            public_ip.name()
        ),
        (None, None) => {
            return Line::ok(TOPIC, "").saying(format!(
                "the network interfaces and public IP resources of {all} virtual {} may be read",
                if all == 1 { "machine" } else { "machines" }
            ));
        }
    };
    let line = Line::fail(TOPIC, "").saying(format!("{said}; the identity lacks \"{ROLE}\""));
    let assignee = visit.assignee().await;
    let lost: Vec<&ResourceId> = bare.into_iter().chain(hidden).collect();
    let scopes = machines::scopes(&lost);
    let commands = scopes.iter().take(SHOWN).map(|scope| az::assign(ROLE, &assignee, scope));
    commands.fold(line, Line::mended_by)
}
