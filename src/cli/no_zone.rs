//! A zone that does not exist: what is so, once, and the commands that end it.

use crate::cli::phrase::Phrase;
use crate::doctor;
use pure::domain::{ZoneId, ZoneKind};

/// That a zone which the log knows is gone.
pub(super) fn deleted(zone: &ZoneId) -> String {
    let (name, group) = (zone.zone_name(), zone.resource_id().resource_group());
    format!("the zone {name} does not exist any more in the group {group}")
}

/// What has its names move again.
pub(super) fn moves(zone: &ZoneId) -> String {
    format!("when the zone exists again, or {} names another", zone.kind().setting())
}

/// What ends that.
pub(super) fn after_a_deletion(zone: &ZoneId) -> Vec<Phrase> {
    let kind = zone.kind();
    let anew = match kind {
        ZoneKind::Public => "or make it anew, with other name servers, which its parent must then name:",
        ZoneKind::Private => "or make it anew, without links, which its networks then need again:",
    };
    vec![
        Phrase::from(format!("where it was moved to, for {}:", kind.setting()))
            .whole(doctor::name::zone_named(kind, zone.zone_name())),
        Phrase::from(anew).whole(doctor::name::make_zone(zone)),
    ]
}

/// What ends that a setting names a zone that never was.
pub(super) fn after_a_slip(kind: ZoneKind, meant: Option<&str>) -> Vec<Phrase> {
    let write = meant.map(|meant| format!("; {meant} is probably meant")).unwrap_or_default();
    let setting = kind.setting();
    vec![Phrase::from(format!("correct {setting}{write}; the ids of all zones:")).whole(doctor::zones(kind))]
}
