//! Which claim decides, and what is not known of a machine.

use super::*;

fn machine(subscription: &str, group: &str, name: &str) -> ResourceId {
    let id = format!(
        "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.HybridCompute/machines/{name}"
    );
    ResourceId::parse(&id).unwrap()
}

fn name(text: &str) -> HostName {
    HostName::parse(text).unwrap()
}

fn facts(location: &str, tags: &[(&str, &str)]) -> Traits {
    let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Traits { location: location.to_owned(), tags }
}

fn grant(line: usize, names: &[&str], scope: &str) -> Grant {
    let scope = if scope.is_empty() { Scope::Everywhere } else { scope.parse().unwrap() };
    let names = names.iter().map(|name| name.parse::<NameForm>().unwrap()).collect();
    Grant { line: Some(line), kind: None, names, scope, terms: Terms::default() }
}

/// The line of the grant that decides, or what else is said.
fn said(grants: &Grants, name: &str, claimant: Claimant<'_>) -> String {
    match grants.first(ZoneKind::Public, &self::name(name), Extent::Any, claimant) {
        Granted::By(grant) => grant.line.unwrap_or_default().to_string(),
        Granted::ByNone(None) => "none".to_owned(),
        Granted::ByNone(Some(why)) => format!("none, {} is {:?}", why.placeholder, why.value),
        Granted::Unknown(Unknown::Traits) => "facts?".to_owned(),
        Granted::Unknown(Unknown::Ancestors(grant)) => {
            format!("groups of {}?", grant.line.unwrap_or_default())
        }
    }
}

#[test]
fn the_first_grant_whose_names_and_scope_fit_decides_alone() {
    let mut ancestors = Ancestors::default();
    ancestors.learn("s1", ["root".to_owned(), "mg-lab".to_owned()]);
    ancestors.learn("s2", ["root".to_owned()]);
    let groups = "/providers/Microsoft.Management/managementGroups/mg-lab";
    let grants: Grants = [
        grant(1, &["nas.example.com", "{name}.dyn.example.com"], "/subscriptions/s1/resourceGroups/rg-a"),
        grant(2, &["{name}.{resourceGroup}.example.com"], ""),
        grant(3, &["{tag:Site}-*.example.com"], "/subscriptions/s2"),
        grant(4, &["*.lab.example.com", "lab.example.com"], groups),
        grant(5, &["*.{location}.example.com"], "/subscriptions/s2"),
        grant(6, &["*.dyn.example.com", "nas.example.com"], "/subscriptions/s1"),
        grant(7, &["nas.example.com"], ""),
    ]
    .into_iter()
    .collect();
    let known = facts("westeurope", &[("site", "zrh")]);
    let wild = facts("*", &[("site", "a*"), ("other", "zrh")]);
    for (name, subscription, group, facts, expected) in [
        ("nas.example.com", "s1", "rg-a", Some(&known), "1"),
        ("nas.example.com", "s1", "rg-ab", Some(&known), "6"),
        ("nas.example.com", "s3", "rg-a", Some(&known), "7"),
        ("nas.example.com", "s3", "rg-a", None, "7"),
        ("m1.dyn.example.com", "s1", "rg-a", Some(&known), "1"),
        ("m2.dyn.example.com", "s1", "rg-a", Some(&known), "6"),
        ("m2.dyn.example.com", "s2", "rg-a", Some(&known), "none"),
        ("m1.rg-z.example.com", "s9", "RG-Z", None, "2"),
        ("m1.rg-z.example.com", "s9", "rg-y", None, "none"),
        ("zrh-7.example.com", "s2", "g", Some(&known), "3"),
        ("zrh-7.example.com", "s2", "g", None, "facts?"),
        ("zrh-7.example.com", "s2", "g", Some(&wild), "none, {tag:site} is \"a*\""),
        ("zrh-7.example.com", "s1", "g", None, "none"),
        ("a.lab.example.com", "s1", "g", None, "4"),
        ("a.lab.example.com", "s3", "g", None, "groups of 4?"),
        ("lab.example.com", "s3", "g", None, "groups of 4?"),
        ("a.westeurope.example.com", "s2", "g", Some(&known), "5"),
        ("a.westeurope.example.com", "s2", "g", Some(&wild), "none, {location} is \"*\""),
        ("www.example.net", "s2", "g", None, "none"),
    ] {
        let machine = machine(subscription, group, "M1");
        let claimant = Claimant { machine: Some(&machine), facts, ancestors: &ancestors };
        assert_eq!(said(&grants, name, claimant), expected, "{name} of {machine}");
    }
    let nobody = Claimant { machine: None, facts: None, ancestors: &ancestors };
    assert_eq!(said(&grants, "nas.example.com", nobody), "7", "whoever has no id is only held by everywhere");
    assert_eq!(grants.management_groups(), BTreeSet::from(["mg-lab"]));
    assert_eq!(grants.tags(), BTreeSet::from(["site"]));
}

/// The index may leave nothing out: every grant asked one after the other says the same.
#[test]
fn what_is_looked_up_is_what_a_walk_over_all_finds() {
    let (names, groups) = (["a", "b", "m1"], ["rg-a", "rg-ab"]);
    let forms = [
        "a.example.com",
        "*.example.com",
        "{name}.example.com",
        "{resourceGroup}.example.com",
        "b*.example.com",
    ];
    let scopes = [
        "",
        "/subscriptions/s1",
        "/subscriptions/s1/resourceGroups/rg-a",
        "/subscriptions/s2/resourceGroups/rg-ab/providers/Microsoft.HybridCompute/machines/a",
        "/providers/Microsoft.Management/managementGroups/g",
    ];
    let mut ancestors = Ancestors::default();
    ancestors.learn("s1", ["g".to_owned()]);
    ancestors.learn("s2", []);
    let pairs: Vec<(&str, &str)> =
        forms.iter().flat_map(|form| scopes.iter().map(move |scope| (*form, *scope))).collect();
    // Several orders, so that each grant comes first for somebody.
    for turn in 0..pairs.len() {
        let order = (0..pairs.len()).map(|place| pairs[(place * 7 + turn) % pairs.len()]);
        let grants: Grants =
            order.enumerate().map(|(line, (form, scope))| grant(line + 1, &[form], scope)).collect();
        for subscription in ["s1", "s2"] {
            for (group, own) in groups.iter().flat_map(|group| names.iter().map(move |own| (*group, *own))) {
                let machine = machine(subscription, group, own);
                let claimant = Claimant { machine: Some(&machine), facts: None, ancestors: &ancestors };
                for asked in names.iter().chain(&groups) {
                    let asked = name(&format!("{asked}.example.com"));
                    let holds = |grant: &&Grant| {
                        grant.scope.holds(Some(&machine), &ancestors) == Cover::Yes
                            && grant.names.iter().any(|form| form.fit(&asked, claimant) == Fit::Fits)
                    };
                    let walked = grants.iter().find(holds).and_then(|grant| grant.line);
                    let found = match grants.first(ZoneKind::Public, &asked, Extent::Any, claimant) {
                        Granted::By(grant) => grant.line,
                        _ => None,
                    };
                    assert_eq!(found, walked, "{asked} of {machine}");
                }
            }
        }
    }
}

#[test]
fn forms_are_read_as_they_are_written() {
    for text in [
        "{name}.dyn.example.com",
        "a.{name}.example.com",
        "edge-{name}-*.{location}.example.com",
        "{tag:site}{name}.example.com",
        "*.example.com",
        "nas.example.com",
        "*",
    ] {
        let form: NameForm = text.parse().unwrap();
        assert_eq!(form.to_string(), text);
        assert_eq!(form.to_string().parse::<NameForm>().unwrap(), form);
    }
    let written: NameForm = "B\u{fc}ro.{name}.Example.COM.".parse().unwrap();
    assert_eq!(written.to_string(), "xn--bro-hoa.{name}.example.com");
    for (text, fault) in [
        ("{name}", FormFault::Bare),
        ("{name.example.com", FormFault::Brace),
        ("name}.example.com", FormFault::Brace),
        ("{{name}}.example.com", FormFault::Placeholder("{name".to_owned())),
        ("{Name}.example.com", FormFault::Placeholder("Name".to_owned())),
        ("{}.example.com", FormFault::Placeholder(String::new())),
    ] {
        assert_eq!(text.parse::<NameForm>(), Err(fault), "{text}");
    }
    for text in ["{name}..example.com", ".{name}", "a_{name}.example.com", "{name}.a b", "x{name} .", ""] {
        assert!(text.parse::<NameForm>().is_err(), "{text}");
    }
}

#[test]
fn a_form_fits_into_a_zone_when_a_name_below_it_can() {
    let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com";
    let zones = crate::domain::Zones::new([crate::domain::ZoneId::parse(id).unwrap()]).unwrap();
    for (form, fits) in [
        ("{name}.dyn.example.com", true),
        ("{name}.example.com", true),
        ("{name}.example.net", false),
        ("nas.example.com", true),
    ] {
        assert_eq!(form.parse::<NameForm>().unwrap().fits_in(None, &zones), fits, "{form}");
    }
}

#[test]
fn a_listed_name_opens_one_kind_of_zones_and_a_pattern_reaches_both() {
    let grant = |kind, text: &str| {
        let names: Names = [text.parse::<NameForm>().unwrap()].into_iter().collect();
        Grant { line: Some(1), kind, names, scope: Scope::Everywhere, terms: Terms::default() }
    };
    let host = name("wpad.corp.example.com");
    let reaches = |grant: &Grant, kind, reach| {
        let grants: Grants = [grant.clone()].into_iter().collect();
        let claimant = Particulars::nothing().claimant(None);
        let first = matches!(grants.first(kind, &host, reach, claimant), Granted::By(_));
        assert_eq!(first, grants.reaching(kind, &host, reach).next().is_some());
        assert_eq!(grants.list(kind, &host), grant.lists(kind, &host));
        first
    };
    let (public, private) = (ZoneKind::Public, ZoneKind::Private);
    // By pattern and by being listed, in the public zone and in the private one.
    for (kind, text, expected) in [
        (None, "*.corp.example.com", [true, false, true, false]),
        (None, "wpad.corp.example.com", [true, true, true, false]),
        (None, "private:wpad.corp.example.com", [false, false, true, true]),
        (None, "private:*.corp.example.com", [false, false, true, false]),
        (Some(private), "wpad.corp.example.com", [false, false, true, true]),
        (Some(private), "*.corp.example.com", [false, false, true, false]),
        (Some(public), "wpad.corp.example.com", [true, true, false, false]),
        (Some(public), "private:wpad.corp.example.com", [false; 4]),
    ] {
        let grant = grant(kind, text);
        let found = [
            (public, Extent::Any),
            (public, Extent::Literal),
            (private, Extent::Any),
            (private, Extent::Literal),
        ]
        .map(|(side, reach)| reaches(&grant, side, reach));
        assert_eq!(found, expected, "{kind:?} {text}");
        let again: Names = grant.names.iter().collect();
        assert_eq!(again, grant.names, "{text}");
    }
}
