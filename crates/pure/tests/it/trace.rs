//! What each rule said to a row: the last one decided, all of them stand in the order of the table, and what decided is what
//! the plan says.

use std::collections::BTreeSet;

use proptest::prelude::*;
use pure::domain::{MismatchRow, ResourceId};
use pure::plan::rules::{OF_A_CLAIM, OF_A_RECORD_SET, OF_A_ROW};
use pure::plan::said::Said;
use pure::plan::{Blindness, Change, Plan, Reason, Trace, Why};

use super::any_world::{config, worlds};
use super::table::{CODES, example};
use super::world::World;

/// All rules that one row is asked, in their order.
fn rules() -> Vec<Reason> {
    [&OF_A_ROW[..], &OF_A_RECORD_SET, &OF_A_CLAIM].into_iter().flatten().map(|rule| rule.reason).collect()
}

/// Codes that are found for several rows together.
const TOGETHER: [Reason; 8] = [
    Reason::AlreadyRight,
    Reason::ClaimConflict,
    Reason::Contested,
    Reason::NotOwned,
    Reason::Held,
    Reason::NoRecord,
    Reason::Braked,
    Reason::Blind,
];

/// The code and the sentence of what a rule said, as a skip has them; none where it does not decide.
fn decided(said: &Said) -> Option<(Reason, String)> {
    let why = match said {
        Said::No => return None,
        Said::Yes(why) => why.clone(),
        Said::Blind(cause) => Why::Blind { cause: cause.clone() },
        Said::Needs(_) => return None,
    };
    Some((why.reason(), why.to_string()))
}

#[test]
fn rules_and_court_are_the_table() {
    assert!(rules().is_sorted());
    let mut codes = rules();
    codes.extend(TOGETHER);
    codes.sort();
    assert_eq!(codes, CODES);
}

#[test]
fn every_rule_of_the_table_is_asked_until_one_decides() {
    for code in CODES {
        let world = example(code);
        let trace = Trace::of(&world.case, &world.policy, world.now, |_| true);
        let skip = trace.plan.skips.iter().find(|skip| skip.reason == code).unwrap();
        let of_skip = |(row, _): &(&MismatchRow, _)| row.resource_id == skip.machine;
        let (_, heard) = trace.rows().find(of_skip).unwrap();
        let asked: Vec<Reason> = heard.iter().map(|(rule, _)| *rule).collect();
        assert_eq!(asked, CODES[..heard.len()], "{code}");
        let (last, before) = heard.split_last().unwrap();
        assert!(before.iter().all(|(_, said)| *said == Said::No), "{code}");
        assert_eq!(decided(&last.1), Some((code, skip.because.to_string())), "{code}");
        if code != Reason::Blind {
            assert_eq!(last.0, code);
        }
    }
}

/// Nobody pays for what nobody wants to know.
#[test]
fn nothing_is_noted_of_rows_that_nobody_asks_for() {
    let world = example(Reason::NotOwned);
    let trace = Trace::of(&world.case, &world.policy, world.now, |_| false);
    assert_eq!((trace.rows().count(), &trace.plan), (0, &world.plan()));
}

fn in_plan(plan: &Plan) -> BTreeSet<(Reason, String)> {
    plan.skips.iter().map(|skip| (skip.reason, skip.because.to_string())).collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_decided_is_what_the_plan_says(world in worlds()) {
        let World { case, policy, now } = &world;
        let trace = Trace::of(case, policy, *now, |_| true);
        prop_assert_eq!(&trace.plan, &world.plan(), "notes change nothing");
        let told = in_plan(&trace.plan);
        let mut heard = BTreeSet::new();
        for (row, answers) in trace.rows() {
            let (last, before) = answers.split_last().unwrap();
            prop_assert!(before.iter().all(|(_, said)| *said == Said::No), "{:?}", answers);
            let asked: BTreeSet<Reason> = answers.iter().map(|(rule, _)| *rule).collect();
            prop_assert_eq!(asked.len(), answers.len(), "each rule is told once");
            match &last.1 {
                Said::No => {
                    prop_assert_eq!(last.0, Reason::Blind, "the last brake is asked last");
                    let machines = trace.plan.changes.iter().flat_map(Change::machines);
                    let id = row.resource_id.to_lowercase();
                    prop_assert!(machines.map(ResourceId::lower).any(|machine| machine == id));
                }
                Said::Needs(needs) => {
                    prop_assert!(!needs.is_empty() && !trace.plan.needs.is_empty());
                    let name = row.host_name.trim_end_matches('.').to_lowercase();
                    let names = [name, row.host_name.clone()];
                    heard.extend(names.map(|name| {
                        let why = Why::Blind { cause: Blindness::NotAsked { name } };
                        (Reason::Blind, why.to_string())
                    }));
                }
                said @ (Said::Yes(_) | Said::Blind(_)) => {
                    let decided = decided(said).unwrap();
                    let is_right = decided.0 == Reason::AlreadyRight && !trace.plan.in_sync.is_empty();
                    prop_assert!(told.contains(&decided) || is_right, "{:?}", decided);
                    heard.insert(decided);
                }
            }
        }
        prop_assert!(told.is_subset(&heard), "{:?}", told.difference(&heard).collect::<Vec<_>>());
    }
}
