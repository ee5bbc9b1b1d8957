//! A zone file (RFC 1035, section 5), as `az network dns zone export` and name servers write it.

use std::str::FromStr;

use anyhow::{Result, anyhow, ensure};
use hickory_proto::rr::{Name, RData, RecordSet};
use hickory_proto::serialize::txt::Parser;
use serde_json::{Value, json};

use super::{Records, zone_name};
use crate::street;

/// Reads the file; the zone is its first `$ORIGIN`, else the owner of its SOA, else the street's.
pub(super) fn read(text: &str) -> Result<Records> {
    let directive = |name: &str| {
        let mut words = text.lines().map(str::split_whitespace);
        words.find_map(|mut words| {
            words.next().is_some_and(|word| word.eq_ignore_ascii_case(name)).then(|| words.next())
        })
    };
    ensure!(directive("$INCLUDE").is_none(), "it includes another file: put all of it into one");
    let origin = directive("$ORIGIN").flatten().map(zone_name).transpose()?;
    let first = Name::from_str(&format!("{}.", origin.as_deref().unwrap_or(street::ZONE)))?;
    let (_, sets) = Parser::new(text, None, Some(first))
        .parse()
        .map_err(|fault| anyhow!("it is no zone file that can be read: {fault}"))?;
    let of_soa = || {
        let soa = sets.values().find(|set| set.record_type() == hickory_proto::rr::RecordType::SOA)?;
        zone_name(&soa.name().to_ascii()).ok()
    };
    let zone = origin.or_else(of_soa).unwrap_or_else(|| street::ZONE.to_owned());
    let mut records = Records::new(&zone);
    for set in sets.values() {
        let full = set.name().to_ascii();
        match records.relative(&full) {
            Some(name) => {
                let set = written(name, set);
                records.put(set);
            }
            None => records.left_out.push(format!("{} {full}", set.record_type())),
        }
    }
    Ok(records)
}

/// A set of a world document; of a type that none of ours is, with its type alone.
fn written(name: &str, set: &RecordSet) -> Value {
    let kind = set.record_type().to_string();
    let mut written = json!({ "name": name, "type": kind, "TTL": set.ttl().max(1) });
    let mut list = |member: &str, value: Value| match written[member].as_array_mut() {
        Some(values) => values.push(value),
        None => written[member] = json!([value]),
    };
    for record in set.records_without_rrsigs() {
        match &record.data {
            RData::A(address) => list("ARecords", json!({ "ipv4Address": address.0 })),
            RData::AAAA(address) => list("AAAARecords", json!({ "ipv6Address": address.0 })),
            RData::CAA(caa) => list(
                "caaRecords",
                json!({ "flags": caa.flags(), "tag": caa.tag, "value": String::from_utf8_lossy(&caa.value) }),
            ),
            RData::MX(mx) => {
                list("MXRecords", json!({ "preference": mx.preference, "exchange": mx.exchange.to_ascii() }));
            }
            RData::NS(ns) => list("NSRecords", json!({ "nsdname": ns.0.to_ascii() })),
            RData::PTR(ptr) => list("PTRRecords", json!({ "ptrdname": ptr.0.to_ascii() })),
            RData::SRV(srv) => list(
                "SRVRecords",
                json!({ "priority": srv.priority, "weight": srv.weight, "port": srv.port, "target": srv.target.to_ascii() }),
            ),
            RData::TXT(txt) => {
                let texts: Vec<_> = txt.txt_data.iter().map(|text| String::from_utf8_lossy(text)).collect();
                list("TXTRecords", json!({ "value": texts }));
            }
            RData::CNAME(target) => {
                written["CNAMERecord"] = json!({ "cname": target.0.to_ascii() });
                break;
            }
            _ => {}
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPORTED: &str = "\
; Exported zone file from Azure DNS
;   Zone name: home.example.org

$TTL 3600
$ORIGIN home.example.org.

@ 3600 IN SOA ns1-01.azure-dns.com. azuredns-hostmaster.microsoft.com. (
            1
            3600
            300
            2419200
            300
            )
  172800 IN NS ns1-01.azure-dns.com.
nas 60 IN A 198.51.100.7
    60 IN A 198.51.100.8
nas 60 IN AAAA 2001:db8::7
*.dyn 60 IN CNAME nas
@ 300 IN MX 10 mail.example.net.
_sip._tcp 300 IN SRV 1 2 5060 nas
txt 300 IN TXT \"v=spf1 -all\" \"second; \\\"part\\\"\"
@ 300 IN CAA 0 issue \"ca.example.net\"
x 300 IN SSHFP 1 1 AABB
elsewhere.example.net. 300 IN A 198.51.100.9
";

    #[test]
    fn an_export_is_read_whole() {
        let records = read(EXPORTED).unwrap();
        assert_eq!(records.zone, "home.example.org");
        assert!(records.zone_id.ends_with("/dnsZones/home.example.org"));
        assert_eq!(
            records.addresses()[&("nas.home.example.org".to_owned(), "A")],
            ["198.51.100.7", "198.51.100.8"]
        );
        let set = |name: &str, kind: &str| {
            let found = records.sets.iter().find(|set| set["name"] == name && set["type"] == kind);
            found.cloned().unwrap_or_default()
        };
        assert_eq!(set("*.dyn", "CNAME")["CNAMERecord"]["cname"], "nas.home.example.org.");
        assert_eq!(set("txt", "TXT")["TXTRecords"][0]["value"], json!(["v=spf1 -all", "second; \"part\""]));
        assert_eq!(
            set("@", "MX")["MXRecords"],
            json!([{ "preference": 10, "exchange": "mail.example.net." }])
        );
        assert_eq!(set("_sip._tcp", "SRV")["SRVRecords"][0]["target"], "nas.home.example.org.");
        assert_eq!(
            set("@", "CAA")["caaRecords"],
            json!([{ "flags": 0, "tag": "issue", "value": "ca.example.net" }])
        );
        assert!(set("@", "SOA").is_null() && set("@", "NS").is_null(), "they come by themselves");
        assert_eq!(records.left_out, ["A elsewhere.example.net.", "SSHFP x"]);
    }

    #[test]
    fn the_zone_is_the_origins_else_that_of_the_soa_else_the_streets() {
        let soa = "Example.Net. 60 IN SOA a. b. 1 2 3 4 5\n";
        for (text, zone, sets) in [
            ("nas 60 IN A 198.51.100.7\n", "example.com", 1),
            (&format!("{soa}nas.example.net. 60 IN A 198.51.100.7\n"), "example.net", 1),
            (
                &format!("$ORIGIN a.example.org.\n{soa}$ORIGIN b.a.example.org.\nnas 60 IN A 198.51.100.7\n"),
                "a.example.org",
                1,
            ),
        ] {
            let records = read(text).unwrap();
            assert_eq!((records.zone.as_str(), records.sets.len()), (zone, sets), "{text}");
        }
    }

    #[test]
    fn what_is_no_zone_file_is_refused() {
        for text in [
            "nas 60 IN A nowhere\n",
            "{oops",
            "$INCLUDE /etc/hosts\n",
            "$ORIGIN .\n",
            "nas IN A 198.51.100.7\n",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
