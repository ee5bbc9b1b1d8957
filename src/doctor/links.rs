//! Whether networks see a private zone: its links, and whether each is made.

use super::az;
use super::line::Line;
use super::visit::{Visit, unasked};
use crate::azure::dns::NetworkLink;
use pure::domain::ZoneId;
use pure::shown::{shell_word, shown};

const TOPIC: &str = "links";
/// The least of the built-in roles that shows links.
const ROLE: &str = "Reader";

/// A line for each thing that is amiss; where nothing is, what is seen tells of the networks.
pub(super) async fn lines(visit: &Visit<'_>, zone: &ZoneId) -> Vec<Line> {
    let name = &zone.label();
    match visit.azure.dns.links(zone).await {
        Ok(links) if links.is_empty() => {
            let said = "no network is linked to it, so nobody sees what is written there; whoever runs the networks links those \
                        whose machines are to find its names";
            vec![Line::warn(TOPIC, name).saying(said).mended_by(az::links(zone))]
        }
        Ok(links) => links.iter().filter(|link| !link.is_made).map(|link| unmade(zone, link)).collect(),
        Err(error) if error.is_forbidden() => {
            let said = "403: its links may not be read, so nobody knows whose machines Azure registers there, and names of \
                        virtual machines stay as they are";
            let assign = az::assign(ROLE, &visit.assignee().await, &shell_word(zone.as_str()));
            vec![Line::fail(TOPIC, name).saying(said).mended_by(assign)]
        }
        // The line of the zone says it.
        Err(error) if error.status == Some(404) => Vec::new(),
        Err(error) => vec![unasked(TOPIC, name, &error)],
    }
}

fn unmade(zone: &ZoneId, link: &NetworkLink) -> Line {
    let said = format!(
        "its link {} to the network {} is not made yet, so that network does not see it; look again in some minutes",
        shown(&link.name),
        link.network.name()
    );
    Line::warn(TOPIC, &zone.label()).saying(said).mended_by(az::links(zone))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pure::domain::ResourceId;

    #[test]
    fn a_link_that_is_not_made_is_told_with_its_network() {
        let group = "/subscriptions/s/resourceGroups/rg-net/providers/Microsoft.Network";
        let zone = ZoneId::parse(&format!("{group}/privateDnsZones/corp.example.com")).unwrap();
        let network = ResourceId::parse(&format!("{group}/virtualNetworks/hub")).unwrap();
        let link = NetworkLink { name: "to-hub".to_owned(), network, registers: false, is_made: false };
        let line = unmade(&zone, &link);
        assert!(line.said.starts_with("its link to-hub to the network hub is not made yet"), "{}", line.said);
        let list = "az network private-dns link vnet list --resource-group rg-net --zone-name corp.example.com --output table";
        assert_eq!(line.az, [list]);
    }
}
