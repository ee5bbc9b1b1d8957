//! Thirty days of heartbeats, asked in portions of whole record sets where one fits.

use crate::run::trouble::Trouble;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

use super::learned::{Asker, Learned, at_once};
use crate::azure::Table;
use crate::queries;
use pure::domain::{RecordId, ResourceId};
use pure::plan::{Answer, Evidence, EvidenceRequest};

/// How far back the evidence looks.
const THIRTY_DAYS: Duration = Duration::from_secs(30 * 24 * 3600);
/// Machines that one question may hold.
const MACHINES: usize = 500;
/// Octets of ids and addresses that one question may hold.
const TEXT: usize = 100_000;
/// An address as a question holds it, at most.
const ADDRESS: usize = 44;
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
    let mut evidence: BTreeMap<&RecordId, Answer<Evidence>> = BTreeMap::new();
    for (portion, answer) in answers {
        let answer = match answer {
            Ok(Table { partial: Some(why), .. }) => {
                let trouble = Trouble::of_a_part(&why);
                learned.found.add_trouble(trouble.clone());
                Answer::Unavailable(trouble.because)
            }
            Ok(table) => {
                let columns = table.column_names();
                Answer::Known(queries::EvidenceAnswer::read(&columns, &table.rows))
            }
            Err(error) => learned.found.failed(&error),
        };
        for (id, asked) in portion.of {
            let own = match &answer {
                // Each record set gets what is about its own machines: the whole for each would be its square.
                Answer::Known(all) => Answer::Known(all.about(asked)),
                Answer::Unavailable(words) => Answer::Unavailable(words.clone()),
            };
            match evidence.entry(id) {
                Entry::Vacant(entry) => drop(entry.insert(own)),
                Entry::Occupied(mut entry) => join(entry.get_mut(), own),
            }
        }
    }
    for (id, answer) in evidence {
        learned.known.learn_evidence(id.clone(), answer);
    }
    learned
}

/// Puts the parts of an answer together: what lacks one of them is not answered.
fn join(whole: &mut Answer<Evidence>, part: Answer<Evidence>) {
    match (whole, part) {
        (Answer::Known(whole), Answer::Known(part)) => whole.extend(part),
        (whole @ Answer::Known(_), missing @ Answer::Unavailable(_)) => *whole = missing,
        (Answer::Unavailable(_), _) => {}
    }
}

/// One question: what several record sets ask together, of each the whole, or a part of one that is too large.
#[derive(Debug, Default)]
struct Portion<'a> {
    request: EvidenceRequest,
    of: Vec<(&'a RecordId, EvidenceRequest)>,
    text: usize,
}

fn portions(wanted: &BTreeMap<RecordId, EvidenceRequest>) -> Vec<Portion<'_>> {
    let mut portions = Vec::new();
    let mut open = Portion::default();
    for (id, part) in
        wanted.iter().flat_map(|(id, request)| parts(request).into_iter().map(move |part| (id, part)))
    {
        let text = part.machines.iter().map(text_of).sum::<usize>() + ADDRESS * part.addresses.len();
        let is_full = open.request.machines.len() + part.machines.len() > MACHINES || open.text + text > TEXT;
        if is_full && !open.of.is_empty() {
            portions.push(std::mem::take(&mut open));
        }
        open.request.extend(&part);
        open.of.push((id, part));
        open.text += text;
    }
    if !open.of.is_empty() {
        portions.push(open);
    }
    portions
}

/// A request in parts of which each fits into one question.
fn parts(request: &EvidenceRequest) -> Vec<EvidenceRequest> {
    let begin = || EvidenceRequest { addresses: request.addresses.clone(), ..EvidenceRequest::default() };
    let room = TEXT.saturating_sub(ADDRESS * request.addresses.len());
    let (mut parts, mut open, mut text) = (Vec::new(), begin(), 0);
    for machine in &request.machines {
        let more = text_of(machine);
        if !open.machines.is_empty() && (open.machines.len() == MACHINES || text + more > room) {
            parts.push(std::mem::replace(&mut open, begin()));
            text = 0;
        }
        open.machines.insert(machine.clone());
        text += more;
    }
    parts.push(open);
    parts
}

/// A machine's id as a question holds it.
fn text_of(machine: &ResourceId) -> usize {
    machine.lower().len() + 4
}

#[cfg(test)]
mod tests {
    use super::*;
    use pure::domain::{HostName, RecordType, ZoneId};

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
        assert!(super::portions(&wanted(0, 0)).is_empty());
    }

    #[test]
    fn one_record_set_is_asked_for_in_parts_where_it_is_too_large_for_one() {
        let address: std::net::IpAddr = "203.0.113.7".parse().unwrap();
        let mut asked = wanted(3, 1300);
        asked.values_mut().for_each(|request| request.addresses.extend([address]));
        let portions = portions(&asked);
        let mut together: BTreeMap<&RecordId, EvidenceRequest> = BTreeMap::new();
        for portion in &portions {
            assert!(portion.request.machines.len() <= MACHINES && portion.text <= TEXT);
            assert!(queries::evidence_query(&portion.request).len() < TEXT + 4000);
            for (id, part) in &portion.of {
                assert!(part.machines.is_subset(&portion.request.machines));
                assert_eq!(part.addresses, [address].into(), "each part asks for all addresses");
                assert_eq!(portion.request.addresses, part.addresses);
                together.entry(id).or_default().extend(part);
            }
        }
        assert!(together.into_iter().eq(asked.iter().map(|(id, request)| (id, request.clone()))));
    }

    #[test]
    fn the_parts_are_one_answer_that_lacks_what_one_of_them_lacks() {
        let asked = wanted(1, 2).into_values().next().unwrap();
        let known = |index: usize| {
            let machine = asked.machines.iter().nth(index).unwrap().clone();
            let last_heard = [(machine.lower().to_owned(), jiff::Timestamp::UNIX_EPOCH)].into();
            let asked = EvidenceRequest { machines: [machine].into(), ..EvidenceRequest::default() };
            Answer::Known(Evidence { asked, last_heard, ..Evidence::default() })
        };
        let mut whole = known(0);
        join(&mut whole, known(1));
        let Answer::Known(evidence) = &whole else { panic!("{whole:?}") };
        assert_eq!((&evidence.asked, evidence.last_heard.len()), (&asked, 2));
        let missing = || Answer::Unavailable("504".to_owned());
        for (mut whole, part) in [(known(0), missing()), (missing(), known(1))] {
            join(&mut whole, part);
            assert_eq!(whole, missing());
        }
    }
}
