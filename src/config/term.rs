//! The values of terms as the variables and the policy file write them.

use std::net::IpAddr;

use ipnet::IpNet;
use pure::domain::{RecordType, ZONE_SETTINGS, ZoneKind, Zones};
use pure::plan::{Adopt, Multi, Orphans};

/// The words for what is adopted.
pub(super) const ADOPTS: [(&str, Adopt); 3] =
    [("seen", Adopt::Seen), ("always", Adopt::Always), ("never", Adopt::Never)];

/// The words for what becomes of record sets that nobody claims.
pub(super) const ORPHANS: [(&str, Orphans); 2] = [("keep", Orphans::Keep), ("delete", Orphans::Delete)];

/// The words for machines with several addresses inside the prefixes of a private zone.
pub(super) const MULTI: [(&str, Multi); 2] = [("skip", Multi::Skip), ("all", Multi::All)];

pub(super) fn parse_record_type(member: &str) -> Result<RecordType, String> {
    RecordType::parse(member).ok_or_else(|| format!("holds `{member}`; write A, AAAA or A,AAAA"))
}

/// Ranges such as `203.0.113.0/24`; an address without a length is a range of one, bits behind the length say nothing.
pub(super) fn parse_prefix(member: &str) -> Result<IpNet, String> {
    let range = member.parse::<IpNet>().or_else(|_| member.parse::<IpAddr>().map(IpNet::from));
    range
        .map(|range| range.trunc())
        .map_err(|_| format!("holds `{member}`, which is no range; write 203.0.113.0/24 or 2001:db8::/32"))
}

/// The managed zones, as a policy tells them apart.
pub(super) fn managed(zones: &Zones) -> String {
    zones.iter().map(|zone| zone.id.label()).collect::<Vec<_>>().join(", ")
}

/// The setting that could name the zone of an entry.
pub(super) fn setting_of(kind: Option<ZoneKind>) -> &'static str {
    kind.map_or(ZONE_SETTINGS, ZoneKind::setting)
}
