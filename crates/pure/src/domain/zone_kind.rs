//! Who a zone answers.

/// Who a zone answers: everybody, or the networks that are linked to it.
///
/// ```
/// use pure::domain::{ZoneId, ZoneKind};
///
/// let id = "/subscriptions/s/resourceGroups/rg-dns/providers/Microsoft.Network/privateDnsZones/corp.example.com";
/// assert_eq!(ZoneId::parse(id).unwrap().kind(), ZoneKind::Private);
/// assert!(ZoneId::parse(&id.replace("corp.", "privatelink.")).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ZoneKind {
    /// A zone of Azure DNS, which answers everybody.
    Public,
    /// A zone of Azure Private DNS, which answers linked networks alone.
    Private,
}

/// The settings that name a zone of either kind.
pub const ZONE_SETTINGS: &str = "DNS_ZONES or PRIVATE_ZONES";

impl ZoneKind {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Public, Self::Private];

    /// The word for it, as a policy file and answers have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
        }
    }

    /// The setting that names zones of this kind.
    #[must_use]
    pub fn setting(self) -> &'static str {
        match self {
            Self::Public => "DNS_ZONES",
            Self::Private => "PRIVATE_ZONES",
        }
    }

    /// The built-in role that keeps record sets of zones of this kind.
    #[must_use]
    pub fn contributor(self) -> &'static str {
        match self {
            Self::Public => "DNS Zone Contributor",
            Self::Private => "Private DNS Zone Contributor",
        }
    }
}
