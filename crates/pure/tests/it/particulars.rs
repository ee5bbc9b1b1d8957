//! What a policy asks of machines besides their ids: their location, their tags, and the management groups above them.

use std::collections::{BTreeMap, BTreeSet};

use pure::plan::{Answer, Grant, Live, NameForm, Particulars, Reason, Scope, TagName, Terms};
use pure::plan::{Needs, Proposal};

use super::world::{World, machine, name};

const HOST: &str = "zrh.dyn.example.com";
const GROUP: &str = "/providers/Microsoft.Management/managementGroups/mg-lab";

fn grant(line: usize, form: &str, scope: &str) -> Grant {
    let scope = if scope.is_empty() { Scope::Everywhere } else { scope.parse().unwrap() };
    let names = [form.parse::<NameForm>().unwrap()].into_iter().collect();
    Grant { line: Some(line), kind: None, names, scope, terms: Terms::default() }
}

/// `nas` claims the name, which one claim gives or does not.
fn world(form: &str, scope: &str) -> World {
    let mut world = World::new().claims("nas", HOST, "203.0.113.7");
    world.policy.grants = [grant(3, form, scope)].into_iter().collect();
    world
}

fn told(site: &str, groups: Option<&[&str]>) -> Particulars {
    let groups = groups.map(|groups| groups.iter().map(|group| (*group).to_owned()).collect());
    let tags = BTreeMap::from([("site".to_owned(), site.to_owned())]);
    let mut particulars = Particulars::default();
    particulars.learn(&machine("nas"), "westeurope", &tags, groups.as_ref());
    particulars
}

fn knowing(mut world: World, particulars: &Particulars) -> World {
    world.case.known.learn_particulars(particulars.clone());
    world
}

/// The same, before anybody asked for the machine's tag.
fn unasked(mut world: World) -> World {
    world.case.known = World::new().case.known;
    world
}

fn needs(world: &World) -> Needs {
    world.plan().needs
}

#[test]
fn a_tag_fills_in_one_label_or_nothing() {
    for (form, site, given) in [
        ("{tag:Site}.dyn.example.com", "zrh", true),
        ("{tag:Site}.dyn.example.com", "ZRH", true),
        ("{tag:Site}*.dyn.example.com", "z", true),
        ("{tag:Site}.dyn.example.com", "*", false),
        ("{tag:Site}.dyn.example.com", "zrh.dyn", false),
        ("{tag:Site}.dyn.example.com", "", false),
        ("{tag:Other}.dyn.example.com", "zrh", false),
    ] {
        let world = knowing(world(form, ""), &told(site, None));
        assert_eq!(world.plan().changes.len(), usize::from(given), "{form} {site}");
        let stored = TagName::of(
            Proposal::of(HOST, Some(&machine("nas"))).with(world.case.known.particulars()),
            &world.policy,
        );
        assert_eq!(stored.skip, if given { "" } else { "name-not-allowed" }, "{form} {site}");
    }
    let wild = knowing(world("{tag:Site}.dyn.example.com", ""), &told("*", None)).only_skip();
    assert_eq!(
        wild.because,
        "No claim of POLICY_FILE gives zrh.dyn.example.com to nas: the placeholder {tag:site} on line 3 of POLICY_FILE \
         would be filled with \"*\", which is not one label of a name; correct that, or correct the tag."
    );
}

#[test]
fn who_is_not_known_is_asked_for_with_the_tag_and_the_record_set_and_nothing_more() {
    let form = "{location}.dyn.example.com";
    let world = unasked(world(form, ""));
    let wanted = needs(&world);
    assert_eq!(wanted.machines, BTreeSet::from([machine("nas")]));
    assert_eq!((wanted.sets.len(), wanted.cuts.len()), (1, 0));
    // A row that needs no claim to be caught asks nothing, nor does one that the sweep has refused.
    let old = world.clone().but(|row| row.heartbeat_time = None);
    assert!(needs(&old).is_empty(), "{:?}", old.plan());
    let refused = world.clone().but(|row| "name-not-allowed".clone_into(&mut row.skip));
    assert!(needs(&refused).is_empty());
    assert_eq!(refused.codes(), [Reason::NameNotAllowed]);
    let mut named = refused;
    named.case.asked.named.insert(name(HOST));
    assert!(!needs(&named).is_empty(), "somebody asks for the name");
    for (live, reason) in [
        (Answer::Unavailable("503".to_owned()), Reason::Blind),
        (Answer::Known(Live::Gone), Reason::TagGone),
        (Answer::Known(Live::Tagged(Vec::new())), Reason::TagGone),
        (Answer::Known(Live::Tagged(vec![HOST.to_owned()])), Reason::Blind),
    ] {
        let mut world = world.clone();
        world.case.known.learn_tag(&machine("nas"), live.clone());
        assert_eq!(world.codes(), [reason], "{live:?}");
    }
}

#[test]
fn a_management_group_gives_what_lies_below_it_and_an_untold_chain_is_blindness() {
    let world = world("*.dyn.example.com", GROUP);
    let below = knowing(world.clone(), &told("", Some(&["edge", "MG-Lab", "root"])));
    assert_eq!(below.plan().changes.len(), 1);
    let beside = knowing(world.clone(), &told("", Some(&["mg-lab2", "root"])));
    assert_eq!(beside.codes(), [Reason::NameNotAllowed]);
    let untold = knowing(world, &told("", None));
    let skip = untold.only_skip();
    assert_eq!(skip.reason, Reason::Blind);
    assert_eq!(
        skip.because,
        "Whether line 3 of POLICY_FILE gives zrh.dyn.example.com to nas is not known, for the management groups above its \
         subscription are not told; give our identity Microsoft.Resources/subscriptions/read there."
    );
}

/// A claimant of whom it is not known whether it is one may disagree: nobody moves the name meanwhile.
#[test]
fn an_unknown_claimant_that_says_otherwise_holds_the_name() {
    let mut world = world("*.dyn.example.com", "").claims("pc", HOST, "203.0.113.9");
    world.policy.grants =
        [grant(1, "{name}.dyn.example.com", GROUP), grant(3, "{tag:site}.dyn.example.com", "")]
            .into_iter()
            .collect();
    let particulars = told("zrh", Some(&["root"]));
    let held = knowing(world.clone(), &particulars);
    assert_eq!(held.codes(), [Reason::Blind, Reason::Blind], "{:?}", held.plan());
    let mut both = particulars;
    both.learn(&machine("pc"), "", &BTreeMap::new(), Some(&vec!["root".to_owned()]));
    let free = knowing(world, &both);
    assert_eq!((free.codes(), free.plan().changes.len()), (vec![Reason::NameNotAllowed], 1));
}

#[test]
fn a_template_names_machines_without_a_tag_and_a_tag_overrides_it() {
    let mut policy = World::new().policy;
    let nas = machine("nas");
    let claimed = |policy: &pure::plan::Policy, values: &[&str]| {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        policy.claimed(values, &nas, &told("zrh", None))
    };
    assert_eq!(
        claimed(&policy, &["-"]),
        Some(vec!["-".to_owned()]),
        "without a template a tag is what it is"
    );
    policy.template = Some("{name}-{tag:site}.dyn.example.com".parse().unwrap());
    let one = |name: &str| Some(vec![name.to_owned()]);
    assert_eq!(claimed(&policy, &[]), one("nas-zrh.dyn.example.com"));
    assert_eq!(claimed(&policy, &["pc.example.com"]), one("pc.example.com"));
    for nothing in [&[""][..], &["-"], &[" - "], &["", "-"]] {
        assert_eq!(claimed(&policy, nothing), Some(Vec::new()), "{nothing:?}");
    }
    assert_eq!(policy.claimed(Vec::new(), &nas, &told("a.b", None)), Some(Vec::new()), "no label");
    assert_eq!(policy.claimed(Vec::new(), &nas, &Particulars::default()), None, "nobody knows");
}
