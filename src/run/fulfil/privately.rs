//! What rows of private zones rest on: which machines list an address, what the network interfaces of virtual machines have, and
//! whose virtual machines a zone registers.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use super::learned::{AT_ONCE, Asker, Learned, at_once};
use crate::azure::resource_graph::{MOST_ADDRESSES, MOST_MACHINES};
use crate::azure::{Error, Table};
use crate::queries;
use crate::run::trouble::Trouble;
use pure::domain::{ResourceId, ZoneId};
use pure::plan::{Answer, NeededPrivately};

/// How far back the question about lists may look; its text looks less far.
const AN_HOUR: Duration = Duration::from_secs(3600);
/// Portions on their way at the same time.
const PORTIONS: usize = 4;

/// Asks for everything that is needed.
pub(super) async fn ask(asker: Asker<'_>, needs: &NeededPrivately) -> Learned {
    let (mut all, attached, registering) = tokio::join!(
        listers(asker, &needs.listers),
        interfaces(asker, &needs.interfaces),
        registering(asker, &needs.registering)
    );
    all.absorb(attached);
    all.absorb(registering);
    all
}

async fn listers(asker: Asker<'_>, addresses: &BTreeSet<IpAddr>) -> Learned {
    let all: Vec<IpAddr> = addresses.iter().copied().collect();
    let questions = all.chunks(MOST_ADDRESSES).map(|portion| async move {
        let portion: BTreeSet<IpAddr> = portion.iter().copied().collect();
        let query = queries::listers_query(&portion);
        let answer = asker.azure.logs_query.ask(&query, Some(AN_HOUR), &queries::LISTERS_COLUMNS).await;
        (portion, answer)
    });
    let mut learned = Learned::default();
    for (portion, answer) in at_once(questions, PORTIONS).await {
        let missing: Answer<BTreeSet<ResourceId>> = match answer {
            Ok(Table { partial: Some(why), .. }) => {
                let trouble = Trouble::of_a_part(&why);
                learned.found.add_trouble(trouble.clone());
                Answer::Unavailable(trouble.because)
            }
            Ok(table) => {
                for (address, machines) in queries::listers(&portion, &table.column_names(), &table.rows) {
                    learned.known.privately_mut().learn_listers(address, Answer::Known(machines));
                }
                continue;
            }
            Err(error) => learned.found.failed(&error),
        };
        for address in portion {
            learned.known.privately_mut().learn_listers(address, missing.clone());
        }
    }
    learned
}

async fn interfaces(asker: Asker<'_>, machines: &BTreeSet<ResourceId>) -> Learned {
    let all: Vec<&ResourceId> = machines.iter().collect();
    let questions = all.chunks(MOST_MACHINES).map(|portion| async move {
        let portion: BTreeSet<ResourceId> = portion.iter().copied().cloned().collect();
        let answer = asker.azure.resource_graph.private_addresses(&portion).await;
        (portion, answer)
    });
    let mut learned = Learned::default();
    for (portion, answer) in at_once(questions, PORTIONS).await {
        match answer {
            Ok(addresses) => {
                for (machine, own) in addresses {
                    learned.known.privately_mut().learn_interfaces(machine, Answer::Known(own));
                }
            }
            Err(error) => {
                let missing = learned.found.failed(&error);
                for machine in portion {
                    learned.known.privately_mut().learn_interfaces(machine, missing.clone());
                }
            }
        }
    }
    learned
}

async fn registering(asker: Asker<'_>, zones: &BTreeSet<ZoneId>) -> Learned {
    let questions = zones.iter().cloned().map(|zone| async move {
        let networks: Result<_, Error> = asker.azure.dns.registering(&zone).await;
        (zone, networks)
    });
    let mut learned = Learned::default();
    for (zone, networks) in at_once(questions, AT_ONCE).await {
        let networks = networks.map_or_else(|error| learned.found.failed(&error), Answer::Known);
        learned.known.privately_mut().learn_registering(zone, networks);
    }
    learned
}
