//! One question, answered out of the world.

use std::net::IpAddr;

use hickory_server::proto::op::ResponseCode;
use hickory_server::proto::rr::rdata::{A, AAAA, CNAME, MX, NAPTR, NS, NULL, PTR, SOA, SRV, TXT};
use hickory_server::proto::rr::{Name, RData, Record as Answer, RecordType as Asked};

use super::lookup::{self, Place};
use crate::World;
use crate::world::{Record, RecordSet, RecordType, Zone, ZoneKind};

/// How many CNAMEs are followed.
const CHASED: usize = 8;
/// The TTL of the addresses of name servers.
const SERVER_TTL: u32 = 3600;

/// The sections of an answer.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) code: ResponseCode,
    pub(super) authoritative: bool,
    pub(super) answers: Vec<Answer>,
    pub(super) authority: Vec<Answer>,
    pub(super) additional: Vec<Answer>,
}

impl Found {
    /// An answer that is a code alone.
    pub(super) fn code(code: ResponseCode) -> Self {
        Self {
            code,
            authoritative: false,
            answers: Vec::new(),
            authority: Vec::new(),
            additional: Vec::new(),
        }
    }
}

/// Answers a question; `address` is where the name servers of all zones listen.
pub(super) fn find(world: &World, asked_name: &Name, asked: Asked, address: IpAddr) -> Found {
    let lower = asked_name.to_lowercase().to_ascii();
    let name = lower.trim_end_matches('.');
    match lookup::zone_of(world, name) {
        Some(zone) => find_in(world, zone, asked_name, asked, address, Chase::InZone),
        None => server_name(world, asked_name, name, asked, address),
    }
}

/// How far CNAMEs are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chase {
    /// As long as they lead to names of the zone, as a name server does.
    InZone,
    /// Not at all: whoever asks knows better which zone holds the next name.
    Never,
}

/// Answers a question out of one zone, in which the name lies.
pub(super) fn find_in(
    world: &World,
    zone: &Zone,
    asked_name: &Name,
    asked: Asked,
    address: IpAddr,
    chase: Chase,
) -> Found {
    let lower = asked_name.to_lowercase().to_ascii();
    let name = lower.trim_end_matches('.');
    let mut found = Found { authoritative: true, ..Found::code(ResponseCode::NoError) };
    let mut owner = asked_name.clone();
    let mut current = lookup::relative(zone, name).unwrap_or("@").to_owned();
    for _ in 0..=CHASED {
        // What a zone says of the keys below a cut stands above it (RFC 4035, section 3.1.4.1).
        let above = |cut: &&RecordSet| asked != Asked::DS || cut.name != current;
        if let Some(cut) = lookup::delegation(zone, &current).filter(above) {
            refer(world, zone, cut, address, &mut found);
            return found;
        }
        let place = lookup::place(zone, &current);
        let sets: Vec<&RecordSet> = match &place {
            Place::Sets(name) => lookup::sets(zone, name).collect(),
            Place::Empty => Vec::new(),
            Place::Missing => {
                found.code = ResponseCode::NXDomain;
                Vec::new()
            }
        };
        let mut target = None;
        for set in sets {
            let (ttl, records) = lookup::records(world, zone, set);
            let is_cname = set.record_type == RecordType::Cname;
            let wanted = asked == Asked::ANY || asked == wire_type(set.record_type);
            if wanted || is_cname {
                found.answers.extend(records.iter().filter_map(|record| answer(&owner, ttl, record)));
            }
            if is_cname && !wanted {
                target = records.first().cloned();
            }
        }
        let Some(Record::Cname(cname)) = target else {
            break;
        };
        let (Ok(next), lower) = (absolute(&cname), cname.to_ascii_lowercase()) else {
            break;
        };
        // Beyond the zone the resolver goes on by itself.
        let inside = lookup::relative(zone, lower.trim_end_matches('.'));
        let Some(relative) = inside.filter(|_| chase == Chase::InZone) else {
            return found;
        };
        relative.clone_into(&mut current);
        owner = next;
    }
    let is_answered = found.answers.iter().any(|answer| asked == Asked::ANY || answer.record_type() == asked);
    if !is_answered {
        found.authority.extend(negative(zone));
    }
    if asked == Asked::NS && is_answered {
        found.additional = glue(world, zone.name_servers.iter().map(String::as_str), address);
    }
    found
}

/// A delegation: the way down, without authority.
fn refer(world: &World, zone: &Zone, cut: &RecordSet, address: IpAddr, found: &mut Found) {
    found.authoritative = !found.answers.is_empty();
    let Ok(owner) = absolute(&cut.fqdn(zone)) else {
        return;
    };
    let ttl = cut.ttl.unwrap_or(0);
    found.authority.extend(cut.records().iter().filter_map(|record| answer(&owner, ttl, record)));
    let servers: Vec<String> = cut
        .records()
        .iter()
        .filter_map(|record| if let Record::Ns(name) = record { Some(name.clone()) } else { None })
        .collect();
    found.additional = glue(world, servers.iter().map(String::as_str), address);
    for server in &servers {
        let lower = server.trim_end_matches('.').to_ascii_lowercase();
        let (Some(relative), Ok(owner)) = (lookup::relative(zone, &lower), absolute(server)) else {
            continue;
        };
        for kind in [RecordType::A, RecordType::Aaaa] {
            if let Some(set) = zone.record_set(relative, kind) {
                let ttl = set.ttl.unwrap_or(0);
                found
                    .additional
                    .extend(set.records().iter().filter_map(|record| answer(&owner, ttl, record)));
            }
        }
    }
}

/// A question about the name of a name server of ours; anything else outside the zones is refused.
fn server_name(world: &World, asked_name: &Name, name: &str, asked: Asked, address: IpAddr) -> Found {
    if !is_server(world, name) {
        return Found::code(ResponseCode::Refused);
    }
    let mut found = Found { authoritative: true, ..Found::code(ResponseCode::NoError) };
    let record = address_record(asked_name, address);
    if asked == record.record_type() || asked == Asked::ANY {
        found.answers.push(record);
    }
    found
}

fn is_server(world: &World, name: &str) -> bool {
    let public = world.zones.values().filter(|zone| zone.kind == ZoneKind::Public);
    public
        .flat_map(|zone| &zone.name_servers)
        .any(|server| server.trim_end_matches('.').eq_ignore_ascii_case(name))
}

/// The addresses of those of the given name servers that are ours.
fn glue<'n>(world: &World, servers: impl Iterator<Item = &'n str>, address: IpAddr) -> Vec<Answer> {
    servers
        .filter(|server| is_server(world, server.trim_end_matches('.')))
        .filter_map(|server| absolute(server).ok())
        .map(|owner| address_record(&owner, address))
        .collect()
}

fn address_record(owner: &Name, address: IpAddr) -> Answer {
    Answer::from_rdata(owner.clone(), SERVER_TTL, address_data(address))
}

/// An address in the form of the wire.
pub(super) fn address_data(address: IpAddr) -> RData {
    match address {
        IpAddr::V4(address) => RData::A(A(address)),
        IpAddr::V6(address) => RData::AAAA(AAAA(address)),
    }
}

/// The SOA that goes with "there is none"; its TTL says for how long that holds (RFC 2308).
fn negative(zone: &Zone) -> Option<Answer> {
    let set = zone.record_set("@", RecordType::Soa)?;
    let record = set.records().first()?;
    let Record::Soa { minimum, .. } = record else {
        return None;
    };
    answer(&absolute(&zone.name).ok()?, set.ttl.unwrap_or(*minimum).min(*minimum), record)
}

/// A name, absolute whether it ends with a dot or not.
fn absolute(text: &str) -> Result<Name, ()> {
    let mut name = Name::from_ascii(text.trim_end_matches('.')).map_err(|_| ())?;
    name.set_fqdn(true);
    Ok(name)
}

/// A record in the form of the wire; none when it cannot have one.
fn answer(owner: &Name, ttl: u32, record: &Record) -> Option<Answer> {
    let data = match record {
        Record::A(address) => RData::A(A(*address)),
        Record::Aaaa { address, .. } => RData::AAAA(AAAA(*address)),
        Record::Cname(name) => RData::CNAME(CNAME(absolute(name).ok()?)),
        Record::Ns(name) => RData::NS(NS(absolute(name).ok()?)),
        Record::Ptr(name) => RData::PTR(PTR(absolute(name).ok()?)),
        Record::Mx { preference, exchange } => RData::MX(MX::new(*preference, absolute(exchange).ok()?)),
        Record::Ds { key_tag, algorithm, digest_type, digest } => {
            let head = [&key_tag.to_be_bytes()[..], &[*algorithm, *digest_type]].concat();
            octets(Asked::DS, &[&head, digest.bytes()])
        }
        Record::Naptr(rule) => {
            let bytes = |text: &str| text.as_bytes().into();
            let (flags, services, regexp) = (bytes(&rule.flags), bytes(&rule.services), bytes(&rule.regexp));
            let replacement = absolute(&rule.replacement).ok()?;
            RData::NAPTR(NAPTR::new(rule.order, rule.preference, flags, services, regexp, replacement))
        }
        Record::Tlsa { usage, selector, matching, data } => {
            octets(Asked::TLSA, &[&[*usage, *selector, *matching], data.bytes()])
        }
        Record::Srv { priority, weight, port, target } => {
            RData::SRV(SRV::new(*priority, *weight, *port, absolute(target).ok()?))
        }
        Record::Txt(strings) if strings.is_empty() => RData::TXT(TXT::new(vec![String::new()])),
        Record::Txt(strings) => RData::TXT(TXT::new(strings.clone())),
        Record::Soa { host, email, serial, refresh, retry, expire, minimum } => {
            let seconds = |value: &u32| i32::try_from(*value).unwrap_or(i32::MAX);
            let (host, email) = (absolute(host).ok()?, absolute(&email.replace('@', ".")).ok()?);
            let soa =
                SOA::new(host, email, *serial, seconds(refresh), seconds(retry), seconds(expire), *minimum);
            RData::SOA(soa)
        }
        Record::Caa { flags, tag, value } => {
            let mut bytes = vec![*flags, u8::try_from(tag.len()).ok()?];
            bytes.extend_from_slice(tag.as_bytes());
            bytes.extend_from_slice(value.as_bytes());
            // A CAA set may hold tags that the library does not know.
            octets(Asked::CAA, &[&bytes])
        }
    };
    Some(Answer::from_rdata(owner.clone(), ttl, data))
}

/// Data that is written octet by octet.
fn octets(code: Asked, parts: &[&[u8]]) -> RData {
    RData::Unknown { code, rdata: NULL::with(parts.concat()) }
}

fn wire_type(record_type: RecordType) -> Asked {
    match record_type {
        RecordType::A => Asked::A,
        RecordType::Aaaa => Asked::AAAA,
        RecordType::Caa => Asked::CAA,
        RecordType::Cname => Asked::CNAME,
        RecordType::Ds => Asked::DS,
        RecordType::Mx => Asked::MX,
        RecordType::Naptr => Asked::NAPTR,
        RecordType::Ns => Asked::NS,
        RecordType::Ptr => Asked::PTR,
        RecordType::Soa => Asked::SOA,
        RecordType::Srv => Asked::SRV,
        RecordType::Tlsa => Asked::TLSA,
        RecordType::Txt => Asked::TXT,
    }
}
