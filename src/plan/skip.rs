//! Why a row changes nothing: a closed list of reasons, each with one sentence that says what to do.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::domain::{AddressClass, MismatchRow, NameFault, RecordType};

use super::words::{list, machine, span};

/// The code of a skip, in the order in which the rules are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the table of `plan::plan` tells what each code means")]
pub enum Reason {
    Wildcard,
    NameInvalid,
    NoZone,
    Apex,
    NameNotAllowed,
    TagGone,
    AddressEmpty,
    AddressInvalid,
    AddressPrivateLink,
    AddressNotPublic,
    AddressDenied,
    TypeNotWanted,
    StaleHeartbeat,
    Alias,
    EmptySet,
    CnameExists,
    AlreadyRight,
    TooFewBeats,
    StillSeen,
    Flapping,
    ClaimConflict,
    NotOwned,
    NoRecord,
    Braked,
    Blind,
    NoHeartbeat,
}

impl Reason {
    /// The code as it stands in reports and tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wildcard => "wildcard",
            Self::NameInvalid => "name-invalid",
            Self::NoZone => "no-zone",
            Self::Apex => "apex",
            Self::NameNotAllowed => "name-not-allowed",
            Self::TagGone => "tag-gone",
            Self::AddressEmpty => "address-empty",
            Self::AddressInvalid => "address-invalid",
            Self::AddressPrivateLink => "address-private-link",
            Self::AddressNotPublic => "address-not-public",
            Self::AddressDenied => "address-denied",
            Self::TypeNotWanted => "type-not-wanted",
            Self::StaleHeartbeat => "stale-heartbeat",
            Self::Alias => "alias",
            Self::EmptySet => "empty-set",
            Self::CnameExists => "cname-exists",
            Self::AlreadyRight => "already-right",
            Self::TooFewBeats => "too-few-beats",
            Self::StillSeen => "still-seen",
            Self::Flapping => "flapping",
            Self::ClaimConflict => "claim-conflict",
            Self::NotOwned => "not-owned",
            Self::NoRecord => "no-record",
            Self::Braked => "braked",
            Self::Blind => "blind",
            Self::NoHeartbeat => "no-heartbeat",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A row that changes nothing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Skip {
    /// The name as stored, or as written where it is none.
    pub name: String,
    /// The type.
    pub record_type: RecordType,
    /// The machine's id as given.
    pub machine: String,
    /// The code.
    pub reason: Reason,
    /// What is wrong and what to do, in one sentence.
    pub because: String,
    /// What the audit needs besides; none without a row.
    #[serde(skip)]
    pub seen: Option<Seen>,
}

/// What was seen of a row that changes nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// The zone's id, empty for none.
    pub zone: String,
    /// The addresses of the record set, joined by commas: live where it was read, else those of the log.
    pub present: String,
    /// What the machine reported.
    pub reported: String,
    /// Its newest heartbeat.
    pub heartbeat_time: Option<Timestamp>,
    /// How many newest heartbeats agreed.
    pub beats: u64,
    /// Whether the alert counts the row: only these are audited.
    pub actionable: bool,
}

impl Skip {
    /// The skip of a row.
    #[must_use]
    pub fn of(row: &MismatchRow, name: &str, record_type: RecordType, why: &Why) -> Self {
        Self {
            name: name.to_owned(),
            record_type,
            machine: row.resource_id.clone(),
            reason: why.reason(),
            because: why.to_string(),
            seen: Some(Seen {
                zone: row.zone_id.clone(),
                present: row.dns_ip.clone(),
                reported: row.computer_ip.clone(),
                heartbeat_time: row.heartbeat_time,
                beats: row.beats,
                actionable: row.actionable,
            }),
        }
    }

    /// The skip of a tagged machine that was not heard within the hour (`plan` on the command line only).
    #[must_use]
    pub fn no_heartbeat(name: &str, record_type: RecordType, machine: &str) -> Self {
        let why = Why::NoHeartbeat { machine: machine.to_owned() };
        Self {
            name: name.to_owned(),
            record_type,
            machine: machine.to_owned(),
            reason: why.reason(),
            because: why.to_string(),
            seen: None,
        }
    }

    pub(super) fn sort_key(&self) -> impl Ord + '_ {
        (&self.name, self.record_type, self.machine.to_lowercase(), &self.machine, self.reason, &self.because)
    }
}

/// A reason with what its sentence names. Its [`fmt::Display`] is the sentence.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the sentences below say what every part is")]
pub enum Why {
    Wildcard {
        name: String,
    },
    NameInvalid {
        name: String,
        fault: NameFault,
    },
    NoZone {
        name: String,
        zones: Vec<String>,
    },
    Apex {
        name: String,
    },
    NameNotAllowed {
        name: String,
    },
    TagGone {
        name: String,
        machine: String,
        gone: TagGone,
    },
    AddressEmpty {
        machine: String,
    },
    AddressInvalid {
        machine: String,
        text: String,
    },
    AddressPrivateLink {
        machine: String,
        address: IpAddr,
        inner: Ipv4Addr,
    },
    AddressNotPublic {
        machine: String,
        address: IpAddr,
        class: AddressClass,
    },
    AddressDenied {
        machine: String,
        address: IpAddr,
        prefix: String,
    },
    TypeNotWanted {
        machine: String,
        record_type: RecordType,
    },
    StaleHeartbeat {
        machine: String,
        age: Option<SignedDuration>,
        limit: SignedDuration,
    },
    Alias {
        name: String,
        record_type: RecordType,
        target: String,
    },
    EmptySet {
        name: String,
        record_type: RecordType,
    },
    CnameExists {
        name: String,
        record_type: RecordType,
    },
    AlreadyRight {
        name: String,
        addresses: Vec<String>,
    },
    TooFewBeats {
        machine: String,
        address: IpAddr,
        beats: u64,
        wanted: u64,
    },
    StillSeen {
        machine: String,
        address: IpAddr,
        present: String,
        age: SignedDuration,
        unseen: SignedDuration,
    },
    Flapping {
        name: String,
        address: IpAddr,
        returns: usize,
        shares: Vec<(String, usize)>,
    },
    ClaimConflict {
        name: String,
        present: Vec<String>,
        claims: Vec<(String, String)>,
    },
    NotOwned {
        name: String,
        owned: NotOwned,
    },
    NoRecord {
        name: String,
        record_type: RecordType,
    },
    Braked {
        held: Held,
    },
    Blind {
        cause: Blindness,
    },
    NoHeartbeat {
        machine: String,
    },
}

/// How a tag stopped to say so.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the sentences below say what every part is")]
pub enum TagGone {
    /// The machine is there, its tag names something else or nothing.
    Says {
        names: Vec<String>,
    },
    Deleted,
    Unreadable,
    /// The row's machine id is no id: its tag cannot be asked.
    NoId,
}

/// Why a record set is not ours.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the sentences below say what every part is")]
pub enum NotOwned {
    OtherInstallation {
        owner: String,
    },
    NewerMark {
        version: u32,
    },
    IncompleteMark,
    OtherMachine {
        machine: String,
        unreadable: bool,
        heard: Option<SignedDuration>,
        dormant: SignedDuration,
    },
    Reserved,
    AdoptNever,
    /// These present addresses were not reported by the claiming machines.
    Unproved {
        addresses: Vec<String>,
        machines: Vec<String>,
    },
    /// The 30 days of heartbeats were not asked.
    NoEvidence,
}

/// Which brake holds a change.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the sentences below say what every part is")]
pub enum Held {
    Converging {
        address: IpAddr,
        sources: usize,
        limit: usize,
    },
    Surge {
        moving: usize,
        present: u64,
        limit: u64,
        opens: Timestamp,
    },
    /// The canary of its zone was not proved.
    Canary {
        name: String,
    },
}

/// What cannot be seen.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the sentences below say what every part is")]
pub enum Blindness {
    Partial,
    NoTagSweep,
    OldTagSweep { age: SignedDuration, limit: SignedDuration },
    NoZoneSweep { zone: String },
    OldZoneSweep { zone: String, age: SignedDuration, limit: SignedDuration },
    NoHeartbeats,
    OldHeartbeats { age: SignedDuration, limit: SignedDuration },
    Silence { lost: u64, heard: u64, limit: u64 },
    TagNotAsked { machine: String },
    SetNotRead { name: String, record_type: RecordType },
}

impl Why {
    /// The code.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match self {
            Self::Wildcard { .. } => Reason::Wildcard,
            Self::NameInvalid { .. } => Reason::NameInvalid,
            Self::NoZone { .. } => Reason::NoZone,
            Self::Apex { .. } => Reason::Apex,
            Self::NameNotAllowed { .. } => Reason::NameNotAllowed,
            Self::TagGone { .. } => Reason::TagGone,
            Self::AddressEmpty { .. } => Reason::AddressEmpty,
            Self::AddressInvalid { .. } => Reason::AddressInvalid,
            Self::AddressPrivateLink { .. } => Reason::AddressPrivateLink,
            Self::AddressNotPublic { .. } => Reason::AddressNotPublic,
            Self::AddressDenied { .. } => Reason::AddressDenied,
            Self::TypeNotWanted { .. } => Reason::TypeNotWanted,
            Self::StaleHeartbeat { .. } => Reason::StaleHeartbeat,
            Self::Alias { .. } => Reason::Alias,
            Self::EmptySet { .. } => Reason::EmptySet,
            Self::CnameExists { .. } => Reason::CnameExists,
            Self::AlreadyRight { .. } => Reason::AlreadyRight,
            Self::TooFewBeats { .. } => Reason::TooFewBeats,
            Self::StillSeen { .. } => Reason::StillSeen,
            Self::Flapping { .. } => Reason::Flapping,
            Self::ClaimConflict { .. } => Reason::ClaimConflict,
            Self::NotOwned { .. } => Reason::NotOwned,
            Self::NoRecord { .. } => Reason::NoRecord,
            Self::Braked { .. } => Reason::Braked,
            Self::Blind { .. } => Reason::Blind,
            Self::NoHeartbeat { .. } => Reason::NoHeartbeat,
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wildcard { name } => write!(
                f,
                "{name} is a wildcard, which no pattern allows; list it in POLICY_NAMES with a backslash \
                 before its asterisk, or correct the tag."
            ),
            Self::NameInvalid { name, fault } => {
                write!(f, "The tag holds {name}, which {fault}; correct the tag.")
            }
            Self::NoZone { name, zones } => write!(
                f,
                "{name} lies in no managed zone ({}); add its zone to DNS_ZONES, or correct the tag.",
                list(zones)
            ),
            Self::Apex { name } => write!(
                f,
                "{name} is the apex of its zone, which no pattern allows; list it in POLICY_NAMES, or correct \
                 the tag."
            ),
            Self::NameNotAllowed { name } => write!(
                f,
                "POLICY_NAMES does not allow {name}; add it or a pattern that fits, or correct the tag."
            ),
            Self::TagGone { name, machine: id, gone } => tag_gone(f, name, &machine(id), gone),
            Self::AddressEmpty { machine: id } => write!(
                f,
                "{} reports heartbeats without an address; look at its agent and at what stands between it and \
                 Azure.",
                machine(id)
            ),
            Self::AddressInvalid { machine: id, text } => write!(
                f,
                "{} reports {text}, which is no IP address; look at its agent, and who writes to Heartbeat.",
                machine(id)
            ),
            Self::AddressPrivateLink { machine: id, address, inner } => write!(
                f,
                "{} reports through a private link ({address}, inside it the private address {inner}), so its \
                 public address is unknown; take it off the tag, or out of the private link scope.",
                machine(id)
            ),
            Self::AddressNotPublic { machine: id, address, class } => write!(
                f,
                "{} reports {address}, {class}, which does not belong in a public zone; add its range to \
                 POLICY_ALLOW_PREFIXES if it does here.",
                machine(id)
            ),
            Self::AddressDenied { machine: id, address, prefix } => write!(
                f,
                "{} reports {address}, which POLICY_DENY_PREFIXES refuses ({prefix}); change the list if this \
                 address may be published.",
                machine(id)
            ),
            Self::TypeNotWanted { machine: id, record_type } => write!(
                f,
                "{} reports an address for type {record_type}, which POLICY_RECORD_TYPES does not hold; add \
                 {record_type} if the address is not a temporary one.",
                machine(id)
            ),
            Self::StaleHeartbeat { machine: id, age: Some(age), limit } => write!(
                f,
                "The newest heartbeat of {} is {} old, more than {}; start the machine or its agent.",
                machine(id),
                span(*age),
                span(*limit)
            ),
            Self::StaleHeartbeat { machine: id, age: None, .. } => write!(
                f,
                "The time of the newest heartbeat of {} is not known; start the machine or its agent.",
                machine(id)
            ),
            Self::Alias { name, record_type, target } => write!(
                f,
                "{name} {record_type} is an alias that follows {target}; Azure keeps it right, so take the name \
                 off the tag, or remove the alias."
            ),
            Self::EmptySet { name, record_type } => write!(
                f,
                "{name} {record_type} exists without addresses and without our mark, as when the target of an \
                 alias was deleted; delete the record set if the machine may have the name."
            ),
            Self::CnameExists { name, record_type } => write!(
                f,
                "{name} is a CNAME, beside which no {record_type} can stand; delete the CNAME if the machine \
                 may have the name."
            ),
            Self::AlreadyRight { name, addresses } => {
                write!(f, "{name} already holds {}, only the log lags; nothing to do.", list(addresses))
            }
            Self::TooFewBeats { machine: id, address, beats, wanted } => write!(
                f,
                "{} has reported {address} in {beats} newest heartbeat{}, POLICY_MIN_BEATS wants {wanted}; wait \
                 for the next ones.",
                machine(id),
                if *beats == 1 { "" } else { "s" }
            ),
            Self::StillSeen { machine: id, address, present, age, unseen } => write!(
                f,
                "{} came back to {address} but reported {present} {} ago, within POLICY_UNSEEN ({}), so two \
                 uplinks alternate; fix its route out, or wait until one is used alone.",
                machine(id),
                span(*age),
                span(*unseen)
            ),
            Self::Flapping { name, address, returns, shares } => {
                let shares: Vec<String> = shares
                    .iter()
                    .map(|(address, times)| format!("{address} ({times} of the changes)"))
                    .collect();
                write!(
                    f,
                    "{name} would return to {address} for the {} time within 24 h, after going to {}; find out \
                     why its address alternates.",
                    ordinal(*returns),
                    list(&shares)
                )
            }
            Self::ClaimConflict { name, present, claims } => {
                let claims: Vec<String> =
                    claims.iter().map(|(address, machines)| format!("{address} ({machines})")).collect();
                let present = if present.is_empty() { "nothing".to_owned() } else { list(present) };
                write!(
                    f,
                    "Machines that claim {name} report different addresses: {}; {present} stays until the tag is \
                     taken off all but one of them.",
                    list(&claims)
                )
            }
            Self::NotOwned { name, owned } => not_owned(f, name, owned),
            Self::NoRecord { name, record_type } => write!(
                f,
                "{name} has no {record_type} record set and POLICY_CREATE is false; create the set, or allow \
                 creation."
            ),
            Self::Braked { held } => braked(f, held),
            Self::Blind { cause } => cause.fmt(f),
            Self::NoHeartbeat { machine: id } => write!(
                f,
                "{} carries the tag but sent no heartbeat within the hour; start it, or give it a data \
                 collection rule that sends Heartbeat to the workspace.",
                machine(id)
            ),
        }
    }
}

fn tag_gone(f: &mut fmt::Formatter<'_>, name: &str, machine: &str, gone: &TagGone) -> fmt::Result {
    match gone {
        TagGone::Says { names } if names.is_empty() => write!(
            f,
            "The live tag of {machine} names nothing any more, so {name} is no longer its; set the tag again if \
             it is."
        ),
        TagGone::Says { names } => write!(
            f,
            "The live tag of {machine} names {}, no longer {name}; set the tag again if it is.",
            list(names)
        ),
        TagGone::Deleted => write!(
            f,
            "{machine} was deleted from Azure, so {name} is no longer its; give the tag to the machine that has \
             the name now."
        ),
        TagGone::Unreadable => write!(
            f,
            "{machine} is not in the complete live answer and cannot be read, so its claim on {name} is not \
             believed; give our identity the role Reader on it."
        ),
        TagGone::NoId => write!(
            f,
            "The heartbeat comes from {machine}, which is no resource id, so no live tag proves its claim on \
             {name}; look who writes to Heartbeat."
        ),
    }
}

fn not_owned(f: &mut fmt::Formatter<'_>, name: &str, owned: &NotOwned) -> fmt::Result {
    match owned {
        NotOwned::OtherInstallation { owner } => write!(
            f,
            "{name} is kept by another installation ({owner}); take the name off the tag, or remove the \
             heartbeat_dns_ metadata there if that installation is gone."
        ),
        NotOwned::NewerMark { version } => write!(
            f,
            "{name} carries a mark of version {version}, newer than ours ({}); update heartbeat-dns.",
            crate::domain::Mark::VERSION
        ),
        NotOwned::IncompleteMark => write!(
            f,
            "{name} carries an incomplete mark; remove its heartbeat_dns_ metadata, then run heartbeat-dns \
             adopt {name}."
        ),
        NotOwned::OtherMachine { machine: id, unreadable, heard, dormant } => {
            let holder = machine(id);
            let heard = heard.map_or_else(
                || "and when it was last heard is not known yet".to_owned(),
                |age| format!("and was heard {} ago", span(age)),
            );
            let claims =
                if *unreadable { "cannot be read, so it still claims it," } else { "still claims it" };
            write!(
                f,
                "{name} belongs to {holder}, which {claims} {heard}; take the tag off {holder}, or wait until it \
                 is silent for {}.",
                span(*dormant)
            )
        }
        NotOwned::Reserved => write!(
            f,
            "{name} is a name that everybody trusts and its record set is not ours; list it literally in \
             POLICY_NAMES, or run heartbeat-dns adopt {name}."
        ),
        NotOwned::AdoptNever => write!(
            f,
            "{name} has a record set that is not ours and POLICY_ADOPT is never; run heartbeat-dns adopt {name} \
             if the machine may have it."
        ),
        NotOwned::Unproved { addresses, machines } => write!(
            f,
            "{name} has a record set that is not ours, and {} was not reported by {} within 30 days; run \
             heartbeat-dns adopt {name} if the machine may have it.",
            list(addresses),
            list(machines)
        ),
        NotOwned::NoEvidence => write!(
            f,
            "{name} has a record set that is not ours, and its 30 days of heartbeats were not asked; run again, \
             or run heartbeat-dns adopt {name}."
        ),
    }
}

fn braked(f: &mut fmt::Formatter<'_>, held: &Held) -> fmt::Result {
    match held {
        Held::Converging { address, sources, limit } => write!(
            f,
            "The brake converging holds it: names of {sources} different addresses move to {address}, more than \
             POLICY_MAX_SOURCES ({limit}), as behind a proxy; add its range to POLICY_EXPECT_PREFIXES if that is \
             meant."
        ),
        Held::Surge { moving, present, limit, opens } => write!(
            f,
            "The brake surge holds it: {moving} of the zone's {present} present addresses would move at once, \
             more than POLICY_MAX_MOVE_PERCENT ({limit}); it opens by itself at {opens}."
        ),
        Held::Canary { name } => write!(
            f,
            "The brake surge holds it: {name}, the first change of its zone, could not be proved; look at its \
             record set and name servers, the next run tries again."
        ),
    }
}

impl fmt::Display for Blindness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Partial => f.write_str(
                "A query gave only part of its rows, so nothing is decided on it; look at the workspace's \
                 health, the next run asks again.",
            ),
            Self::NoTagSweep => f.write_str(
                "The log knows no complete sweep of the tags; look at function-collector, or run heartbeat-dns \
                 collect.",
            ),
            Self::OldTagSweep { age, limit } => write!(
                f,
                "The newest complete sweep of the tags is {} old, more than {}; look at function-collector, or \
                 run heartbeat-dns collect.",
                span(*age),
                span(*limit)
            ),
            Self::NoZoneSweep { zone } => write!(
                f,
                "The log knows no complete sweep of the zone {zone}; look at function-collector, or run \
                 heartbeat-dns collect."
            ),
            Self::OldZoneSweep { zone, age, limit } => write!(
                f,
                "The newest complete sweep of the zone {zone} is {} old, more than {}; look at \
                 function-collector, or run heartbeat-dns collect.",
                span(*age),
                span(*limit)
            ),
            Self::NoHeartbeats => f.write_str(
                "The workspace holds no heartbeat of any machine; look at ingestion, data collection rules and \
                 LOGS_WORKSPACE_IDS.",
            ),
            Self::OldHeartbeats { age, limit } => write!(
                f,
                "The newest heartbeat of all machines is {} old, more than {}; look at the workspace's \
                 ingestion.",
                span(*age),
                span(*limit)
            ),
            Self::Silence { lost, heard, limit } => write!(
                f,
                "{lost} of {heard} machines fell silent within the last 15 min, more than \
                 POLICY_MAX_SILENT_PERCENT ({limit}); look at the workspace's ingestion."
            ),
            Self::TagNotAsked { machine: id } => write!(
                f,
                "The live tag of {} was not asked in this run; the next run asks again.",
                machine(id)
            ),
            Self::SetNotRead { name, record_type } => write!(
                f,
                "The live record set {name} {record_type} was not read in this run; the next run reads it."
            ),
        }
    }
}

fn ordinal(number: usize) -> String {
    match number {
        3 => "third".to_owned(),
        4 => "fourth".to_owned(),
        _ => format!("{number}th"),
    }
}
