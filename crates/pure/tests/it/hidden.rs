//! What a private zone hides from the networks that it is linked to.

use std::collections::BTreeSet;

use pure::domain::ZoneId;
use pure::hidden::warnings;
use pure::plan::report::{Warning, WarningKind};

const HOME: &str = "/subscriptions/s1/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/home";
const LAB: &str = "/subscriptions/s1/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/lab";

fn set(all: &[&str]) -> BTreeSet<String> {
    all.iter().map(|&one| one.to_owned()).collect()
}

fn found(private: &[&str], public: Option<&[&str]>, networks: &[&str]) -> Vec<Warning> {
    let id =
        "/subscriptions/S1/resourceGroups/rg-dns/providers/Microsoft.Network/privateDnsZones/example.com";
    let zone = ZoneId::parse(id).unwrap();
    warnings(&zone, &set(private), &public.map(set).unwrap_or_default(), &set(networks))
}

fn kinds(found: &[Warning]) -> Vec<WarningKind> {
    found.iter().map(|warning| warning.warning).collect()
}

#[test]
fn names_of_every_type_are_hidden_that_the_private_zone_lacks() {
    let public = ["@", "nas", "www", "_dmarc", "_sip._tcp"];
    let found = found(&["@", "nas", "only-inside"], Some(&public), &[HOME, LAB]);
    let [warning] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(warning.warning, WarningKind::HiddenNames);
    assert_eq!(warning.names, set(&["www.example.com", "_dmarc.example.com", "_sip._tcp.example.com"]));
    assert_eq!(warning.networks, set(&[HOME, LAB]));
    assert_eq!(warning.zone, warning.resource.to_lowercase());
    assert_eq!(
        warning.because,
        "the private zone example.com hides 3 public names in home, lab: there they do not exist (_dmarc.example.com, \
         _sip._tcp.example.com, www.example.com); write those that are needed there into the private zone too"
    );
}

#[test]
fn nothing_is_hidden_where_nothing_is_missing_or_no_public_zone_is_managed() {
    for (private, public) in [
        (&["@", "nas"][..], Some(&["@", "nas"][..])),
        (&["@"], Some(&["@"])),
        (&["@", "nas"], Some(&["@"])),
        (&["@"], None),
    ] {
        assert_eq!(found(private, public, &[HOME]), [], "{private:?} {public:?}");
    }
}

#[test]
fn a_zone_without_a_link_hides_nothing_and_is_seen_by_nobody() {
    let found = found(&["@", "*"], Some(&["@", "www"]), &[]);
    assert_eq!(kinds(&found), [WarningKind::NoLink]);
    assert!(found[0].names.is_empty() && found[0].networks.is_empty());
}

#[test]
fn a_wildcard_is_told_for_no_name_is_ever_told_to_be_missing() {
    assert_eq!(kinds(&found(&["@", "*"], None, &[HOME])), [WarningKind::Wildcard]);
    let both = found(&["@", "*"], Some(&["@", "www"]), &[HOME]);
    assert_eq!(kinds(&both), [WarningKind::HiddenNames, WarningKind::Wildcard]);
    assert!(both[0].because.contains("its wildcard answers for them"), "{}", both[0].because);
    // One below another name answers for less.
    assert_eq!(kinds(&found(&["@", "*.dyn"], None, &[HOME])), []);
}

#[test]
fn a_sentence_names_a_few_and_the_report_all() {
    let public: Vec<String> = (10..51).map(|at| format!("m{at}")).collect();
    let public: Vec<&str> = public.iter().map(String::as_str).collect();
    let found = found(&["@"], Some(&public), &[HOME]);
    assert_eq!(found[0].names.len(), 41);
    assert!(
        found[0].because.contains("hides 41 public names")
            && found[0].because.contains("m17.example.com, 33 more")
    );
    assert!(!found[0].because.contains("m18"), "{}", found[0].because);
}
