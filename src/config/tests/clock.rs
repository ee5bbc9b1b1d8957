//! Tests: the clock of a recording, which only `local` tells.

use super::{faults, with};
use crate::config::Settings;

const TOLD: &str = "2025-02-25T07:00:00Z,2026-11-27T00:00:00Z,180,2025-02-25T09:00:00Z";
/// Every service of `local`.
const HERE: [(&str, &str); 3] = [
    ("ARM_ENDPOINT", "http://127.0.0.1:7072"),
    ("LOGS_QUERY_ENDPOINT", "http://localhost:7072"),
    ("LOGS_INGESTION_ENDPOINT", "http://[::1]:7072"),
];

/// Written by `local`; what cannot be read is a fault, for the wall's clock would judge recorded rows.
#[test]
fn a_clock_that_cannot_be_read_is_a_fault_and_an_empty_one_is_none() {
    assert_eq!(faults(&[("LOCAL_CLOCK", "yesterday")]).len(), 1);
    assert!(Settings::read(&with(&[("LOCAL_CLOCK", "")])).unwrap().clock.is_none());
    let clock = Settings::read(&with(&[&[("LOCAL_CLOCK", TOLD)], &HERE[..]].concat())).unwrap().clock;
    assert_eq!(clock.map(|clock| clock.to_string()).as_deref(), Some(TOLD));
}

/// One service that is not on this machine is enough: it would be judged by the wrong time.
#[test]
fn a_recorded_clock_before_the_real_azure_is_a_fault_that_names_the_variable() {
    for (away, _) in HERE {
        for instead in [None, Some("https://management.azure.com"), Some("https://127.0.0.1.example.net")] {
            let beside = HERE.iter().copied().filter(|(name, _)| *name != away);
            let all: Vec<_> =
                beside.chain(instead.map(|url| (away, url))).chain([("LOCAL_CLOCK", TOLD)]).collect();
            let told = faults(&all);
            assert_eq!(told.len(), 1, "{away} {instead:?}: {told:?}");
            assert!(told[0].contains("LOCAL_CLOCK") && told[0].contains(away), "{told:?}");
        }
    }
    // Nor is one that a file sets forward.
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), TOLD).unwrap();
    let told = format!("@{}", file.path().display());
    assert_eq!(faults(&[("LOCAL_CLOCK", told.as_str())]).len(), 1);
    let here = [&[("LOCAL_CLOCK", told.as_str())], &HERE[..]].concat();
    assert_eq!(faults(&here), Vec::<String>::new());
    // An empty one is none, wherever the services are.
    assert_eq!(faults(&[("LOCAL_CLOCK", "")]), Vec::<String>::new());
}
