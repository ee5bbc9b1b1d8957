//! Everything that changes something below a zone, by its kind.

/// Everything below a public DNS zone that changes something: a wildcard that stays in there is judged by these, every other
/// one by what it may stand for. The first ones are the worst.
pub(super) const OF_A_ZONE: [&str; 30] = [
    "Microsoft.Network/dnszones/delete",
    "Microsoft.Network/dnszones/write",
    "Microsoft.Network/dnszones/NS/write",
    "Microsoft.Network/dnszones/NS/delete",
    "Microsoft.Network/dnszones/SOA/write",
    "Microsoft.Network/dnszones/MX/write",
    "Microsoft.Network/dnszones/MX/delete",
    "Microsoft.Network/dnszones/TXT/write",
    "Microsoft.Network/dnszones/TXT/delete",
    "Microsoft.Network/dnszones/CNAME/write",
    "Microsoft.Network/dnszones/CNAME/delete",
    "Microsoft.Network/dnszones/CAA/write",
    "Microsoft.Network/dnszones/CAA/delete",
    "Microsoft.Network/dnszones/DS/write",
    "Microsoft.Network/dnszones/DS/delete",
    "Microsoft.Network/dnszones/NAPTR/write",
    "Microsoft.Network/dnszones/NAPTR/delete",
    "Microsoft.Network/dnszones/PTR/write",
    "Microsoft.Network/dnszones/PTR/delete",
    "Microsoft.Network/dnszones/SRV/write",
    "Microsoft.Network/dnszones/SRV/delete",
    "Microsoft.Network/dnszones/TLSA/write",
    "Microsoft.Network/dnszones/TLSA/delete",
    "Microsoft.Network/dnszones/dnssecConfigs/write",
    "Microsoft.Network/dnszones/dnssecConfigs/delete",
    "Microsoft.Network/dnszones/providers/Microsoft.Insights/diagnosticSettings/write",
    "Microsoft.Network/dnszones/A/write",
    "Microsoft.Network/dnszones/A/delete",
    "Microsoft.Network/dnszones/AAAA/write",
    "Microsoft.Network/dnszones/AAAA/delete",
];
/// What every operation below a zone begins with.
pub(super) const ZONE: &str = "microsoft.network/dnszones/";
/// The same of a private zone, which alone has links to networks.
pub(super) const OF_A_PRIVATE_ZONE: [&str; 21] = [
    "Microsoft.Network/privateDnsZones/delete",
    "Microsoft.Network/privateDnsZones/write",
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks/write",
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks/delete",
    "Microsoft.Network/privateDnsZones/SOA/write",
    "Microsoft.Network/privateDnsZones/MX/write",
    "Microsoft.Network/privateDnsZones/MX/delete",
    "Microsoft.Network/privateDnsZones/TXT/write",
    "Microsoft.Network/privateDnsZones/TXT/delete",
    "Microsoft.Network/privateDnsZones/CNAME/write",
    "Microsoft.Network/privateDnsZones/CNAME/delete",
    "Microsoft.Network/privateDnsZones/PTR/write",
    "Microsoft.Network/privateDnsZones/PTR/delete",
    "Microsoft.Network/privateDnsZones/SRV/write",
    "Microsoft.Network/privateDnsZones/SRV/delete",
    "Microsoft.Network/privateDnsZones/join/action",
    "Microsoft.Network/privateDnsZones/providers/Microsoft.Insights/diagnosticSettings/write",
    "Microsoft.Network/privateDnsZones/A/write",
    "Microsoft.Network/privateDnsZones/A/delete",
    "Microsoft.Network/privateDnsZones/AAAA/write",
    "Microsoft.Network/privateDnsZones/AAAA/delete",
];
/// What every operation below a private zone begins with.
pub(super) const PRIVATE_ZONE: &str = "microsoft.network/privatednszones/";
