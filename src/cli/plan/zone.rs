//! A zone as people say it: by its name, or by the word of a policy file for the private one of two.

use super::super::failure::Failure;
use pure::domain::{ZoneId, ZoneKind, Zones};

/// What stands before the name of a private zone.
const PRIVATE: &str = "private:";

/// The zone that is meant. A name alone is the public zone where there are two, as it is in a policy file.
pub(super) fn said(text: &str, zones: &Zones) -> Result<ZoneId, Failure> {
    let (name, is_private) = text.strip_prefix(PRIVATE).map_or((text, false), |name| (name, true));
    let name = name.trim().trim_end_matches('.');
    let of_kind = |kind: ZoneKind| {
        let is_meant = |id: &&ZoneId| id.kind() == kind && id.zone_name().as_str().eq_ignore_ascii_case(name);
        zones.iter().map(|zone| &zone.id).find(is_meant)
    };
    let private = of_kind(ZoneKind::Private);
    let found = if is_private { private } else { of_kind(ZoneKind::Public).or(private) };
    let settings = if is_private { "PRIVATE_ZONES" } else { "DNS_ZONES or PRIVATE_ZONES" };
    found.cloned().ok_or_else(|| Failure::usage(format!("--zone {text} is not in {settings}")))
}

/// How a zone is said so that no other is meant.
pub(super) fn word(zone: &ZoneId) -> String {
    match zone.kind() {
        ZoneKind::Public => zone.zone_name().to_string(),
        ZoneKind::Private => format!("{PRIVATE}{}", zone.zone_name()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(kind: &str, name: &str) -> ZoneId {
        ZoneId::parse(&format!("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/{kind}/{name}"))
            .unwrap()
    }

    #[test]
    fn each_zone_can_be_said_and_a_name_alone_is_the_public_one_of_two() {
        let (public, twin) = (id("dnsZones", "example.com"), id("privateDnsZones", "example.com"));
        let corp = id("privateDnsZones", "corp.example.com");
        let zones = Zones::new([public.clone(), twin.clone(), corp.clone()]).unwrap();
        for (text, meant) in [
            ("example.com", Some(&public)),
            ("Example.com.", Some(&public)),
            ("private:example.com", Some(&twin)),
            ("corp.example.com", Some(&corp)),
            ("private:corp.example.com", Some(&corp)),
            ("private:other.example.com", None),
            ("other.example.com", None),
        ] {
            assert_eq!(said(text, &zones).ok().as_ref(), meant, "{text}");
        }
        for zone in [public, twin, corp] {
            assert_eq!(said(&word(&zone), &zones).ok(), Some(zone));
        }
    }
}
