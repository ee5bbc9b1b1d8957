//! Thirty days of heartbeats, asked in portions of whole record sets.

use crate::run::trouble::Trouble;
use std::collections::BTreeMap;
use std::time::Duration;

use super::learned::{Asker, Learned, at_once};
use crate::azure::Table;
use crate::queries;
use pure::domain::RecordId;
use pure::plan::{Answer, EvidenceRequest};

/// How far back the evidence looks.
const THIRTY_DAYS: Duration = Duration::from_secs(30 * 24 * 3600);
/// Machines that one question may hold.
const MACHINES: usize = 500;
/// Octets of ids and addresses that one question may hold.
const TEXT: usize = 100_000;
/// Portions on their way at the same time.
const PORTIONS: usize = 4;

/// Asks for the evidence about each record set.
pub(super) async fn ask(asker: Asker<'_>, wanted: &BTreeMap<RecordId, EvidenceRequest>) -> Learned {
    let questions = portions(wanted).into_iter().map(|portion| async move {
        let query = queries::evidence_query(&portion.request);
        let answer = asker.azure.logs_query.ask(&query, Some(THIRTY_DAYS), &queries::EVIDENCE_COLUMNS).await;
        (portion, answer)
    });
    let answers = at_once(questions, PORTIONS).await;
    let mut learned = Learned::default();
    for (portion, answer) in answers {
        let answer = match answer {
            Ok(Table { partial: Some(why), .. }) => {
                let words = format!("a query gave only part of its rows: {why}");
                learned.found.troubles.push(Trouble::new(words.clone()));
                Answer::Unavailable(words)
            }
            Ok(table) => {
                let columns = table.column_names();
                Answer::Known(queries::evidence(portion.request, &columns, &table.rows))
            }
            Err(error) => learned.found.failed(&error),
        };
        for (id, asked) in portion.of {
            let own = match &answer {
                // Each record set gets what is about its own machines: the whole for each would be its square.
                Answer::Known(all) => Answer::Known(all.part(asked)),
                Answer::Unavailable(words) => Answer::Unavailable(words.clone()),
            };
            learned.known.learn_evidence(id.clone(), own);
        }
    }
    learned
}

/// One question: what several record sets ask together.
#[derive(Debug, Default)]
struct Portion<'a> {
    request: EvidenceRequest,
    of: Vec<(&'a RecordId, &'a EvidenceRequest)>,
    text: usize,
}

fn portions(wanted: &BTreeMap<RecordId, EvidenceRequest>) -> Vec<Portion<'_>> {
    let mut portions = Vec::new();
    let mut open = Portion::default();
    for (id, request) in wanted {
        let ids: usize = request.machines.iter().map(|machine| machine.lower().len() + 4).sum();
        let text = ids + 44 * request.addresses.len();
        let is_full =
            open.request.machines.len() + request.machines.len() > MACHINES || open.text + text > TEXT;
        if is_full && !open.of.is_empty() {
            portions.push(std::mem::take(&mut open));
        }
        open.request.extend(request);
        open.of.push((id, request));
        open.text += text;
    }
    if !open.of.is_empty() {
        portions.push(open);
    }
    portions
}

#[cfg(test)]
mod tests {
    use super::*;
    use pure::domain::{HostName, RecordType, ResourceId, ZoneId};

    fn wanted(sets: usize, machines: usize) -> BTreeMap<RecordId, EvidenceRequest> {
        let zone = ZoneId::parse(
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com",
        )
        .unwrap();
        let machine = |set: usize, number: usize| {
            let base = "/subscriptions/s/resourceGroups/g/providers/Microsoft.HybridCompute/machines";
            ResourceId::parse(&format!("{base}/m{set}-{number}")).unwrap()
        };
        (0..sets)
            .map(|set| {
                let name = HostName::parse(&format!("n{set}.example.com")).unwrap();
                let machines = (0..machines).map(|number| machine(set, number)).collect();
                let id = RecordId { zone: zone.clone(), name, record_type: RecordType::A };
                (id, EvidenceRequest { machines, ..EvidenceRequest::default() })
            })
            .collect()
    }

    #[test]
    fn portions_are_bounded_and_hold_whole_record_sets() {
        let asked = wanted(1200, 1);
        let portions = portions(&asked);
        assert_eq!(portions.iter().map(|portion| portion.of.len()).sum::<usize>(), 1200);
        for portion in &portions {
            assert!(portion.request.machines.len() <= MACHINES && portion.text <= TEXT);
            for (_, request) in &portion.of {
                assert!(request.machines.is_subset(&portion.request.machines));
            }
        }
        let one = wanted(1, 700);
        assert_eq!(super::portions(&one).len(), 1);
        assert!(super::portions(&wanted(0, 0)).is_empty());
    }
}
