//! An explanation says what the plan does, and nothing else: verdict, deciding rule and sentence are those of the plan.

use std::collections::BTreeSet;

use proptest::prelude::*;
use pure::domain::{HostName, RecordType};
use pure::plan::explanation::{Claimed, RuleAnswer, State, Verdict, unjudged};
use pure::plan::{Answer, Explanation, Reason, Unheard, Why, explain};

use super::any_world::{HOSTS, config, worlds};
use super::table::{CODES, example};
use super::world::{World, addresses, key, machine, name};

fn explained(world: &World, host: &HostName) -> Vec<Explanation> {
    explain(host, &world.case, &world.policy, world.now, &[])
}

/// The code and the sentence of the rule that decided about a claim.
fn decided(claimed: &Claimed) -> Option<(Reason, Option<String>)> {
    claimed.decided_by().map(|told| {
        let reason = if told.answer == RuleAnswer::Unknown { Reason::Blind } else { told.rule };
        (reason, told.because.as_ref().map(ToString::to_string))
    })
}

#[test]
fn for_every_code_the_deciding_rule_is_the_one_of_the_plan() {
    for code in CODES {
        let world = example(code);
        let plan = world.plan();
        let skip = plan.skips.iter().find(|skip| skip.reason == code).unwrap();
        let Ok(host) = HostName::parse(&skip.name) else {
            assert_eq!(code, Reason::NameInvalid, "nobody can ask for what is no name");
            continue;
        };
        let found = explained(&world, &host);
        let zone = skip.seen.as_ref().map(|seen| seen.zone.clone()).unwrap_or_default();
        let is_of_zone =
            |block: &Explanation| block.zone.as_ref().is_none_or(|id| id.as_str() == zone || zone.is_empty());
        let mut blocks = found.iter().filter(|block| block.record_type == skip.record_type);
        let block = blocks.find(|block| is_of_zone(block)).unwrap();
        assert_eq!((block.reason, &block.because), (Some(code), &Some(skip.because.clone())), "{code}");
        assert_eq!(block.verdict, Verdict::Left, "{code}");
        let way = block.would_move.clone().unwrap();
        assert!(!way.is_empty() && !way.ends_with('.') && !way.contains("  "), "{code}: {way}");
        let claimed = block.claims.iter().find(|claimed| claimed.machine == skip.machine).unwrap();
        assert_eq!(decided(claimed), Some((code, Some(skip.because.to_string()))), "{code}");
        assert_eq!(claimed.rules.len(), Reason::ALL.len(), "every rule is told");
        assert!(claimed.rules.is_sorted_by_key(|told| told.rule), "in the order of the table");
    }
}

#[test]
fn a_name_that_is_right_and_held_moves_when_nobody_holds_it_any_more() {
    let host = name("nas.example.com");
    let world = World::new().claims("m", "nas.example.com", "203.0.113.1");
    let world = world.keeps("m", "nas.example.com", &["203.0.113.1"]);
    let held = |until: &str| {
        let mut world = world.clone().set(&key("nas.example.com"), |set| {
            set.metadata.insert("heartbeat_dns_hold".to_owned(), until.to_owned());
        });
        world.case.rows[0].dns_ip = "203.0.113.1".to_owned();
        world.case.asked.named.insert(host.clone());
        let [told] = explained(&world, &host).try_into().unwrap();
        assert_eq!(told.verdict, Verdict::InSync);
        told.would_move.unwrap().to_string()
    };
    assert_eq!(held("forever"), "with heartbeat-dns unhold nas.example.com");
    assert!(held("2020-01-01T00:00:00Z").starts_with("with 2 heartbeats"), "that hold is over");
}

#[test]
fn a_name_that_is_right_and_one_that_moves_are_told_so() {
    let host = name("nas.example.com");
    let mut world = World::new().claims("m", "nas.example.com", "203.0.113.1").keeps(
        "m",
        "nas.example.com",
        &["203.0.113.1"],
    );
    world.case.rows[0].dns_ip = "203.0.113.1".to_owned();
    world.case.asked.named.insert(host.clone());
    let [right] = explained(&world, &host).try_into().unwrap();
    assert_eq!((&right.verdict, right.reason), (&Verdict::InSync, None));
    assert_eq!(
        right.would_move.as_deref(),
        Some("with 2 heartbeats in a row from another address, over 45 s")
    );
    let mark = right.record_set.mark.unwrap();
    assert!(mark.is_ours && mark.machine == machine("m").lower());
    let world = World::new().claims("m", "nas.example.com", "203.0.113.2").keeps(
        "m",
        "nas.example.com",
        &["203.0.113.1"],
    );
    let [moves] = explained(&world, &host).try_into().unwrap();
    let Verdict::ToWrite { to, .. } = &moves.verdict else { panic!("{moves:?}") };
    assert_eq!(to, &addresses(&["203.0.113.2"]));
    assert!(
        moves.claims[0].rules.iter().all(|told| matches!(told.answer, RuleAnswer::No | RuleAnswer::NotAsked))
    );
    let seen =
        |rule| moves.claims[0].rules.iter().find(|told| told.rule == rule).unwrap().because.clone().unwrap();
    assert_eq!(seen(Reason::NotOwned), "the mark names m");
    assert_eq!(seen(Reason::NameNotAllowed), "POLICY_NAMES gives it");
}

#[test]
fn a_claim_of_which_no_row_speaks_has_the_one_reason_that_is_known() {
    let host = name("nas.example.com");
    let world = World::new();
    let silent = Why::NoHeartbeat { machine: machine("m").to_string(), quiet: Unheard::AnHour };
    let [block] =
        explain(&host, &world.case, &world.policy, world.now, &[(machine("m"), silent)]).try_into().unwrap();
    assert_eq!((block.reason, block.record_type), (Some(Reason::NoHeartbeat), RecordType::A));
    assert_eq!(block.would_move.as_deref(), Some("as soon as m sends heartbeats"));
    assert_eq!(block.record_set.state, State::Unknown, "nobody read it");
    let [nobodys] = explained(&world, &host).try_into().unwrap();
    assert_eq!((nobodys.verdict, nobodys.would_move), (Verdict::Unclaimed, None));
    let machines = BTreeSet::from([machine("m")]);
    let world = World::new().keeps("m", "nas.example.com", &["203.0.113.1"]);
    let [unknown] =
        unjudged(&host, &world.case, &world.policy, world.now, &machines, "503").try_into().unwrap();
    assert_eq!((unknown.verdict, unknown.because.as_deref()), (Verdict::Unknown, Some("503")));
    assert_eq!(
        (unknown.record_set.state, unknown.would_move),
        (State::There, None),
        "what stands there is told"
    );
    assert_eq!(unknown.claims[0].machine, machine("m").to_string());
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn an_explanation_and_the_plan_never_disagree(world in worlds()) {
        let plan = world.plan();
        for host in HOSTS.iter().filter_map(|host| HostName::parse(host).ok()).collect::<BTreeSet<_>>() {
            let found = explained(&world, &host);
            prop_assert!(!found.is_empty());
            for block in &found {
                let is_it = |other: &HostName, kind: RecordType| *other == host && kind == block.record_type;
                let change = plan.changes.iter().find(|change| is_it(&change.id.name, change.id.record_type));
                let is_right = plan.in_sync.iter().any(|id| is_it(&id.name, id.record_type));
                let skips = plan.skips.iter().filter(|skip| skip.name == host.as_str() && skip.record_type == block.record_type);
                let said: BTreeSet<_> = skips.map(|skip| (skip.reason, Some(skip.because.to_string()))).collect();
                match &block.verdict {
                    Verdict::ToWrite { action, to } => {
                        let change = change.unwrap();
                        prop_assert_eq!((*action, to), (change.action(), change.to()));
                    }
                    Verdict::InSync => prop_assert!(is_right && change.is_none()),
                    Verdict::Left => {
                        let own = (block.reason.unwrap(), block.because.as_ref().map(ToString::to_string));
                        prop_assert!(change.is_none() && !is_right);
                        let is_silent = own.0 == Reason::NoHeartbeat;
                        prop_assert!(said.contains(&own) || is_silent || !plan.needs.is_empty(), "{:?}", own);
                    }
                    Verdict::Unknown => prop_assert!(false, "the rules were asked"),
                    Verdict::Unclaimed => prop_assert!(change.is_none() && said.is_empty()),
                }
                let told: BTreeSet<_> = block.claims.iter().filter_map(decided).collect();
                prop_assert!(said.is_subset(&told) || !plan.needs.is_empty(), "{:?} {:?}", said, told);
            }
            let told: BTreeSet<_> = found.iter().map(|block| block.record_type).collect();
            for change in plan.changes.iter().filter(|change| change.id.name == host) {
                prop_assert!(told.contains(&change.id.record_type));
            }
        }
    }

    /// What is unavailable is never told as an answer.
    #[test]
    fn what_could_not_be_read_is_not_told_as_a_no(world in worlds()) {
        for host in HOSTS.iter().filter_map(|host| HostName::parse(host).ok()) {
            for block in explained(&world, &host) {
                let Some(zone) = block.zone.clone() else { continue };
                let id = pure::domain::RecordId { zone, name: host.clone(), record_type: block.record_type };
                let is_unread = matches!(world.case.known.set(&id), Some(Answer::Unavailable(_)));
                prop_assert_eq!(block.record_set.because.is_some(), is_unread);
                if is_unread {
                    let is_told = matches!(block.verdict, Verdict::ToWrite { .. } | Verdict::InSync);
                    prop_assert!(!is_told);
                }
            }
        }
    }
}
