//! What each rule said to a row: the last one decided, and all of them stand in the order of the table.

use proptest::prelude::*;
use pure::plan::rules::{OF_A_CLAIM, OF_A_RECORD_SET, OF_A_ROW};
use pure::plan::said::Said;
use pure::plan::{Reason, Trace};

use super::any_world::{config, worlds};
use super::table::{CODES, example};
use super::world::World;

/// All rules that one row is asked, in their order.
fn rules() -> Vec<Reason> {
    [&OF_A_ROW[..], &OF_A_RECORD_SET, &OF_A_CLAIM].into_iter().flatten().map(|rule| rule.reason).collect()
}

/// Codes that are found for several rows together.
const TOGETHER: [Reason; 7] = [
    Reason::AlreadyRight,
    Reason::ClaimConflict,
    Reason::NotOwned,
    Reason::Held,
    Reason::NoRecord,
    Reason::Braked,
    Reason::Blind,
];

#[test]
fn rules_and_court_are_the_table() {
    assert!(rules().is_sorted());
    let mut codes = rules();
    codes.extend(TOGETHER);
    codes.sort();
    assert_eq!(codes, CODES);
}

#[test]
fn every_rule_is_asked_until_one_decides() {
    for code in CODES {
        let world = example(code);
        let heard = Trace::of(&world.case, &world.policy, world.now).row(&world.case.rows[0]);
        let asked: Vec<Reason> = heard.iter().map(|(reason, _)| *reason).collect();
        if TOGETHER.contains(&code) {
            assert_eq!(asked, rules(), "{code}");
            assert!(heard.iter().all(|(_, said)| *said == Said::No), "{code}");
            continue;
        }
        let (last, before) = heard.split_last().unwrap();
        assert_eq!(asked, rules()[..heard.len()], "{code}");
        assert!(before.iter().all(|(_, said)| *said == Said::No), "{code}");
        let Said::Yes(why) = &last.1 else { panic!("{code}: {last:?}") };
        assert_eq!((last.0, why.reason()), (code, code));
        let skip = world.only_skip();
        assert_eq!(skip.because, why.to_string());
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_decided_is_what_is_told(world in worlds(), which in any::<proptest::sample::Index>()) {
        let World { case, policy, now } = &world;
        if case.rows.is_empty() {
            return Ok(());
        }
        let row = &case.rows[which.index(case.rows.len())];
        let heard = Trace::of(case, policy, *now).row(row);
        let asked: Vec<Reason> = heard.iter().map(|(reason, _)| *reason).collect();
        prop_assert_eq!(&asked, &rules()[..asked.len()]);
        let (last, before) = heard.split_last().unwrap();
        prop_assert!(before.iter().all(|(_, said)| *said == Said::No));
        let plan = world.plan();
        let told = |because: &str| plan.skips.iter().any(|skip| skip.because == because);
        match &last.1 {
            Said::No => prop_assert_eq!(asked.len(), rules().len()),
            // Together with the other claims on its set, a row may be right whatever a rule on its beats says.
            Said::Yes(_) if last.0 >= Reason::TooFewBeats => {}
            Said::Yes(why) => {
                prop_assert_eq!(why.reason(), last.0);
                prop_assert!(told(&why.to_string()));
            }
            Said::Blind(cause) => prop_assert!(told(&cause.to_string())),
            Said::Needs(needs) => prop_assert!(!needs.is_empty() && !plan.needs.is_empty()),
        }
    }
}
