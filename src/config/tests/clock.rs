//! Tests: the clock of a recording, which only `local` tells.

use super::{faults, with};
use crate::config::Settings;

/// Written by `local`; what cannot be read is a fault, for the wall's clock would judge recorded rows.
#[test]
fn a_clock_that_cannot_be_read_is_a_fault_and_an_empty_one_is_none() {
    assert_eq!(faults(&[("LOCAL_CLOCK", "yesterday")]).len(), 1);
    assert!(Settings::read(&with(&[("LOCAL_CLOCK", "")])).unwrap().clock.is_none());
    let told = "2025-02-25T07:00:00Z,2026-11-27T00:00:00Z,180,2025-02-25T09:00:00Z";
    let clock = Settings::read(&with(&[("LOCAL_CLOCK", told)])).unwrap().clock;
    assert_eq!(clock.map(|clock| clock.to_string()).as_deref(), Some(told));
}
