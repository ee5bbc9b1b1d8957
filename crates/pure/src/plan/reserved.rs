//! First labels that say more than a name: those that machines look up by themselves, and those that everybody trusts.

use crate::domain::HostName;

/// First labels that machines look up by themselves: a record there changes what others do who never asked for it (who
/// their proxy is, where mail and calls go, how devices enrol). Any depth counts, for a search suffix may lie anywhere.
const RESERVED_LABELS: [&str; 20] = [
    "autoconfig",
    "autodiscover",
    "enterpriseenrollment",
    "enterpriseregistration",
    "isatap",
    "lyncdiscover",
    "mta-sts",
    "mx",
    "ns",
    "ns1",
    "ns2",
    "ns3",
    "ns4",
    "ns5",
    "ns6",
    "ns7",
    "ns8",
    "ns9",
    "sip",
    "wpad",
];

/// Whether a name with this first label is written only when `POLICY_NAMES` lists it literally.
pub(super) fn is_reserved(label: &str) -> bool {
    RESERVED_LABELS.contains(&label)
}

/// First labels that everybody trusts: their unmarked sets are adopted only when `POLICY_NAMES` lists them literally.
///
/// A machine behind the same NAT as a mail or remote-access gateway has reported the gateway's address, so "it
/// already pointed at this machine" proves nothing for them.
const TRUSTED_LABELS: [&str; 38] = [
    "adfs",
    "admin",
    "api",
    "auth",
    "autoconfig",
    "autodiscover",
    "citrix",
    "dns",
    "enterpriseenrollment",
    "enterpriseregistration",
    "exchange",
    "ftp",
    "idp",
    "imap",
    "ldap",
    "login",
    "lyncdiscover",
    "mail",
    "mta-sts",
    "mx",
    "ns",
    "owa",
    "pop",
    "portal",
    "rdp",
    "relay",
    "remote",
    "sftp",
    "signin",
    "sip",
    "smtp",
    "sso",
    "sts",
    "vpn",
    "webmail",
    "wpad",
    "www",
    "xmpp",
];

/// Whether the first label of a name is one that everybody trusts (`www mail autodiscover vpn` and their like).
///
/// A trailing number does not change that: `ns1` and `mx2` count. Apexes and wildcards are trusted too, and never come
/// here: what is not listed literally is refused by the rules on names.
pub(super) fn is_trusted(name: &HostName) -> bool {
    let label = name.first_label();
    let stem = label.trim_end_matches(|c: char| c.is_ascii_digit());
    [label, stem].iter().any(|label| TRUSTED_LABELS.contains(label))
}

#[cfg(test)]
mod tests {
    use super::*;
    fn name(text: &str) -> HostName {
        HostName::parse(text).unwrap()
    }

    #[test]
    fn first_labels_that_everybody_trusts_count_at_any_depth() {
        for text in ["www.example.com", "mail.home.example.com", "ns1.example.com"] {
            assert!(is_trusted(&name(text)), "{text}");
        }
        for text in [
            "nas.example.com",
            "www-old.example.com",
            "nas.www.example.com",
            "7.example.com",
            "app1.example.com",
        ] {
            assert!(!is_trusted(&name(text)), "{text}");
        }
    }
}
