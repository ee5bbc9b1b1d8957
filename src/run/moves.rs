//! Who still holds the public addresses that names have left: looked for when a run has ended, so that nobody waits for it.
//! Whatever becomes of the look, the run is what it was.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::installation::Installation;
use super::trouble::Trouble;
use crate::azure::resource_graph::MayHold;
use crate::azure::{Azure, Kind};
use pure::domain::{HostName, places};
use pure::plan::report::{HoldingResource, LeftAddress, Moves, NotShown, Outcome, Report, left};
use pure::shown::shell_word;

/// All the time that a look may take.
const LIMIT: Duration = Duration::from_secs(30);
/// Places of one resource that are told.
const PLACES: usize = 20;

/// What still holds the addresses that names have left by a run; none where it left none, and where nobody wants to know.
pub async fn moves(installation: &Installation, report: &Report) -> Option<Moves> {
    if !installation.settings.run.reports_moves {
        return None;
    }
    // As far as they are known or thought to have landed.
    let landed = report
        .changes
        .iter()
        .filter(|change| matches!(change.outcome, Outcome::Confirmed | Outcome::Unconfirmed))
        .map(|change| &change.change);
    let left = left(landed.map(|change| (&change.id, change.from(), change.to().clone())));
    if left.is_empty() {
        return None;
    }
    let machines = report.changes.iter().flat_map(|change| change.change.machines());
    let machines: BTreeSet<String> = machines.map(|id| id.lower().to_owned()).collect();
    let asked = async {
        let azure = installation.clients.until(Instant::now() + LIMIT)?;
        holding(installation, &azure, left.clone(), &machines).await
    };
    let because = match timeout(LIMIT, asked).await {
        Ok(Ok(found)) => return Some(found),
        Ok(Err(trouble)) => trouble.because,
        Err(_) => format!("Azure Resource Graph gave no answer in {} s", LIMIT.as_secs()),
    };
    let unknown = |(address, names)| LeftAddress { address, names, resources: Vec::new() };
    Some(Moves {
        left: left.into_iter().map(unknown).collect(),
        not_shown: Vec::new(),
        because: Some(because),
    })
}

/// What holds these addresses, each left by these names. What Azure shows of the machines whose names these are is no news:
/// it follows them by itself.
///
/// # Errors
/// When Resource Graph is not to be asked.
pub(super) async fn holding(
    installation: &Installation,
    azure: &Azure,
    left: BTreeMap<IpAddr, BTreeSet<HostName>>,
    machines: &BTreeSet<String>,
) -> Result<Moves, Trouble> {
    let addresses: BTreeSet<IpAddr> = left.keys().copied().collect();
    let chosen = &installation.settings.collect.subscriptions;
    let graph = &azure.resource_graph;
    let (rows, is_whole) = match graph.may_hold(&addresses, &[]).await {
        // A tenant may have more subscriptions than one query sees; those that were chosen are few.
        Err(error) if error.kind() == Kind::Incomplete && !chosen.is_empty() => {
            graph.may_hold(&addresses, chosen).await?
        }
        rows => rows?,
    };
    let mut moves = Moves {
        because: (!is_whole).then(|| "more resources hold them than were read; these are not all".to_owned()),
        ..Moves::default()
    };
    let mut found: BTreeMap<IpAddr, Vec<HoldingResource>> = BTreeMap::new();
    for row in rows.iter().filter(|row| !machines.contains(&row.id.to_lowercase())) {
        for (address, mut places) in places(&row.properties, &addresses) {
            places.truncate(PLACES);
            let names = left.get(&address).into_iter().flatten();
            found.entry(address).or_default().push(resource(row, places, names));
        }
        moves.not_shown.extend(not_shown(row));
    }
    moves.left = left
        .into_iter()
        .map(|(address, names)| {
            let resources = found.remove(&address).unwrap_or_default();
            LeftAddress { address, names, resources }
        })
        .collect();
    Ok(moves)
}

fn resource<'n>(
    row: &MayHold,
    places: Vec<String>,
    names: impl Iterator<Item = &'n HostName>,
) -> HoldingResource {
    let MayHold { id, name, resource_type, resource_group, .. } = row.clone();
    let because = takes_a_name(&resource_type, &places)
        .then(|| names.map(HostName::as_str).next())
        .flatten()
        .map(|of| {
            format!("it takes a name in place of the number: set its fqdn to {of}, and it follows by itself")
        });
    HoldingResource { id, resource_type: resource_type.to_lowercase(), name, resource_group, places, because }
}

/// Whether what holds the address is the peer of a tunnel, which takes a name as well (contract address-moves, section 3).
fn takes_a_name(resource_type: &str, places: &[String]) -> bool {
    let is_peer = |place: &String| {
        let last = place.rsplit('.').next().unwrap_or_default();
        matches!(last, "gatewayIpAddress" | "ipAddress")
    };
    ["microsoft.network/localnetworkgateways", "microsoft.network/vpnsites"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(resource_type))
        && places.iter().any(is_peer)
}

/// A server whose firewall rules are resources that Resource Graph does not show, with the command that does.
fn not_shown(row: &MayHold) -> Option<NotShown> {
    let MayHold { id, name, resource_type, resource_group, .. } = row.clone();
    let resource_type = resource_type.to_lowercase();
    let command = match resource_type.as_str() {
        "microsoft.sql/servers" => "az sql server firewall-rule list --server",
        "microsoft.dbforpostgresql/flexibleservers" => {
            "az postgres flexible-server firewall-rule list --server-name"
        }
        _ => return None,
    };
    let subscription = id.split('/').nth(2).unwrap_or_default();
    let [server, group] = [&name, &resource_group].map(|text| shell_word(text));
    let look =
        format!("{command} {server} --resource-group {group} --subscription {}", shell_word(subscription));
    Some(NotShown { id, resource_type, name, resource_group, look })
}
