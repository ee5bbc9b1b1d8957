//! A zone file (RFC 1035, section 5), as `az network dns zone export` and name servers write it.

mod entries;
mod zone;

use std::collections::BTreeMap;
use std::str::FromStr;

use anyhow::{Result, ensure};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use hickory_proto::serialize::txt::Parser;
use serde_json::{Value, json};

use super::{Records, TYPES, zone_name};
use entries::{Entry, Parts, entries};
use zone::Told;

/// So many faults are told at once.
const TOLD: usize = 5;
/// So many letters of a word that means nothing are shown.
const SHOWN: usize = 20;
/// What is told of a line that means nothing, and what to do.
const MEND: &str = "mend it or take it out";
/// What to do with a file that does not say its zone.
const NAME_IT: &str = "write $ORIGIN contoso.com. with your zone, and the dot, as the first line";

/// Types whose data ends with a name.
const OF_NAMES: [&str; 5] = ["CNAME", "MX", "NS", "PTR", "SRV"];

/// Reads the file; the zone is its first `$ORIGIN`, else the owner of its SOA, else what all its full names have in common.
///
/// # Errors
/// Each line that is wrong, and what to do.
pub(super) fn read(text: &str) -> Result<Records> {
    let mut reading = Reading::default();
    let (entries, open) = entries(text);
    let told = zone::of(&entries);
    if let Some(Told::BySoa(zone) | Told::ByNames(zone)) = &told
        && let Err(fault) = reading.set_origin(zone)
    {
        reading.faults.push(fault);
    }
    for entry in &entries {
        if let Err(fault) = reading.take(entry) {
            reading.faults.push(format!("line {}: {fault}", entry.line));
        }
    }
    if let Some(line) = open {
        reading.faults.push(format!("line {line}: a quote or a parenthesis begins and does not end: {MEND}"));
    }
    if let Some((line, name)) = reading.below_nothing.take() {
        let fault = format!("line {line}: nothing before it says in which zone '{name}' is: {NAME_IT}");
        reading.faults.insert(0, fault);
    }
    ensure!(!entries.is_empty(), "it is empty: leave --records out for an empty zone");
    if reading.zone.is_none() && reading.faults.is_empty() {
        reading.faults.push(format!("nothing in it says which zone it is of: {NAME_IT}"));
    }
    let mut records = reading.records();
    if matches!(told, Some(Told::ByNames(_))) {
        records.notes.push(format!(
            "The zone file has no $ORIGIN and no SOA: {} is what all its names have in common.",
            records.zone
        ));
    }
    let more = match reading.faults.len().saturating_sub(TOLD) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    reading.faults.truncate(TOLD);
    ensure!(reading.faults.is_empty(), "{}{more}", reading.faults.join("; "));
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
    /// The first name, and its line, that is below a zone that nothing has named yet.
    below_nothing: Option<(usize, String)>,
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
        let full = if is_below {
            format!("{value}.{}", self.origin.as_ref().unwrap_or(&Name::root()))
        } else {
            value.to_owned()
        };
        let name = zone_name(&full).map_err(|fault| format!("{fault}: write $ORIGIN example.org."))?;
        self.origin = Name::from_str(&format!("{name}.")).ok();
        self.zone.get_or_insert(name);
        Ok(())
    }

    fn record(&mut self, entry: &Entry) -> Result<(), String> {
        let Parts { owner, ttl, kind, data } = entry.parts();
        if let Some(owner) = owner {
            self.owner = Some(owner.to_owned());
        }
        let owner = self
            .owner
            .clone()
            .ok_or("it names no owner, and no line before it does: write the name first")?;
        let kind = kind.ok_or_else(|| format!("it has no type: {MEND}"))?;
        let kind = kind.to_ascii_uppercase();
        if kind != "SOA" && !TYPES.contains(&kind.as_str()) {
            if RecordType::from_str(&kind).is_err() && !kind.starts_with("TYPE") {
                let shown: String = kind.chars().take(SHOWN).collect();
                return Err(format!("'{shown}' is no type of a record: {MEND}"));
            }
            self.left_out.push(format!("{kind} {owner} (line {}, a type that is not played)", entry.line));
            return Ok(());
        }
        let target = data.last().filter(|_| OF_NAMES.contains(&kind.as_str()));
        let is_short = |name: &&String| !name.ends_with('.');
        if self.origin.is_none()
            && let Some(name) = [Some(&owner), target].into_iter().flatten().find(is_short)
        {
            self.below_nothing.get_or_insert((entry.line, name.clone()));
        }
        let ttl = ttl.map(str::to_owned).or_else(|| self.ttl.clone());
        let ttl = ttl.ok_or("it has no TTL: give it one, or write $TTL 3600 at the top")?;
        let text = format!("{owner} {ttl} IN {kind} {}\n", data.join(" "));
        let parsed = Parser::new(text, None, Some(self.origin.clone().unwrap_or_else(Name::root))).parse();
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
        let mut records = Records::new(self.zone.as_deref().unwrap_or_default());
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
mod tests;
