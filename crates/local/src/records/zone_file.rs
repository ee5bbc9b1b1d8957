//! A zone file (RFC 1035, section 5), as `az network dns zone export` and name servers write it.

mod entries;

use std::collections::BTreeMap;
use std::str::FromStr;

use anyhow::{Result, ensure};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use hickory_proto::serialize::txt::Parser;
use serde_json::{Value, json};

use super::{Records, TYPES, zone_name};
use crate::street;
use entries::{Entry, entries};

/// So many faults are told at once.
const TOLD: usize = 5;
/// What is told of a line that means nothing, and what to do.
const MEND: &str = "mend it or take it out";

/// Reads the file; the zone is its first `$ORIGIN`, else the owner of its SOA, else the street's.
///
/// # Errors
/// Each line that is wrong, and what to do.
pub(super) fn read(text: &str) -> Result<Records> {
    let mut reading = Reading::default();
    let (entries, open) = entries(text);
    for entry in &entries {
        if let Err(fault) = reading.take(entry) {
            reading.faults.push(format!("line {}: {fault}", entry.line));
        }
    }
    if let Some(line) = open {
        reading.faults.push(format!("line {line}: a quote or a parenthesis begins and does not end: {MEND}"));
    }
    let records = reading.records();
    let more = match reading.faults.len().saturating_sub(TOLD) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    reading.faults.truncate(TOLD);
    ensure!(reading.faults.is_empty(), "{}{more}", reading.faults.join("; "));
    ensure!(!entries.is_empty(), "it is empty: leave --records out for an empty zone");
    Ok(records)
}

/// What was read so far.
#[derive(Debug, Default)]
struct Reading {
    zone: Option<String>,
    /// What names without a dot at their end are below.
    origin: Option<Name>,
    /// The TTL of a record that names none.
    ttl: Option<String>,
    owner: Option<String>,
    soa: Option<(Name, usize)>,
    found: Vec<(usize, Record)>,
    left_out: Vec<String>,
    faults: Vec<String>,
}

impl Reading {
    /// Takes an entry.
    ///
    /// # Errors
    /// What is wrong with it, and what to do.
    fn take(&mut self, entry: &Entry) -> Result<(), String> {
        let first = entry.words.first().map(String::as_str).unwrap_or_default();
        let value = entry.words.get(1).cloned().unwrap_or_default();
        match first.to_ascii_uppercase().as_str() {
            "$ORIGIN" => self.set_origin(&value),
            "$TTL" => {
                self.ttl = Some(value);
                Ok(())
            }
            "$INCLUDE" => Err("it includes another file: put all of it into one".to_owned()),
            directive if directive.starts_with('$') => {
                Err(format!("{first} is not known here: write its records out"))
            }
            _ => self.record(entry),
        }
    }

    fn set_origin(&mut self, value: &str) -> Result<(), String> {
        let is_below = !value.ends_with('.') && self.origin.is_some();
        let full = if is_below { format!("{value}.{}", self.origin()) } else { value.to_owned() };
        let name = zone_name(&full).map_err(|fault| format!("{fault}: write $ORIGIN example.org."))?;
        self.origin = Name::from_str(&format!("{name}.")).ok();
        self.zone.get_or_insert(name);
        Ok(())
    }

    fn origin(&self) -> Name {
        let street = || Name::from_str(&format!("{}.", street::ZONE)).unwrap_or_else(|_| Name::root());
        self.origin.clone().unwrap_or_else(street)
    }

    fn record(&mut self, entry: &Entry) -> Result<(), String> {
        let mut words = entry.words.as_slice();
        if !entry.is_of_the_last
            && let Some((owner, rest)) = words.split_first()
        {
            self.owner = Some(owner.clone());
            words = rest;
        }
        let owner = self
            .owner
            .clone()
            .ok_or("it names no owner, and no line before it does: write the name first")?;
        let is_time = |word: &str| word.starts_with(|letter: char| letter.is_ascii_digit());
        let is_class = |word: &str| ["IN", "CH", "HS"].iter().any(|class| word.eq_ignore_ascii_case(class));
        let after = words.iter().take(2).take_while(|word| is_time(word) || is_class(word)).count();
        let ttl = words.iter().take(after).find(|word| is_time(word)).cloned();
        let Some((kind, data)) = words.get(after..).and_then(<[String]>::split_first) else {
            return Err(format!("it has no type: {MEND}"));
        };
        let kind = kind.to_ascii_uppercase();
        if kind != "SOA" && !TYPES.contains(&kind.as_str()) {
            if RecordType::from_str(&kind).is_err() && !kind.starts_with("TYPE") {
                return Err(format!("'{kind}' is no type of a record: {MEND}"));
            }
            self.left_out.push(format!("{kind} {owner} (line {}, a type that is not played)", entry.line));
            return Ok(());
        }
        let ttl = ttl.or_else(|| self.ttl.clone());
        let ttl = ttl.ok_or("it has no TTL: give it one, or write $TTL 3600 at the top")?;
        let text = format!("{owner} {ttl} IN {kind} {}\n", data.join(" "));
        let parsed = Parser::new(text, None, Some(self.origin())).parse();
        let (_, sets) = parsed.map_err(|fault| format!("its {kind} cannot be read ({fault}): {MEND}"))?;
        // As in RFC 1035: who names no TTL has that of the record before it.
        self.ttl.get_or_insert(ttl);
        for record in sets.values().flat_map(|set| set.records_without_rrsigs()) {
            if kind == "SOA" {
                self.start_of_authority(entry.line, &record.name)?;
            }
            self.found.push((entry.line, record.clone()));
        }
        Ok(())
    }

    fn start_of_authority(&mut self, line: usize, owner: &Name) -> Result<(), String> {
        if let Some((_, before)) = &self.soa {
            return Err(format!("a second SOA, the first is in line {before}: give one zone a file"));
        }
        self.soa = Some((owner.clone(), line));
        if self.zone.is_none() {
            self.set_origin(&owner.to_ascii())?;
        }
        Ok(())
    }

    /// The sets of all records, and new faults where one of them stands in another's way.
    fn records(&mut self) -> Records {
        let mut records = Records::new(self.zone.as_deref().unwrap_or(street::ZONE));
        records.left_out.append(&mut self.left_out);
        let mut sets: BTreeMap<(String, &'static str), (usize, Value)> = BTreeMap::new();
        let mut aliases: BTreeMap<String, usize> = BTreeMap::new();
        for (line, record) in &self.found {
            let full = record.name.to_ascii().to_ascii_lowercase();
            let kind = record.record_type();
            let Some(name) = records.relative(&full).map(str::to_owned) else {
                records.left_out.push(format!("{kind} {full} (line {line}, outside the zone)"));
                continue;
            };
            let Some(kind) = TYPES.iter().find(|known| **known == kind.to_string()) else { continue };
            if *kind == "CNAME"
                && let Some(before) = aliases.insert(name.clone(), *line)
            {
                self.faults.push(format!(
                    "line {line}: a second CNAME of '{name}', the first is in line {before}: leave one"
                ));
                continue;
            }
            let new = || (*line, json!({ "name": name, "type": kind, "TTL": record.ttl.max(1) }));
            let (_, set) = sets.entry((name.clone(), *kind)).or_insert_with(new);
            write(set, &record.data);
        }
        for ((name, kind), (line, set)) in sets {
            if kind != "CNAME"
                && let Some(of_alias) = aliases.get(&name)
            {
                self.faults.push(format!(
                    "line {line}: '{name}' has a CNAME in line {of_alias}, beside which nothing may stand: leave one"
                ));
            }
            records.put(set);
        }
        records
    }
}

/// Writes a record into the set of a world document; the same one twice is one.
fn write(written: &mut Value, data: &RData) {
    let mut list = |member: &str, value: Value| match written[member].as_array_mut() {
        Some(values) if values.contains(&value) => {}
        Some(values) => values.push(value),
        None => written[member] = json!([value]),
    };
    match data {
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
        RData::CNAME(target) => written["CNAMERecord"] = json!({ "cname": target.0.to_ascii() }),
        _ => {}
    }
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
        assert_eq!(
            records.left_out,
            [
                "SSHFP x (line 23, a type that is not played)",
                "A elsewhere.example.net. (line 24, outside the zone)"
            ]
        );
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

    #[test]
    fn each_line_that_is_wrong_is_named_with_what_to_do() {
        for (text, says) in [
            (
                "nas 60 IN A nowhere\nb 60 IN A 192.0.2.1\nc 60 IN A x\n",
                &["line 1:", "line 3:", "mend it"][..],
            ),
            ("$TTL 60\n\n$INCLUDE other.zone\n", &["line 3:", "put all of it into one"]),
            ("$GENERATE 1-5 a$ A 192.0.2.$\n", &["line 1: $GENERATE", "write its records out"]),
            ("nas IN A 192.0.2.1\n", &["line 1:", "$TTL 3600"]),
            (" 60 IN A 192.0.2.1\n", &["line 1:", "write the name first"]),
            ("nas 60 IN\n", &["line 1:", "no type"]),
            ("nas 60 IN OOPS x\n", &["line 1:", "'OOPS'"]),
            ("$ORIGIN com\n", &["line 1:", "$ORIGIN example.org."]),
            ("a 60 IN CNAME b\na 60 IN CNAME c\n", &["line 2: a second CNAME", "line 1"]),
            ("a 60 IN CNAME b\n\na 60 IN A 192.0.2.1\n", &["line 3: 'a' has a CNAME in line 1"]),
            ("@ 60 IN SOA a. b. 1 2 3 4 5\nx 60 IN SOA a. b. 1 2 3 4 5\n", &["line 2: a second SOA"]),
            ("a 60 IN TXT \"x\n", &["line 1: a quote"]),
            ("; nothing\n", &["it is empty"]),
        ] {
            let fault = read(text).unwrap_err().to_string();
            assert!(says.iter().all(|part| fault.contains(part)), "{text}: {fault}");
        }
    }

    #[test]
    fn names_are_written_in_many_ways() {
        let text = "$TTL 60\n$ORIGIN m\u{fc}nchen.example.org.\n@ SOA a. b. ( 1 2\n 3 4 5 )\n\
                    NAS A 198.51.100.7\n\tA 198.51.100.7\n\t30 IN A 198.51.100.8\nb\\195\\188ro IN A 198.51.100.9\n\
                    nas.m\\195\\188nchen.example.org. AAAA 2001:db8::1\n_x 1h TXT \"a;b\" c\n$ORIGIN sub\nnas A 198.51.100.10\n\
                    k TYPE65534 \\# 1 00\n";
        let records = read(text).unwrap();
        assert_eq!(records.zone, "xn--mnchen-3ya.example.org");
        let addresses = records.addresses();
        let of =
            |name: &str, kind| addresses.get(&(format!("{name}.xn--mnchen-3ya.example.org"), kind)).cloned();
        assert_eq!(of("nas", "A").unwrap(), ["198.51.100.7", "198.51.100.8"]);
        assert_eq!(of("xn--bro-hoa", "A").unwrap(), ["198.51.100.9"]);
        assert_eq!(of("nas", "AAAA").unwrap(), ["2001:db8::1"]);
        assert_eq!(of("nas.sub", "A").unwrap(), ["198.51.100.10"]);
        let txt = records.sets.iter().find(|set| set["type"] == "TXT").unwrap();
        assert_eq!((&txt["TTL"], &txt["TXTRecords"][0]["value"]), (&json!(3600), &json!(["a;b", "c"])));
        assert_eq!(records.left_out, ["TYPE65534 k (line 13, a type that is not played)"]);
    }
}
