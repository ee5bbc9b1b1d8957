//! A zone that does not exist: what is so, once, and the commands that end it.

use crate::azure::Lacking;
use crate::cli::phrase::Phrase;
use crate::doctor;
use crate::run::{AbsentZone, Meant, Slip};
use pure::domain::{ZoneId, ZoneKind};

/// What is so.
pub(super) fn told(absent: &AbsentZone) -> String {
    match absent {
        AbsentZone::Deleted(zone) => {
            let (name, group) = (zone.zone_name(), zone.resource_id().resource_group());
            format!("the zone {name} does not exist any more in the group {group}")
        }
        AbsentZone::Misnamed(zone, slip) => slip.told(zone),
    }
}

/// What has its names move again.
pub(super) fn moves(absent: &AbsentZone) -> String {
    let setting = absent.zone().kind().setting();
    match absent {
        AbsentZone::Deleted(_) => format!("when the zone exists again, or {setting} names another"),
        AbsentZone::Misnamed(..) => format!("when {setting} names its zone"),
    }
}

/// The commands that end it.
pub(super) fn mended(absent: &AbsentZone) -> Vec<Phrase> {
    match absent {
        AbsentZone::Deleted(zone) => after_a_deletion(zone),
        AbsentZone::Misnamed(zone, slip) => after_a_slip(zone.kind(), slip),
    }
}

/// What ends that.
fn after_a_deletion(zone: &ZoneId) -> Vec<Phrase> {
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
fn after_a_slip(kind: ZoneKind, slip: &Slip) -> Vec<Phrase> {
    let setting = kind.setting();
    let all = "the ids of all zones:";
    let known = match &slip.meant {
        Some(Meant::Zone(meant)) => {
            let meant = Phrase::from(format!("correct {setting}; probably meant:")).whole(meant.as_str());
            let right = Phrase::from("or, where it is right, what lets it be read:  ").run("doctor");
            return [meant].into_iter().chain((slip.lacking == Lacking::Sight).then_some(right)).collect();
        }
        Some(Meant::Name(meant)) => format!("; {meant} is probably meant"),
        None => String::new(),
    };
    vec![Phrase::from(format!("correct {setting}{known}; {all}")).whole(doctor::zones(kind))]
}
