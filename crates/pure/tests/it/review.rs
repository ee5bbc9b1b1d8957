//! A policy held against machines: every line that decides for nobody is named, with the cause.

use pure::domain::{ResourceId, Zones};
use pure::plan::{Grant, Idle, NameForm, Particulars, Policy, Proposal, Review, Scope, Terms, allowed};

use super::world::{OWNER, zone};

fn id(group: &str, name: &str) -> ResourceId {
    let base = "/subscriptions/s1/resourceGroups";
    ResourceId::parse(&format!("{base}/{group}/providers/Microsoft.HybridCompute/machines/{name}")).unwrap()
}

fn policy(claims: &[(&str, &str)]) -> Policy {
    let grant = |(line, (scope, name)): (usize, &(&str, &str))| Grant {
        line: Some(line + 1),
        kind: None,
        names: [name.parse::<NameForm>().unwrap()].into_iter().collect(),
        scope: scope.parse().unwrap_or(Scope::Everywhere),
        terms: Terms::default(),
    };
    Policy::new(Zones::new([zone("example.com")]).unwrap(), claims.iter().enumerate().map(grant), OWNER)
}

/// Why each claim decides for nobody; none where it decides.
fn idle(
    claims: &[(&str, &str)],
    machines: &[(ResourceId, &str)],
    particulars: &Particulars,
) -> Vec<Option<Idle>> {
    let policy = policy(claims);
    let values: Vec<_> = machines.iter().map(|(id, tag)| (id, vec![(*tag).to_owned()])).collect();
    let review = Review::of(&policy, values.iter().map(|(id, values)| (*id, values.as_slice())), particulars);
    review.claims.into_iter().map(|claim| claim.idle).collect()
}

const RG_A: &str = "/subscriptions/s1/resourceGroups/rg-a";
const LAB: &str = "/providers/Microsoft.Management/managementGroups/lab";

#[test]
fn each_kind_of_dead_line_is_told_apart() {
    let machines = [(id("rg-a", "x"), "x.dyn.example.com"), (id("rg-ab", "y"), "wpad.example.com")];
    let claims = [
        (RG_A, "{name}.dyn.example.com"),
        // The group beside it, of which the name is only a beginning.
        ("/subscriptions/s1/resourceGroups/rg", "*.dyn.example.com"),
        ("/subscriptions/s1/resourceGroups/rg-a/providers/Microsoft.HybridCompute/machines/x1", "*"),
        // Taken whole by the first line, and by it and another one.
        (RG_A, "x.dyn.example.com"),
        ("", "x.*.example.com"),
        // Nobody claims it; its zone is not managed; a pattern reaches no reserved name.
        ("", "nobody.example.com"),
        ("", "{name}.example.org"),
        ("/subscriptions/s1/resourceGroups/rg-ab", "wpa*.example.com"),
        // Nothing is known of groups, and nothing of tags.
        (LAB, "nas.example.com"),
        (RG_A, "{tag:site}.dyn.example.com"),
    ];
    let before = |line: usize| Some(Idle::Before([line].into()));
    let expected = [
        None,
        Some(Idle::NoMachine),
        Some(Idle::NoMachine),
        before(1),
        before(1),
        Some(Idle::NoName),
        Some(Idle::NoName),
        Some(Idle::NoName),
        Some(Idle::Unknown),
        before(1),
    ];
    assert_eq!(idle(&claims, &machines, &Particulars::default()), expected);
    // Once they are known: the subscription is not below the group, and the tag fills in nothing that is a label.
    let mut known = Particulars::default();
    for (id, _) in &machines {
        known.learn(
            id,
            "westeurope",
            &[("site".to_owned(), "*".to_owned())].into(),
            Some(&vec!["other".to_owned()]),
        );
    }
    let found = idle(&claims, &machines, &known);
    assert_eq!(found[..8], expected[..8]);
    assert_eq!(found[8..], [Some(Idle::NoSuchGroup("lab".to_owned())), Some(Idle::NoName)]);
}

#[test]
fn a_name_is_judged_by_one_code_with_a_machine_and_without() {
    let policy = policy(&[(RG_A, "{name}.dyn.example.com"), ("", "*.dyn.example.com")]);
    let machine = id("rg-a", "x");
    let lines = |text: &str, machine: Option<&ResourceId>| {
        let offer = allowed(&policy, Proposal::of(text, machine)).ok()?;
        Some(offer.grants.iter().filter_map(|grant| grant.line).collect::<Vec<_>>())
    };
    assert_eq!(lines("x.dyn.example.com", Some(&machine)), Some(vec![1]));
    assert_eq!(lines("y.dyn.example.com", Some(&machine)), Some(vec![2]));
    assert_eq!(lines("x.dyn.example.com", None), Some(vec![1, 2]));
    assert_eq!((lines("x.example.com", Some(&machine)), lines("x.example.com", None)), (None, None));
}
