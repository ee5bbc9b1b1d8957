//! What ends a reason: what would have to be otherwise for the name to be written. It fits after "would move".

use std::fmt;

use super::unlogged;
use crate::domain::{AddressClass, Until, ZONE_SETTINGS, ZoneKind};
use crate::plan::blindness::{Blindness, Wanted};
use crate::plan::sentence::{Sentence, Speech};
use crate::plan::why::{Contested, Held, NotOwned, TagGone, Why};
use crate::plan::words::{entry, list, machine, moment, whole};
use crate::shown::shown;

impl Why {
    /// What would end this reason, in words that fit after "would move".
    #[must_use]
    pub fn way_out(&self) -> Sentence {
        Sentence::of(|f| way_out(f, self))
    }
}

fn way_out(f: &mut dyn Speech, why: &Why) -> fmt::Result {
    match why {
        Why::Wildcard { kind, name, policy, .. }
        | Why::Apex { kind, name, policy, .. }
        | Why::NameReserved { kind, name, policy, .. } => {
            write!(f, "with {} listed literally in {policy}", entry(*kind, name))
        }
        Why::WildcardInvalid { .. } | Why::NameInvalid { .. } => f.write_str("with a host name in the tag"),
        Why::NoZone { .. } => write!(f, "with its zone in {ZONE_SETTINGS}"),
        Why::NameNotAllowed { name, policy, unfilled, .. } => match unfilled.as_deref() {
            None => write!(f, "with a line of {policy} that allows {name}"),
            Some(unfilled) => write!(f, "with a value for {} that is one label", unfilled.placeholder),
        },
        Why::AddressEmpty { machine: id } | Why::AddressInvalid { machine: id, .. } => {
            write!(f, "with heartbeats of {} that carry an address", machine(id))
        }
        Why::AddressPrivateLink { machine: id, .. } => {
            write!(f, "with {} out of the private link scope", machine(id))
        }
        Why::AddressNotPublic {
            machine: id, class: AddressClass::Private | AddressClass::Shared, ..
        } => {
            write!(f, "with a public address from {}, or its range in POLICY_ALLOW_PREFIXES", machine(id))
        }
        Why::AddressNotPublic { machine: id, .. } => {
            write!(f, "with a public address from {}", machine(id))
        }
        Why::AddressDenied { machine: id, prefix, by, .. } => {
            write!(f, "with an address of {} outside of {prefix}, or without that range in {by}", machine(id))
        }
        Why::AddressOutside { machine: id, by, .. } => {
            write!(f, "with an address of {} within the prefixes on {by}", machine(id))
        }
        Why::AddressNotOurs(not_ours) => {
            let id = &not_ours.machine;
            write!(f, "with a public IP resource on a network interface of {}", machine(id))
        }
        Why::PrivateSide(side) => super::private::way_out(f, side),
        Why::ScaleSet { .. } => f.write_str("with the tag on one machine"),
        Why::CountryChanged(abroad) => super::abroad::way_out(f, abroad),
        Why::TypeNotWanted { record_type, by, .. } => write!(f, "with {record_type} in {by}"),
        Why::SilentHeir { name, heirs, .. } => {
            let heirs: Vec<String> = heirs.iter().map(|id| machine(id)).collect();
            write!(f, "with heartbeats of {}, and then with ", list(&heirs))?;
            f.command(format_args!("adopt {name}"))
        }
        Why::StaleHeartbeat { machine: id, .. } | Why::NoHeartbeat { machine: id, .. } => {
            write!(f, "as soon as {} sends heartbeats", machine(id))
        }
        Why::TagGone { name, machine: id, gone } => tag_gone(f, name, &machine(id), gone),
        Why::Delegated { cut: Some(cut), .. } => {
            write!(f, "with the zone {cut} in DNS_ZONES, or without its NS record set")
        }
        Why::Delegated { cut: None, .. } => f.write_str("with the zone that answers for it in DNS_ZONES"),
        Why::Undecided(undecided) => blind(f, &undecided.cause()),
        Why::Alias { .. } => f.write_str("never while it is an alias; Azure keeps it right"),
        Why::EmptySet { record_type, .. } => write!(f, "without the empty {record_type} record set"),
        Why::CnameExists { .. } => f.write_str("without the CNAME"),
        Why::Unlogged { machines, .. } => unlogged::ends(f, machines),
        Why::AlreadyRight { .. } | Why::OursAlready { .. } => f.write_str("with another address"),
        Why::TooFewBeats { machine: id, address, wanted, .. } => {
            write!(f, "with {wanted} heartbeats of {} in a row that say {address}", machine(id))
        }
        Why::TooShort { machine: id, address, wanted, .. } => {
            write!(f, "when {} has said {address} for {}", machine(id), whole(*wanted))
        }
        Why::StillSeen { machine: id, address, unseen, .. } => {
            write!(f, "when {} has said nothing but {address} for {}", machine(id), whole(*unseen))
        }
        Why::Flapping { name, address, hold, .. } => {
            write!(f, "when it was steady at {address} for {}, or with ", whole(*hold))?;
            f.command(format_args!("apply {name}"))
        }
        Why::ClaimConflict(conflict) => super::conflict::way_out(f, conflict),
        Why::ManyClaimants { name, .. } => {
            write!(f, "with {name} in the tag of one machine alone, or with one address from all of them")
        }
        Why::Contested(contested) => {
            let Contested { name, by, next, .. } = contested.as_ref();
            let verb = by.opened_by();
            let next = moment(*next);
            write!(f, "once after {next}, or with ")?;
            f.command(format_args!("{verb} {name}"))?;
            f.write_str(" once no other tool undoes it")
        }
        Why::NotOwned { name, owned } => not_owned(f, name, owned),
        Why::OnHold { name, hold, marked } => match (hold.until, marked) {
            (Until::Time(time), true) => {
                write!(f, "after {}, or with ", moment(time))?;
                f.command(format_args!("unhold {name}"))
            }
            (Until::Time(time), false) => {
                write!(f, "after {}, or without heartbeat_dns_hold in its metadata", moment(time))
            }
            (_, true) => {
                f.write_str("with ")?;
                f.command(format_args!("unhold {name}"))
            }
            (_, false) => f.write_str("without heartbeat_dns_hold in its metadata"),
        },
        Why::HeldByClaim { by, .. } => write!(f, "without the hold of {by}"),
        Why::NoRecord { record_type, .. } => {
            write!(f, "with POLICY_CREATE=true, or with an {record_type} record set made by hand")
        }
        Why::Braked { held } => match held {
            Held::Converging { address, kind, .. } => {
                if *kind == ZoneKind::Public {
                    write!(f, "with the range of {address} in POLICY_EXPECT_PREFIXES, ")?;
                }
                f.write_str("to fewer names at once, or with the approval that ")?;
                f.command(format_args!("plan"))?;
                f.write_str(" names below the brake")
            }
            Held::Surge { opens, .. } => {
                write!(f, "by itself at {}, or now with the approval that ", moment(*opens))?;
                f.command(format_args!("plan"))?;
                f.write_str(" names below the brake")
            }
            Held::Unproved { name } => write!(f, "with the next run, once {name} can be proved"),
        },
        Why::Blind { cause } => blind(f, cause),
        Why::NotSwept { next: Some(next), .. } => {
            write!(f, "after the next sweep at {}, or after ", next.strftime("%H:%M UTC"))?;
            f.command(format_args!("collect"))
        }
        Why::NotSwept { next: None, .. } => {
            f.write_str("after ")?;
            f.command(format_args!("collect"))
        }
        Why::NothingToAdopt { name, .. }
        | Why::NothingToHold { name }
        | Why::NothingToLetGo { name }
        | Why::NothingToRelease { name }
        | Why::NothingToPutBack { name } => {
            write!(f, "with a record set {name}")
        }
        Why::HeldAlready { name, .. } | Why::NotHeld { name } => {
            f.write_str("with ")?;
            f.command(format_args!("apply {name}"))
        }
        Why::StillSwept { name, .. } => write!(f, "with a sweep of the tags in which nobody claims {name}"),
        Why::StillClaimed { name, .. } => write!(f, "with {name} taken off all tags"),
        Why::NothingToUndo { name }
        | Why::UndoneAlready { name, .. }
        | Why::ChangedSince { name, .. }
        | Why::Contradicted { name, .. }
        | Why::OnlyCreated { name, .. }
        | Why::NotWrittenBack { name, .. } => {
            f.write_str("with another change of those that ")?;
            f.command(format_args!("history {name}"))?;
            f.write_str(" lists")
        }
    }
}

fn tag_gone(f: &mut dyn Speech, name: &str, machine: &str, gone: &TagGone) -> fmt::Result {
    match gone {
        TagGone::Says { .. } => write!(f, "with {name} in the tag of {machine} again"),
        TagGone::Elsewhere { key } => {
            let key = shown(key);
            write!(
                f,
                "with HOSTNAME_TAG={key}, or with {name} in the tag of {machine} that HOSTNAME_TAG names"
            )
        }
        TagGone::Deleted => write!(f, "with {name} in the tag of the machine that has the name now"),
        TagGone::Unreadable => write!(f, "with the role Reader on {machine}"),
        TagGone::NoId => f.write_str("with heartbeats that come from a resource of Azure"),
    }
}

fn not_owned(f: &mut dyn Speech, name: &str, owned: &NotOwned) -> fmt::Result {
    match owned {
        NotOwned::OtherInstallation { .. } => {
            f.write_str("without the mark of the other installation in its metadata")
        }
        NotOwned::NewerMark { .. } => f.write_str("with a newer heartbeat-dns"),
        NotOwned::IncompleteMark => {
            f.write_str("without heartbeat_dns_ in its metadata, then ")?;
            f.command(format_args!("adopt {name}"))
        }
        NotOwned::OtherMachine { machine: id, dormant, twin, .. } => {
            let holder = machine(id);
            if twin.is_some() {
                f.write_str("now with ")?;
                f.command(format_args!("adopt {name}"))?;
                f.write_str(", ")?;
            }
            write!(
                f,
                "without {name} in the tag of {holder}, or when {holder} is silent for {}",
                whole(*dormant)
            )
        }
        NotOwned::Trusted { kind, policy } => {
            write!(f, "with {} listed literally in {policy}, or with ", entry(*kind, name))?;
            f.command(format_args!("adopt {name}"))
        }
        NotOwned::NoEvidence { policy, .. } => {
            write!(f, "with {} listed literally in {policy}, or with ", entry(ZoneKind::Private, name))?;
            f.command(format_args!("adopt {name}"))
        }
        NotOwned::Released { .. }
        | NotOwned::Unmarked { .. }
        | NotOwned::AdoptNever { .. }
        | NotOwned::Unproved { .. }
        | NotOwned::RefusedBefore { .. } => {
            f.write_str("with ")?;
            f.command(format_args!("adopt {name}"))
        }
    }
}

fn blind(f: &mut dyn Speech, cause: &Blindness) -> fmt::Result {
    match cause {
        Blindness::Partial => f.write_str("when the workspace answers in full"),
        Blindness::NoTagSweep
        | Blindness::OldTagSweep { .. }
        | Blindness::NoZoneSweep { .. }
        | Blindness::OldZoneSweep { .. } => {
            f.write_str("after a complete sweep: ")?;
            f.command(format_args!("collect"))
        }
        Blindness::ClaimDenied { .. } | Blindness::TagsDenied { .. } | Blindness::SetDenied { .. } => {
            f.write_str("after the next sweep: ")?;
            f.command(format_args!("collect"))
        }
        Blindness::RowsAhead { .. } => f.write_str("when the time of these rows has come"),
        Blindness::NoHeartbeats | Blindness::OldHeartbeats { .. } | Blindness::Silence { .. } => {
            f.write_str("when the heartbeats of the fleet arrive again")
        }
        Blindness::RightLost { subscription, .. } => match subscription {
            Some(subscription) => write!(f, "with the role Reader on the subscription {subscription}"),
            None => f.write_str("with the role Reader on the machines"),
        },
        Blindness::Undecided { machine: id, line: Some(_), .. } => {
            write!(
                f,
                "with Microsoft.Resources/subscriptions/read on the management groups above {}",
                machine(id)
            )
        }
        Blindness::Undecided { machine: id, line: None, .. } => {
            write!(f, "when the location and the tags of {} can be read", machine(id))
        }
        Blindness::NotAsked { name } => {
            f.write_str("once ")?;
            f.command(format_args!("plan {name}"))?;
            f.write_str(" could ask everything")
        }
        Blindness::Unavailable { wanted, .. } => {
            let what = match wanted {
                Wanted::Tag { machine: id } => format!("the tag of {}", machine(id)),
                Wanted::Fleet => "the tags of all machines".to_owned(),
                Wanted::Cuts { zone } => format!("the delegations of {zone}"),
                Wanted::Set { name, record_type } => format!("the record set {name} {record_type}"),
                Wanted::Holder { address } => format!("the public IP resource of {address}"),
                Wanted::Listers { .. } => "the newest heartbeats of the fleet".to_owned(),
                Wanted::Interfaces { machine: id } => format!("the network interfaces of {}", machine(id)),
                Wanted::Links { zone } => format!("the links of the private zone {zone}"),
                Wanted::Claimants { .. } => "the tags of all machines".to_owned(),
                Wanted::Evidence { .. } => "its heartbeats of 30 days".to_owned(),
            };
            write!(f, "when {what} can be read")
        }
        Blindness::NoEtag { name, record_type } => {
            write!(f, "when {name} {record_type} is read with an entity tag")
        }
    }
}
