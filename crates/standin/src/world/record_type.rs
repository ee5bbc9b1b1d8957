//! The types of record sets.

use std::fmt;

use super::ZoneKind;

/// The record types of both providers (contract azure-resource-manager, sections 2.1 and 3), in the order of their
/// numbers in DNS, which is that of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum RecordType {
    A,
    Ns,
    Cname,
    Soa,
    Ptr,
    Mx,
    Txt,
    Aaaa,
    Srv,
    Naptr,
    Ds,
    Tlsa,
    Caa,
}

impl RecordType {
    /// All types in the order in which lists show them.
    pub const ALL: [Self; 13] = [
        Self::A,
        Self::Ns,
        Self::Cname,
        Self::Soa,
        Self::Ptr,
        Self::Mx,
        Self::Txt,
        Self::Aaaa,
        Self::Srv,
        Self::Naptr,
        Self::Ds,
        Self::Tlsa,
        Self::Caa,
    ];

    /// Parses a type's name without regard to case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.text().eq_ignore_ascii_case(text))
    }

    /// The type as DNS writes it.
    pub fn text(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Caa => "CAA",
            Self::Cname => "CNAME",
            Self::Ds => "DS",
            Self::Mx => "MX",
            Self::Naptr => "NAPTR",
            Self::Ns => "NS",
            Self::Ptr => "PTR",
            Self::Soa => "SOA",
            Self::Srv => "SRV",
            Self::Tlsa => "TLSA",
            Self::Txt => "TXT",
        }
    }

    /// Whether zones of this kind hold the type at all.
    pub fn exists_in(self, kind: ZoneKind) -> bool {
        kind == ZoneKind::Public || !matches!(self, Self::Ns | Self::Caa) && !self.is_of_preview()
    }

    /// Whether only version 2023-07-01-preview knows the type (contract azure-resource-manager, section 1.1).
    pub fn is_of_preview(self) -> bool {
        matches!(self, Self::Ds | Self::Naptr | Self::Tlsa)
    }

    /// The member of `properties` that holds the records, in the casing of that provider.
    pub fn member(self, kind: ZoneKind) -> &'static str {
        let public = kind == ZoneKind::Public;
        match self {
            Self::A if public => "ARecords",
            Self::A => "aRecords",
            Self::Aaaa if public => "AAAARecords",
            Self::Aaaa => "aaaaRecords",
            Self::Caa => "caaRecords",
            Self::Cname if public => "CNAMERecord",
            Self::Cname => "cnameRecord",
            Self::Ds => "DSRecords",
            Self::Naptr => "NAPTRRecords",
            Self::Tlsa => "TLSARecords",
            Self::Mx if public => "MXRecords",
            Self::Mx => "mxRecords",
            Self::Ns if public => "NSRecords",
            Self::Ns => "nsRecords",
            Self::Ptr if public => "PTRRecords",
            Self::Ptr => "ptrRecords",
            Self::Soa if public => "SOARecord",
            Self::Soa => "soaRecord",
            Self::Srv if public => "SRVRecords",
            Self::Srv => "srvRecords",
            Self::Txt if public => "TXTRecords",
            Self::Txt => "txtRecords",
        }
    }

    /// Whether the member holds one object rather than an array.
    pub(super) fn is_single(self) -> bool {
        matches!(self, Self::Cname | Self::Soa)
    }
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
