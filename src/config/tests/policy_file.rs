//! What a policy file says, and which faults it has; all of them at once, each with its line.

use jiff::SignedDuration;
use pure::domain::{RecordType, Zones};
use pure::plan::{Term, Whence};

use super::*;

/// Settings with this as `POLICY_FILE` and without `POLICY_NAMES`.
fn with_file(value: &str, more: &[(&str, &str)]) -> Result<Settings, Faults> {
    let other = REQUIRED.iter().copied().filter(|(name, _)| *name != "POLICY_NAMES");
    let variables = other.chain([("POLICY_FILE", value)]).chain(more.iter().copied());
    Settings::read(&variables.collect::<Variables>())
}

fn faults_in(value: &str) -> Vec<String> {
    with_file(value, &[]).unwrap_err().0.iter().map(ToString::to_string).collect()
}

const WHOLE: &str = r#"
# The machines of the edge have their own names.
[[claim]]
names = ["{name}.dyn.example.com", '\*.example.com', "nas.example.com"]
scope = "/subscriptions/S1/resourceGroups/RG-Edge"
types = ["A", "AAAA"]
prefixes = "203.0.113.0/24"
deny_prefixes = ["203.0.113.9"]
countries = ["Switzerland", "de", "AUT"]
ttl = 120
adopt = "never"
min_span = "90s"
hold = true
shared = true

[[claim]]
names = "*.home.example.com"
"#;

#[test]
fn each_claim_is_a_grant_with_its_lines() {
    let more = [("POLICY_DENY_PREFIXES", "198.51.100.0/24"), ("POLICY_TTL", "300")];
    let settings = with_file(WHOLE, &more).unwrap();
    assert!(settings.warnings.is_empty(), "{:?}", settings.warnings);
    let grants: Vec<&Grant> = settings.policy.grants.iter().collect();
    let [edge, home] = grants.as_slice() else { panic!("{grants:?}") };
    let names: Vec<String> = edge.names.iter().map(|form| form.to_string()).collect();
    assert_eq!(names, [r"\*.example.com", "nas.example.com", "{name}.dyn.example.com"]);
    assert_eq!(
        (edge.line, edge.scope.to_string().as_str()),
        (Some(3), "/subscriptions/s1/resourcegroups/rg-edge")
    );
    let terms = &edge.terms;
    assert_eq!(terms.types, [RecordType::A, RecordType::Aaaa].into());
    assert_eq!((terms.ttl, terms.adopt, terms.min_span), (120, Adopt::Never, SignedDuration::from_secs(90)));
    let ranges = [&terms.prefixes, &terms.also_denied, &terms.deny_prefixes];
    let ranges = ranges.map(|ranges| ranges.iter().map(ToString::to_string).collect::<Vec<_>>().join(","));
    assert_eq!(ranges, ["203.0.113.0/24", "203.0.113.9/32", "198.51.100.0/24"]);
    let lines = [
        Term::Types,
        Term::Prefixes,
        Term::DenyPrefixes,
        Term::Countries,
        Term::Adopt,
        Term::MinSpan,
        Term::Hold,
    ];
    assert_eq!(lines.map(|term| terms.origin(term)), [6, 7, 8, 9, 11, 12, 13].map(Whence::Line));
    let countries: Vec<&str> = terms.countries.iter().map(|country| country.code()).collect();
    assert_eq!((countries, home.terms.countries.len()), (vec!["AT", "CH", "DE"], 0));
    assert_eq!((terms.hold, home.terms.hold), (true, false));
    assert_eq!((terms.shared, home.terms.shared), (true, false));
    assert_eq!((home.line, &home.scope, home.terms.ttl), (Some(16), &Scope::Everywhere, 300));
    assert_eq!(home.terms.origin(Term::Types), Whence::Setting("POLICY_RECORD_TYPES"));
    assert_eq!(settings.policy.grants.origin(), Whence::FILE);
}

/// Whoever says that no set is to be kept longer, and then that some are, has meant one of the two.
#[test]
fn no_claim_says_a_longer_time_to_live_than_the_longest() {
    let file = "[[claim]]\nnames = [\"*.example.com\"]\nttl = 600\n";
    let faults = with_file(file, &[("POLICY_TTL_MAX", "599")]).unwrap_err();
    let faults: Vec<String> = faults.0.iter().map(ToString::to_string).collect();
    assert_eq!(faults, ["POLICY_FILE line 3: ttl is 600, more than the 599 of POLICY_TTL_MAX"]);
    assert!(with_file(file, &[("POLICY_TTL_MAX", "600")]).is_ok());
    // Nor does the setting for all of them.
    let faults =
        with_file("[[claim]]\nnames = [\"*.example.com\"]\n", &[("POLICY_TTL_MAX", "59")]).unwrap_err();
    let faults: Vec<String> = faults.0.iter().map(ToString::to_string).collect();
    assert_eq!(
        faults,
        [
            "POLICY_TTL_MAX is `59`, less than the 60 of POLICY_TTL, which new sets get; raise it, or lower that"
        ]
    );
}

/// What can be no name in a zone of its claim's kind gives nobody a name.
#[test]
fn a_claim_for_zones_of_one_kind_gives_no_name_of_the_other() {
    let private = ZONE.replace("dnsZones/example.com", "privateDnsZones/corp.example.org");
    let more = [("PRIVATE_ZONES", private.as_str()), ("POLICY_PRIVATE_PREFIXES", "10.0.0.0/8")];
    let told = |claims: &str| {
        let read = with_file(claims, &more).map(|settings| settings.warnings);
        let all = match &read {
            Ok(warnings) => warnings,
            Err(Faults(faults)) => faults,
        };
        (read.is_ok(), all.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    let claim = |kind: &str, names: &str| format!("[[claim]]\nkind = \"{kind}\"\nnames = [{names}]\n");
    let (is_read, faults) = told(&claim("public", r#""nas.example.com", "private:nas.corp.example.org""#));
    assert!(!is_read);
    assert_eq!(
        faults,
        [
            "POLICY_FILE line 1: `private:nas.corp.example.org` is for private zones, and the kind of its claim is public, so that it \
          gives nobody a name; take one of the two away"
        ]
    );
    let (is_read, faults) = told(&claim("private", "\"nas.example.com\""));
    assert!(!is_read);
    let words = "POLICY_FILE line 1: no name in a managed zone (example.com, private:corp.example.org) can be `nas.example.com`; \
                 correct it, or add its zone to PRIVATE_ZONES";
    assert_eq!(faults, [words]);
    let other = claim("public", "\"nas.example.com\"");
    let (is_read, warnings) = told(&format!("{other}{}", claim("public", "\"*.corp.example.org\"")));
    assert!(is_read && warnings.len() == 1 && warnings[0].contains("to DNS_ZONES"), "{warnings:?}");
    let names = r#""nas.corp.example.org", "private:cam.corp.example.org""#;
    assert_eq!(told(&claim("private", names)), (true, vec![]));
}

#[test]
fn the_example_that_is_shipped_can_be_used() {
    let settings = with_file(include_str!("../../../infra/policy.example.toml"), &[]).unwrap();
    assert_eq!((settings.policy.grants.iter().count(), settings.warnings.len()), (2, 0));
}

#[test]
fn a_path_leads_to_the_same_as_the_text_whatever_an_editor_makes_of_it() {
    let grants = |value: &str| -> Vec<Grant> {
        with_file(value, &[]).unwrap().policy.grants.iter().cloned().collect()
    };
    let wanted = grants(WHOLE);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.toml");
    let windows = format!("\u{feff}{}", WHOLE.replace('\n', "\r\n"));
    for written in [WHOLE, windows.as_str()] {
        std::fs::write(&path, written).unwrap();
        assert_eq!(grants(path.to_str().unwrap()), wanted);
        assert_eq!(grants(written), wanted);
    }
    // One line is text too, once it ends as lines do.
    let short = "claim = [{ names = 'nas.example.com' }]\n";
    assert_eq!(with_file(short, &[]).unwrap().policy.grants.iter().next().unwrap().line, Some(1));
}

/// What `sha256sum` says of a file with this text.
#[test]
fn the_policy_is_known_by_its_digest_and_the_short_form_has_none() {
    let text = "[[claim]]\nnames = \"nas.example.com\"\n";
    let digest = |text: &str| with_file(text, &[]).unwrap().policy.digest;
    assert_eq!(digest(text), "227adeb4a223");
    assert_eq!(digest(&format!("\u{feff}{text}")), "227adeb4a223");
    assert_ne!(digest(&format!("{text}\n")), "227adeb4a223");
    assert_eq!(Settings::read(&REQUIRED.iter().copied().collect::<Variables>()).unwrap().policy.digest, "");
}

#[test]
fn every_fault_is_told_at_once_with_its_line() {
    let found = faults_in(
        r#"
title = "ours"
[[claims]]
names = "*"
[[claim]]
nmaes = ["nas.example.com"]
[[claim]]
names = []
scope = "rg-edge"
[[claim]]
names = ["a_b.example.com", "{machine}.example.com", 7, "{tag:}.example.com"]
types = ["TXT", "A"]
prefixes = ["here"]
deny_prefixes = 10
countries = ["CH", "Atlantis", 41, ""]
ttl = "60"
adopt = "perhaps"
min_span = "2h"
colour = true
[[claim]]
names = "nas.example.com"
scope = "/providers/Microsoft.Management/managementGroups"
ttl = 0
min_span = 45
hold = "yes"
shared = "always"
adopt = ["seen"]
"#,
    );
    insta::assert_snapshot!(found.join("\n"), @r##"
    POLICY_FILE line 2: there is no `title`; write each rule below a line [[claim]]
    POLICY_FILE line 3: there is no `claims`; did you mean claim?
    POLICY_FILE line 5: a claim without names; write names = ["{name}.dyn.example.com"]
    POLICY_FILE line 6: there is no `nmaes`; did you mean names?
    POLICY_FILE line 8: names is a list of nothing; leave it out, or write a member
    POLICY_FILE line 9: scope is `rg-edge`, which is no id of a management group (/providers/Microsoft.Management/managementGroups/NAME), subscription (/subscriptions/ID), resource group (/subscriptions/ID/resourceGroups/NAME) or machine
    POLICY_FILE line 11: names holds `a_b.example.com`, a name that has a character other than letters, digits and inner hyphens
    POLICY_FILE line 11: names holds `{machine}.example.com`, a name that has a placeholder {machine}; there are {name}, {resourceGroup}, {location} and {tag:KEY}
    POLICY_FILE line 11: names is the number 7; write a text in quotes
    POLICY_FILE line 11: names holds `{tag:}.example.com`, a name that has a placeholder {tag:}; there are {name}, {resourceGroup}, {location} and {tag:KEY}
    POLICY_FILE line 12: types holds `TXT`; write A or AAAA, each in quotes
    POLICY_FILE line 13: prefixes holds `here`, which is no range; write 203.0.113.0/24 or 2001:db8::/32
    POLICY_FILE line 14: deny_prefixes is the number 10; write a text in quotes
    POLICY_FILE line 15: countries holds `Atlantis`, which is no country; write its name in English, such as Switzerland, or its code, such as CH
    POLICY_FILE line 15: countries is the number 41; write a text in quotes
    POLICY_FILE line 15: countries holds ``, which is no country; write its name in English, such as Switzerland, or its code, such as CH
    POLICY_FILE line 16: ttl is the text `60`; write a whole number from 1 to 2147483647
    POLICY_FILE line 17: adopt is `perhaps`; write seen, always or never
    POLICY_FILE line 18: min_span is `2h`; the longest that makes sense is 45m
    POLICY_FILE line 19: there is no `colour`; a claim has names, kind, scope, types, prefixes, deny_prefixes, countries, ttl, adopt, min_span, shared, hold
    POLICY_FILE line 22: scope is `/providers/Microsoft.Management/managementGroups`, which is no id of a management group (/providers/Microsoft.Management/managementGroups/NAME), subscription (/subscriptions/ID), resource group (/subscriptions/ID/resourceGroups/NAME) or machine
    POLICY_FILE line 23: ttl is the number 0; write a whole number from 1 to 2147483647
    POLICY_FILE line 24: min_span is the number 45; write a text in quotes
    POLICY_FILE line 25: hold is the text `yes`; write true or false
    POLICY_FILE line 26: shared is the text `always`; write true or false
    POLICY_FILE line 27: adopt is a list; write a text in quotes
    "##);
    insta::assert_snapshot!(faults_in("[[claim]]\nnames = [\n[claim\nnames = 1\nnames = 2\n").join("\n"), @r##"
    POLICY_FILE line 3: this is no TOML: string values must be quoted, expected literal string
    POLICY_FILE line 4: this is no TOML: missing comma between array elements, expected `,`
    POLICY_FILE line 4: this is no TOML: unexpected `=` in array, expected value, `]`
    POLICY_FILE line 4: this is no TOML: missing comma between array elements, expected `,`
    POLICY_FILE line 4: this is no TOML: invalid float, expected `nan`
    POLICY_FILE line 5: this is no TOML: missing comma between array elements, expected `,`
    POLICY_FILE line 5: this is no TOML: unexpected `=` in array, expected value, `]`
    POLICY_FILE line 5: this is no TOML: missing comma between array elements, expected `,`
    POLICY_FILE line 5: this is no TOML: unclosed array, expected `]`
    POLICY_FILE line 5: this is no TOML: unclosed array, expected `]`
    POLICY_FILE line 5: this is no TOML: invalid float, expected `nan`
    "##);
    insta::assert_snapshot!(faults_in("[claim]\nnames = '*'\n").join("\n"), @r##"POLICY_FILE line 1: claim is no list; write [[claim]] with two brackets on each side"##);
    insta::assert_snapshot!(faults_in("claim = ['*']\n").join("\n"), @r##"POLICY_FILE line 1: claim is no list; write [[claim]] with two brackets on each side"##);
    insta::assert_snapshot!(faults_in("# nothing\n").join("\n"), @r##"POLICY_FILE line 1: there is no [[claim]], so that no name could ever be managed; write one"##);
}

#[test]
fn a_file_that_is_not_there_or_no_text_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("octets"), [b'#', 0xff, b'\n']).unwrap();
    std::fs::write(path("empty"), "").unwrap();
    std::fs::write(path("large"), "#".repeat((4 << 20) + 1)).unwrap();
    for (name, words) in [
        ("nowhere", "cannot be read: No such file"),
        ("", "cannot be read: it is a folder"),
        ("octets", "is no text in UTF-8"),
        (
            "large",
            "it has more than 4 MiB, and no more is read of such a file; look whether it is the right one, or write patterns",
        ),
        ("empty", "line 1: there is no [[claim]]"),
    ] {
        let found = faults_in(&path(name));
        assert!(
            found.len() == 1 && found[0].starts_with("POLICY_FILE ") && found[0].contains(words),
            "{found:?}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_device_is_no_policy() {
    let found = faults_in("/dev/zero");
    assert!(
        found.len() == 1 && found[0].contains("it is a device or a pipe; name a regular file"),
        "{found:?}"
    );
}

#[test]
fn the_short_form_beside_it_is_a_fault_and_one_of_both_is_needed() {
    let both = with_file("[[claim]]\nnames = 1\n", &[("POLICY_NAMES", "*")]).unwrap_err();
    let told: Vec<_> = both.0.iter().map(|fault| fault.variable.as_str()).collect();
    assert_eq!(told, ["POLICY_NAMES", "POLICY_FILE"]);
    let none = with_file(" ", &[]).unwrap_err().to_string();
    assert!(none.starts_with("POLICY_NAMES is not set") && none.contains("POLICY_FILE"), "{none}");
}

#[test]
fn names_in_no_zone_are_told_and_a_fault_when_there_are_no_others() {
    let stray = "[[claim]]\nnames = ['{name}.example.org', 'www.example.net']\n";
    let found = faults_in(stray);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[1].starts_with(
            "POLICY_FILE line 1: no name in a managed zone (example.com) can be `{name}.example.org`"
        ),
        "{found:?}"
    );
    let one = with_file(&format!("{stray}[[claim]]\nnames = '*'\n"), &[]).unwrap();
    assert_eq!(one.warnings.len(), 2, "{:?}", one.warnings);
    let unknown = with_file(stray, &[("DNS_ZONES", "nonsense")]).unwrap_err().to_string();
    assert!(!unknown.contains("POLICY_FILE"), "{unknown}");
}

#[test]
fn what_the_policy_speaks_of_is_asked_of_machines_and_nothing_else() {
    let columns = |file: &str, more: &[(&str, &str)]| {
        let settings = with_file(file, more).unwrap();
        let found = settings.connect.machine_columns;
        assert_eq!(found.zones, settings.policy.zones);
        MachineColumns { zones: Zones::default(), ..found }
    };
    assert_eq!(
        columns("[[claim]]\nnames = '{name}.{location}.example.com'\n", &[]),
        MachineColumns::default()
    );
    let file = "[[claim]]\nnames = ['{tag:Site}.example.com', '*']\n\
                [[claim]]\nscope = '/providers/Microsoft.Management/managementGroups/mg-lab'\nnames = '*'\n";
    let found = columns(file, &[("HOSTNAME_TEMPLATE", "{name}-{tag:Role}.example.com")]);
    let tags = ["role", "site"].map(str::to_owned).into();
    assert_eq!(found, MachineColumns { tags, groups: true, untagged: true, ..MachineColumns::default() });
    assert!(!columns(file, &[]).untagged);
}

#[test]
fn a_template_gives_each_machine_a_name_of_its_own() {
    let found = |text| faults(&[("HOSTNAME_TEMPLATE", text)]).join("\n");
    assert_eq!(found("{name}.dyn.example.com"), "");
    insta::assert_snapshot!([
        "dyn.example.com", "{name}-*.example.com", "{name}.example.org", "{machine}.example.com"
    ].map(found).join("\n"), @"
    HOSTNAME_TEMPLATE is `dyn.example.com`, which gives no machine a name of its own; write {name}.dyn.example.com, without *
    HOSTNAME_TEMPLATE is `{name}-*.example.com`, which gives no machine a name of its own; write {name}.dyn.example.com, without *
    HOSTNAME_TEMPLATE is `{name}.example.org`, which is in no managed zone; correct it, or add its zone to DNS_ZONES or PRIVATE_ZONES
    HOSTNAME_TEMPLATE is `{machine}.example.com`, a name that has a placeholder {machine}; there are {name}, {resourceGroup}, {location} and {tag:KEY}
    ");
}

/// Forty subscriptions with a claim each, which lists the names of five hundred machines.
#[test]
fn a_large_file_gives_each_machine_its_own_name_and_no_other() {
    use std::fmt::Write;

    use pure::domain::ResourceId;
    use pure::plan::Proposal;

    let host = |subscription: usize, machine: usize| format!("m{machine}.s{subscription}.example.com");
    let mut text = String::new();
    for subscription in 0..40 {
        let names: Vec<_> =
            (0..500).map(|machine| format!("  \"{}\",\n", host(subscription, machine))).collect();
        let names = names.concat();
        write!(text, "[[claim]]\nscope = \"/subscriptions/{subscription}\"\nnames = [\n{names}]\n").unwrap();
    }
    let policy = with_file(&text, &[]).unwrap().policy;
    for (subscription, machine) in
        (0..40).flat_map(|subscription| (0..500).map(move |machine| (subscription, machine)))
    {
        let id = format!(
            "/subscriptions/{subscription}/resourceGroups/g/providers/Microsoft.HybridCompute/machines/m{machine}"
        );
        let id = ResourceId::parse(&id).unwrap();
        let place = |text: &str| policy.place(Proposal::of(text, Some(&id))).map(|placed| placed.grant.line);
        assert_eq!(place(&host(subscription, machine)), Ok(Some(subscription * 504 + 1)));
        assert!(place(&host((subscription + 4) % 40, machine)).is_err());
    }
}
