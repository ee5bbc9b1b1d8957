//! Claims of a policy file: which one decides, what its sentences say, and that none is ever wider than its words.

use std::collections::BTreeSet;
use std::fmt::Write;

use jiff::SignedDuration;
use proptest::prelude::*;
use pure::domain::{Country, ResourceId, ZoneKind, Zones};
use pure::plan::{
    Adopt, Grant, NameForm, Particulars, Policy, Proposal, Reason, Scope, TagName, Term, Terms,
};

use super::any_world::config;
use super::world::{OWNER, World, key, machine, name, zone};

/// A claim as it stands in a file.
#[derive(Clone, Debug)]
struct Words {
    names: Vec<&'static str>,
    scope: &'static str,
}

fn scope(text: &str) -> Scope {
    if text.is_empty() { Scope::Everywhere } else { text.parse().unwrap() }
}

fn grant(line: usize, words: &Words, terms: Terms) -> Grant {
    let names = words.names.iter().map(|text| text.parse::<NameForm>().unwrap()).collect();
    Grant { line: Some(line), kind: None, names, scope: scope(words.scope), terms }
}

/// The slow reading: does a text with `*` fit a label?
fn fits(pattern: &[u8], label: &[u8]) -> bool {
    match pattern.split_first() {
        None => label.is_empty(),
        Some((b'*', rest)) => (0..=label.len()).any(|taken| fits(rest, &label[taken..])),
        Some((octet, rest)) => label.first() == Some(octet) && fits(rest, &label[1..]),
    }
}

/// What a value may fill in.
fn is_label(value: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !value.is_empty() && value.chars().all(plain) && !value.starts_with('-') && !value.ends_with('-')
}

/// Whether one name of a claim gives the name to the machine, read word by word.
fn gives(form: &str, name: &str, id: &str, site: &str) -> bool {
    let segments: Vec<&str> = id.split('/').collect();
    let (group, machine) = (segments[4].to_lowercase(), segments[8].to_lowercase());
    if !form.contains(['*', '{']) || form.starts_with('\\') {
        return form.trim_start_matches('\\') == name;
    }
    let first = name.split('.').next().unwrap();
    if name == "example.com" || first == "*" || first == "wpad" {
        return false;
    }
    if form == "*" {
        return true;
    }
    let mut filled = form.to_owned();
    let site = site.to_lowercase();
    for (placeholder, value) in [("{name}", machine), ("{resourceGroup}", group), ("{tag:Site}", site)] {
        if filled.contains(placeholder) && !is_label(&value) {
            return false;
        }
        filled = filled.replace(placeholder, &value);
    }
    let (patterns, labels): (Vec<&str>, Vec<&str>) = (filled.split('.').collect(), name.split('.').collect());
    patterns.len() == labels.len()
        && patterns.iter().zip(labels).all(|(pattern, label)| fits(pattern.as_bytes(), label.as_bytes()))
}

/// Whether an id lies below a scope, segment by segment.
fn lies_below(scope: &str, id: &str) -> bool {
    let segments = |text: &str| text.to_lowercase().split('/').map(str::to_owned).collect::<Vec<_>>();
    scope.is_empty() || segments(id).starts_with(&segments(scope))
}

const NAMES: [&str; 17] = [
    "*",
    "example.com",
    "web01.example.com",
    "wpad.example.com",
    "\\*.dyn.example.com",
    "*.dyn.example.com",
    "web*.example.com",
    "{name}.dyn.example.com",
    "{name}.example.com",
    "{name}-{resourceGroup}.example.com",
    "x{name}*.example.com",
    "{resourceGroup}.dyn.example.com",
    "{name}.{resourceGroup}.example.com",
    "*.{resourceGroup}.example.com",
    "{tag:Site}.example.com",
    "{tag:Site}.dyn.example.com",
    "{name}.{tag:Site}.example.com",
];

/// What whoever may tag a machine writes, to have more than one label of one name.
const SITES: [&str; 9] = ["web01", "WEB1", "*", "w*", "web01.dyn", "", "-w", "wpad", " dyn"];

const SCOPES: [&str; 7] = [
    "",
    "/subscriptions/s1",
    "/subscriptions/S10",
    "/subscriptions/s1/resourceGroups/rg-a",
    "/subscriptions/s1/resourcegroups/RG-AB",
    "/subscriptions/s10/resourceGroups/rg-a",
    "/subscriptions/s1/resourceGroups/rg-a/providers/Microsoft.HybridCompute/machines/WEB01",
];

fn words() -> impl Strategy<Value = Vec<Words>> {
    let names = prop::collection::vec(prop::sample::select(&NAMES), 1..3);
    let one = (names, prop::sample::select(&SCOPES)).prop_map(|(names, scope)| Words { names, scope });
    prop::collection::vec(one, 1..5)
}

fn machines() -> impl Strategy<Value = String> {
    let subscriptions = prop::sample::select(&["s1", "S10", "s100"]);
    let groups = prop::sample::select(&["rg-a", "rg-ab", "RG-A", "rg_a", "dyn", "a.b"]);
    let names = prop::sample::select(&["web01", "WEB01", "web1", "web01.lab", "wpad", "w", "-w", "dyn"]);
    (subscriptions, groups, names).prop_map(|(subscription, group, name)| {
        format!("/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.HybridCompute/machines/{name}")
    })
}

const FIRST: [&str; 12] =
    ["web01", "web1", "wpad", "*", "w", "rg-a", "xweb01", "xweb01y", "web01-rg-a", "web01-rg-ab", "a", "dyn"];
const BELOW: [&str; 6] = ["", ".dyn", ".rg-a", ".rg-ab", ".lab", ".a.b"];

/// Names that nearly fit: what the machine could be called, and others.
fn asked() -> Vec<String> {
    let below = |first: &str| BELOW.map(|below| format!("{first}{below}.example.com"));
    FIRST.into_iter().flat_map(below).chain(["example.com".to_owned()]).collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_a_policy_gives_its_words_give_too_and_the_first_that_does_decides(
        words in words(), id in machines(), site in prop::sample::select(&SITES)
    ) {
        let Ok(machine) = ResourceId::parse(&id) else { return Ok(()) };
        let grants = words.iter().enumerate().map(|(line, words)| grant(line, words, Terms::default()));
        let policy = Policy::new(Zones::new([zone("example.com")]).unwrap(), grants, OWNER);
        let mut particulars = Particulars::default();
        particulars.learn(&machine, "westeurope", &[("site".to_owned(), site.to_owned())].into(), None);
        for name in asked() {
            let decides = words.iter().position(|words| {
                lies_below(words.scope, &id) && words.names.iter().any(|form| gives(form, &name, &id, site))
            });
            let placed = policy.place(Proposal::of(&name, Some(&machine)).with(&particulars));
            let told = placed.as_ref().ok().map(|placed| placed.grant.line);
            prop_assert_eq!(told, decides.map(Some), "{} {} {}", name, id, site);
            // What is offered to somebody is never narrower, and what nobody's id asks for is given by no scope.
            prop_assert!(placed.is_err() || policy.offers(ZoneKind::Public, &name).is_ok(), "{}", name);
            if let Ok(placed) = policy.place(Proposal::of(&name, None)) {
                prop_assert_eq!(&placed.grant.scope, &Scope::Everywhere);
            }
        }
    }
}

/// A world whose policy is one claim for `rg-edge`, on line 3.
fn claimed(names: &[&'static str], change: impl FnOnce(&mut Terms)) -> World {
    let mut world = World::new();
    let mut terms = Terms::default();
    change(&mut terms);
    let words = Words { names: names.to_vec(), scope: "/subscriptions/s1/resourceGroups/rg-edge" };
    world.policy.grants = [grant(3, &words, terms)].into_iter().collect();
    world
}

#[test]
fn sentences_name_the_line_that_decides() {
    let mut text = String::new();
    let mut told = |world: World, code: Reason| {
        let skip = world.plan().skips.into_iter().next().unwrap();
        assert_eq!(skip.reason, code, "{}", skip.because);
        writeln!(text, "{}: {}", skip.reason, skip.because).unwrap();
    };
    let nas = |world: World| world.claims("nas", "nas.example.com", "203.0.113.7");
    told(nas(claimed(&["pc.example.com"], |_| {})), Reason::NameNotAllowed);
    told(nas(claimed(&["{name}.dyn.example.com"], |_| {})), Reason::NameNotAllowed);
    let dotted = claimed(&["{name}.example.com"], |_| {});
    told(dotted.claims("web.lab", "web.example.com", "203.0.113.7"), Reason::NameNotAllowed);
    told(claimed(&["*"], |_| {}).claims("nas", "example.com", "203.0.113.7"), Reason::Apex);
    told(claimed(&["*"], |_| {}).claims("nas", "wpad.example.com", "203.0.113.7"), Reason::NameReserved);
    told(claimed(&["*"], |_| {}).claims("nas", "*.example.com", "203.0.113.7"), Reason::Wildcard);
    let says = |term: Term, line: usize, change: fn(&mut Terms)| {
        claimed(&["*"], |terms| {
            change(terms);
            terms.lines.insert(term, line);
        })
    };
    let denied =
        says(Term::DenyPrefixes, 7, |terms| terms.also_denied = vec!["203.0.113.0/24".parse().unwrap()]);
    told(nas(denied), Reason::AddressDenied);
    let here = |terms: &mut Terms| terms.prefixes = vec!["198.51.100.0/24".parse().unwrap()];
    told(nas(says(Term::Prefixes, 8, here)), Reason::AddressDenied);
    let abroad = says(Term::Countries, 8, |terms| terms.countries = countries(&["Germany", "AT"]));
    told(nas(abroad.clone()), Reason::CountryChanged);
    told(nas(abroad.clone()).but(|row| row.country = "Atlantis".to_owned()), Reason::CountryChanged);
    told(nas(abroad).but(|row| row.country = String::new()), Reason::CountryChanged);
    let wanted = |terms: &mut Terms| terms.types = [pure::domain::RecordType::Aaaa].into();
    told(nas(says(Term::Types, 9, wanted)), Reason::TypeNotWanted);
    let long = |terms: &mut Terms| terms.min_span = SignedDuration::from_mins(40);
    told(nas(says(Term::MinSpan, 10, long)), Reason::TooFewBeats);
    let never = says(Term::Adopt, 11, |terms| terms.adopt = Adopt::Never);
    told(nas(never).stands("nas.example.com", &["198.51.100.10"]), Reason::NotOwned);
    let trusted = claimed(&["*"], |_| {}).claims("nas", "www.example.com", "203.0.113.7");
    told(trusted.stands("www.example.com", &["198.51.100.10"]), Reason::NotOwned);
    snapshot!(text);
}

fn countries(names: &[&str]) -> BTreeSet<Country> {
    names.iter().map(|name| Country::parse(name).unwrap()).collect()
}

/// The row says where the newest heartbeat came from; nothing else is asked, and nobody is told more than once a day.
#[test]
fn an_address_from_another_country_is_not_published() {
    let told = |country: &str| {
        let world = claimed(&["*"], |terms| terms.countries = countries(&["Switzerland", "DE"]));
        let country = country.to_owned();
        let plan =
            world.claims("nas", "nas.example.com", "203.0.113.7").but(|row| row.country = country).plan();
        assert!(plan.needs.is_empty() && plan.changes.len() + plan.skips.len() == 1);
        plan.skips.first().map(|skip| (skip.reason, skip.seen.as_ref().unwrap().actionable))
    };
    for home in ["Switzerland", "CH", "Germany", "deu"] {
        assert_eq!(told(home), None, "{home}");
    }
    for abroad in ["Austria", "AT", "", " ", "Atlantis", "Switzerland, Germany"] {
        assert_eq!(told(abroad), Some((Reason::CountryChanged, true)), "{abroad}");
    }
}

#[test]
fn countries_let_in_nothing_that_is_denied_and_are_asked_before_types() {
    let nas = |address: &str, change: fn(&mut Terms)| {
        claimed(&["*"], |terms| {
            terms.countries = countries(&["DE"]);
            change(terms);
        })
        .claims("nas", "nas.example.com", address)
        .only_skip()
        .reason
    };
    let denied = |terms: &mut Terms| terms.also_denied = vec!["203.0.113.0/24".parse().unwrap()];
    assert_eq!(nas("203.0.113.7", denied), Reason::AddressDenied);
    assert_eq!(nas("2001:db8::7", |_| {}), Reason::CountryChanged);
}

#[test]
fn prefixes_let_in_nothing_that_is_not_public() {
    let ranges = |terms: &mut Terms| {
        terms.prefixes = vec!["10.0.0.0/8".parse().unwrap(), "203.0.113.0/24".parse().unwrap()];
    };
    let world = claimed(&["*"], ranges);
    assert_eq!(
        world.clone().claims("nas", "nas.example.com", "10.1.2.3").only_skip().reason,
        Reason::AddressNotPublic
    );
    assert_eq!(
        world.clone().claims("nas", "nas.example.com", "198.51.100.7").only_skip().reason,
        Reason::AddressDenied
    );
    assert_eq!(world.claims("nas", "nas.example.com", "203.0.113.7").plan().changes.len(), 1);
}

#[test]
fn the_first_claim_that_fits_decides_alone() {
    let everybody = Words { names: vec!["*.example.com"], scope: "" };
    let edge = Words { names: vec!["*.example.com"], scope: "/subscriptions/s1/resourceGroups/rg-edge" };
    let named = Words { names: vec!["nas.example.com"], scope: "" };
    let ttl = |ttl| Terms { ttl, ..Terms::default() };
    let zones = || Zones::new([zone("example.com")]).unwrap();
    let place = |grants: Vec<Grant>, name: &str| {
        let policy = Policy::new(zones(), grants, OWNER);
        policy.place(Proposal::of(name, Some(&machine("nas")))).unwrap().grant.terms.ttl
    };
    let in_order = |words: [&Words; 2]| vec![grant(1, words[0], ttl(1)), grant(2, words[1], ttl(2))];
    assert_eq!(place(in_order([&edge, &everybody]), "nas.example.com"), 1);
    assert_eq!(place(in_order([&everybody, &edge]), "nas.example.com"), 1);
    assert_eq!(place(in_order([&named, &everybody]), "nas.example.com"), 1);
    assert_eq!(place(in_order([&named, &everybody]), "pc.example.com"), 2);
}

/// A claim that holds: what it gives is planned and shown, whether its set is there or not, and nothing opens it.
#[test]
fn what_a_claim_holds_is_never_written() {
    let host = "nas.example.com";
    let moves = World::new().claims("nas", host, "203.0.113.7");
    let kept = moves.clone().keeps("nas", host, &["198.51.100.10"]);
    let unmarked = moves.clone().stands(host, &["198.51.100.10"]);
    for world in
        [moves.clone(), kept.clone(), unmarked.clone().but(|row| row.present_last_seen = row.heartbeat_time)]
    {
        assert_eq!(world.plan().changes.len(), 1, "without the hold it is written");
        let mut held = world;
        held.terms().hold = true;
        held.terms().lines.insert(Term::Hold, 7);
        held.case.asked.named.insert(name(host));
        held.case.asked.insisted.insert(name(host));
        let skip = held.only_skip();
        assert_eq!((skip.reason, skip.is_durable), (Reason::Held, false), "{skip:?}");
        assert_eq!(
            skip.because,
            "nas.example.com is held by its claim: take hold off line 7 of POLICY_FILE to have it written. It would \
             hold 203.0.113.7."
        );
        // The alert need not call for what no run writes.
        let stored = TagName::of(Proposal::of(host, Some(&machine("nas"))), &held.policy);
        assert_eq!((stored.skip, stored.stored.as_str()), ("held", host));
    }
    let held = |mut world: World| {
        world.terms().hold = true;
        world
    };
    let mut creates_nothing = held(moves);
    creates_nothing.policy.create = false;
    assert_eq!(creates_nothing.codes(), [Reason::Held]);
    assert_eq!(held(kept.set(&key(host), |set| set.metadata.clear())).codes(), [Reason::Held]);
    let mut adopted = held(unmarked.clone());
    adopted.case.asked.adopted.insert(name(host));
    assert_eq!(adopted.codes(), [Reason::Held]);
    // Whose set it is comes first.
    assert_eq!(held(unmarked.evidence(&[], &[])).codes(), [Reason::NotOwned]);
}
