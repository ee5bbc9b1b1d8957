//! What the two kinds of zones call differently on the wire (contract private-zones, section 1).

use pure::domain::{RecordType, ZoneKind};

/// The newest stable version of the record sets of zones of this kind (contract azure-resource-manager, section 1.1).
pub(in crate::azure) fn version(kind: ZoneKind) -> &'static str {
    match kind {
        ZoneKind::Public => "2018-05-01",
        ZoneKind::Private => "2024-06-01",
    }
}

/// The type of resource of such a zone.
pub(in crate::azure) fn resource_type(kind: ZoneKind) -> &'static str {
    match kind {
        ZoneKind::Public => "Microsoft.Network/dnsZones",
        ZoneKind::Private => "Microsoft.Network/privateDnsZones",
    }
}

/// The member that holds the time to live.
pub(super) fn ttl(kind: ZoneKind) -> &'static str {
    match kind {
        ZoneKind::Public => "TTL",
        ZoneKind::Private => "ttl",
    }
}

/// The member that holds the addresses of a type.
pub(super) fn records(kind: ZoneKind, record_type: RecordType) -> &'static str {
    match (kind, record_type) {
        (ZoneKind::Public, RecordType::A) => "ARecords",
        (ZoneKind::Public, RecordType::Aaaa) => "AAAARecords",
        (ZoneKind::Private, RecordType::A) => "aRecords",
        (ZoneKind::Private, RecordType::Aaaa) => "aaaaRecords",
    }
}
