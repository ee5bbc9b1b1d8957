//! A zone that does not exist: what is so, once, and the commands that end it.

use crate::cli::phrase::Phrase;
use crate::doctor;
use pure::domain::ZoneId;

/// That a zone which the log knows is gone.
pub(super) fn deleted(zone: &ZoneId) -> String {
    let (name, group) = (zone.zone_name(), zone.resource_id().resource_group());
    format!("the zone {name} does not exist any more in the group {group}")
}

/// What has its names move again.
pub(super) const MOVES: &str = "when the zone exists again, or DNS_ZONES names another";

/// What ends that.
pub(super) fn after_a_deletion(zone: &ZoneId) -> Vec<Phrase> {
    vec![
        Phrase::from("where it was moved to, for DNS_ZONES:")
            .whole(doctor::name::zone_named(zone.zone_name())),
        Phrase::from("or make it anew, with other name servers, which its parent must then name:")
            .whole(doctor::name::make_zone(zone)),
    ]
}

/// What ends that a setting names a zone that never was.
pub(super) fn after_a_slip(meant: Option<&str>) -> Vec<Phrase> {
    let write = meant.map(|meant| format!("; {meant} is probably meant")).unwrap_or_default();
    vec![Phrase::from(format!("correct DNS_ZONES{write}; the ids of all zones:")).whole(doctor::ZONES)]
}
