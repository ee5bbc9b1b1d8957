//! The sentences of skips and brakes: what is wrong, and what to do.

mod abroad;
mod conflict;
mod contested;
mod converging;
mod held;
mod hold;
mod holder;
mod not_allowed;
mod not_ours;
mod private;
mod quiet;
mod shared_cause;
mod tag_gone;
mod taken_off;
mod undo;
mod unlogged;
mod unseen;
mod way;
mod whose_tag;

use std::fmt;

use crate::domain::{ZONE_SETTINGS, ZoneKind};

use super::sentence::{Sentence, Speech};
use super::why::{NotOwned, Why};
use super::words::{entry, list, machine, span_beside, whole};
use whose_tag::tag_of;

pub use shared_cause::SharedCause;

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.say(f)
    }
}

impl Why {
    /// Its sentence, in which commands are told apart.
    #[must_use]
    pub fn sentence(&self) -> Sentence {
        Sentence::of(|f| self.say(f))
    }

    fn say(&self, f: &mut dyn Speech) -> fmt::Result {
        match self {
            Self::Wildcard { kind, name, machine: id, policy } => write!(
                f,
                "{name} is a wildcard, which no pattern allows; list it in {policy} as {}, or correct {}.",
                entry(*kind, name),
                tag_of(id.as_deref())
            ),
            Self::WildcardInvalid { name, machine: id, fault } => {
                let tag = tag_of(id.as_deref());
                write!(f, "The tag holds {name}, a wildcard, which {fault}; correct {tag}.")
            }
            Self::NameInvalid { name, machine: id, fault } => {
                let tag = tag_of(id.as_deref());
                write!(f, "The tag holds {name}, which {fault}; correct {tag}.")
            }
            Self::NoZone { name, machine: id, zones } => write!(
                f,
                "{name} lies in no managed zone ({zones}); add its zone to {ZONE_SETTINGS}, or correct {}.",
                tag_of(id.as_deref())
            ),
            Self::Apex { kind, name, machine: id, policy } => write!(
                f,
                "{name} is the apex of its zone, which no pattern allows; list it in {policy}{}, or correct {}.",
                as_entry(*kind, name),
                tag_of(id.as_deref())
            ),
            Self::NameReserved { kind, name, machine: id, policy } => write!(
                f,
                "{name} is a name that machines look up by themselves, so no pattern allows it; list it in \
                 {policy}{} if this machine is meant to serve it, or correct {}.",
                as_entry(*kind, name),
                tag_of(id.as_deref())
            ),
            Self::NameNotAllowed { name, machine: id, policy, unfilled } => {
                not_allowed::sentence(f, name, id.as_deref(), *policy, unfilled.as_deref())
            }
            Self::TagGone { name, machine: id, gone } => tag_gone::sentence(f, name, &machine(id), gone),
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
            Self::AddressPrivateLink { machine: id, address, inner, beside } => {
                private::link(f, &machine(id), *address, *inner, beside.as_deref())
            }
            Self::AddressNotPublic { machine: id, address, class } => write!(
                f,
                "{} reports {address}, {class}, which does not belong in a public zone; add its range to \
                 POLICY_ALLOW_PREFIXES if it does here.",
                machine(id)
            ),
            Self::AddressDenied { machine: id, address, prefix, by } => write!(
                f,
                "{} reports {address}, which {by} refuses ({prefix}); change the list if this address may be \
                 published.",
                machine(id)
            ),
            Self::AddressOutside { machine: id, address, by } => write!(
                f,
                "{} reports {address}, which lies in none of the prefixes on {by}; add its range there if this \
                 address may be published.",
                machine(id)
            ),
            Self::AddressNotOurs(not_ours) => not_ours::sentence(f, not_ours),
            Self::PrivateSide(side) => private::sentence(f, side),
            Self::CountryChanged(abroad) => abroad::sentence(f, abroad),
            Self::TypeNotWanted { machine: id, address, record_type, by } => write!(
                f,
                "{} reports {address}, for which {by} lacks {record_type}; add {record_type} if the \
                 address is not a temporary one.",
                machine(id)
            ),
            Self::StaleHeartbeat { machine: id, age: Some(age), limit } => write!(
                f,
                "The newest heartbeat of {} is {} old, more than {}; start the machine or its agent.",
                machine(id),
                span_beside(*age, *limit),
                whole(*limit)
            ),
            Self::StaleHeartbeat { machine: id, age: None, .. } => write!(
                f,
                "The time of the newest heartbeat of {} is not known; start the machine or its agent.",
                machine(id)
            ),
            Self::Delegated { name, cut: None } => {
                write!(
                    f,
                    "{name} lies at or below a name which this zone hands over to other name servers, as \
                 a run found since the newest sweep, so nobody would see a record set here; to look again and have the zone named: "
                )?;
                f.command(format_args!("plan {name}"))?;
                f.write_str(".")
            }
            Self::Delegated { name, cut: Some(cut) } => write!(
                f,
                "{name} lies at or below {cut}, which this zone hands over to other name servers, so nobody would \
                 see a record set here; add the zone {cut} to DNS_ZONES, or delete its NS record set."
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
                "{name} is a CNAME, beside which no {record_type} record set can stand; delete the CNAME if the machine \
                 may have the name."
            ),
            Self::AlreadyRight { name, addresses, lags: true } => {
                write!(f, "{name} already holds {}, only the log lags; nothing to do.", list(addresses))
            }
            // Another machine says something else, and is not believed yet.
            Self::AlreadyRight { name, addresses, lags: false } => {
                write!(f, "{name} already holds {}; nothing to do.", list(addresses))
            }
            Self::Unlogged { name, addresses, machines } => unlogged::stays(f, name, addresses, machines),
            Self::TooFewBeats { machine: id, address, beats, wanted } => {
                let said = if *beats == 1 { String::new() } else { format!("{beats} ") };
                let plural = if *beats == 1 { "" } else { "s" };
                write!(
                    f,
                    "{} said {address} in only its {said}newest heartbeat{plural}, POLICY_MIN_BEATS wants {wanted}; \
                     wait for the next ones.",
                    machine(id)
                )
            }
            Self::TooShort { machine: id, address, span: agreed, wanted, by } => write!(
                f,
                "The newest heartbeats of {} say {address} for {} only, {by} wants {}; wait for the next \
                 one.",
                machine(id),
                span_beside(*agreed, *wanted),
                whole(*wanted)
            ),
            Self::StillSeen { machine: id, address, present, age, unseen } => write!(
                f,
                "{} came back to {address} but reported {present} {} ago, within POLICY_UNSEEN ({}), so two \
                 uplinks alternate; fix its route out, or wait until one is used alone.",
                machine(id),
                span_beside(*age, *unseen),
                whole(*unseen)
            ),
            Self::Flapping { name, address, returns, shares, hold } => {
                let shares: Vec<String> = shares
                    .iter()
                    .map(|(address, times)| format!("{address} ({times} of the changes)"))
                    .collect();
                write!(
                    f,
                    "{name} would return to {address} for the {} time within 24 h, after going to {}; \
                 find out why its address alternates. It moves when it was steady for {}, or with ",
                    ordinal(*returns),
                    list(&shares),
                    whole(*hold)
                )?;
                f.command(format_args!("apply {name}"))?;
                f.write_str(".")
            }
            Self::ClaimConflict(conflict) => conflict::sentence(f, conflict),
            Self::Contested(contested) => contested::sentence(f, contested),
            Self::NotOwned { name, owned } => not_owned(f, name, owned),
            Self::OnHold { name, hold, marked } => hold::stands(f, name, hold, *marked),
            Self::Undecided(undecided) => write!(f, "{}", undecided.cause()),
            Self::HeldByClaim { name, to, by } => hold::by_claim(f, name, to, *by),
            Self::NothingToHold { name } => hold::nothing(f, name),
            Self::NothingToLetGo { name } => hold::nothing_to_let_go(f, name),
            Self::HeldAlready { name, hold } => hold::already(f, name, hold),
            Self::NotHeld { name } => write!(f, "Nobody holds {name}, so there is nothing to let go."),
            Self::NothingToRelease { name } => undo::nothing_to_release(f, name),
            Self::NothingToUndo { name } => undo::nothing(f, name),
            Self::UndoneAlready { name, by } => undo::already(f, name, by),
            Self::NothingToPutBack { name } => undo::nothing_to_put_back(f, name),
            Self::ChangedSince { name, present, wrote } => undo::changed_since(f, name, present, wrote),
            Self::Contradicted { name, told, known } => undo::contradicted(f, name, told, known),
            Self::OnlyCreated { name, is_vouched } => undo::only_created(f, name, *is_vouched),
            Self::StillClaimed { name, machines } => undo::still_claimed(f, name, machines),
            Self::StillSwept { name, machine } => undo::still_swept(f, name, machine),
            Self::NotWrittenBack { name, address, refused } => {
                undo::not_written_back(f, name, *address, *refused)
            }
            Self::NoRecord { name, record_type } => write!(
                f,
                "{name} has no {record_type} record set and POLICY_CREATE is false; create the set, or allow \
                 creation."
            ),
            Self::Braked { held } => write!(f, "The brake {} holds it: {held}", held.brake().as_str()),
            Self::Blind { cause } => cause.say(f),
            Self::NotSwept { name, machine: id, next } => {
                let id = machine(id);
                match next {
                    // The log knows no sweep that another one could come after.
                    None => write!(
                        f,
                        "{id} claims {name}, and the log knows no complete sweep of the tags; run "
                    )?,
                    Some(next) => {
                        let at = next.strftime("%Y-%m-%dT%H:%M:%SZ");
                        write!(
                            f,
                            "{id} claims {name} since the newest sweep, which does not know of it yet; wait for the next \
                             sweep at {at}, or run "
                        )?;
                    }
                }
                f.command(format_args!("collect"))?;
                f.write_str(" now.")
            }
            Self::NothingToAdopt { name, record_type, creates: true } => {
                write!(
                    f,
                    "There is no {record_type} record set {name} to adopt, and adoption creates none; a run does, as soon \
                     as no rule holds the name: "
                )?;
                f.command(format_args!("explain {name}"))?;
                f.write_str(" says which one does.")
            }
            Self::NothingToAdopt { name, record_type, creates: false } => write!(
                f,
                "There is no {record_type} record set {name} to adopt, and POLICY_CREATE is false; create it by hand \
                 and adopt it then, or set POLICY_CREATE=true."
            ),
            Self::ManyClaimants { name, machines } => write!(
                f,
                "{name} is claimed by {}; take it out of all tags but one.",
                list(&machines.iter().map(|id| machine(id)).collect::<Vec<_>>())
            ),
            Self::OursAlready { name, machine: id } => holder::ours_already(f, name, id),
            Self::SilentHeir { name, machine: id, heirs } => holder::silent_heir(f, name, id, heirs),
            Self::ScaleSet { name, scale_set } => not_ours::of_scale_set(f, name, scale_set),
            Self::NoHeartbeat { machine: id, quiet } => quiet::no_heartbeat(f, id, *quiet),
        }
    }
}

fn not_owned(f: &mut dyn Speech, name: &str, owned: &NotOwned) -> fmt::Result {
    match owned {
        NotOwned::OtherInstallation { owner } => write!(
            f,
            "{name} is kept by another installation ({owner}); take the name off the tag, or remove the \
             heartbeat_dns_ metadata there if that installation is gone."
        ),
        NotOwned::NewerMark { version } => write!(
            f,
            "{name} carries a mark of version {version}, newer than ours ({}); update heartbeat-dns.",
            crate::domain::Mark::HELD
        ),
        NotOwned::IncompleteMark => {
            write!(
                f,
                "{name} carries a mark that is incomplete or cannot be read; remove its \
                 heartbeat_dns_ metadata, then run "
            )?;
            f.command(format_args!("adopt {name}"))?;
            f.write_str(".")
        }
        NotOwned::Released { is_ordered } => undo::released(f, name, *is_ordered),
        NotOwned::OtherMachine { machine, unreadable, heard, dormant, twin } => {
            holder::keeps(f, name, machine, *unreadable, *heard, *dormant, twin.as_deref())
        }
        NotOwned::Unmarked { order } => hold::not_ours(f, name, *order),
        NotOwned::Trusted { kind, policy } => {
            write!(
                f,
                "{name} is a name that everybody trusts, and its record set is not ours; take the \
                 name off the tag, and only if the machine shall have it list it literally in \
                 {policy}{}, or run ",
                as_entry(*kind, name)
            )?;
            f.command(format_args!("adopt {name}"))?;
            f.write_str(".")
        }
        NotOwned::AdoptNever { by } => {
            write!(f, "{name} has a record set that is not ours, and {by} says never to adopt; run ")?;
            f.command(format_args!("adopt {name}"))?;
            f.write_str(" if the machine may have it.")
        }
        NotOwned::Unproved { addresses, machines, was_ours } => {
            taken_off::unproved(f, name, addresses, machines, *was_ours)
        }
        NotOwned::NoEvidence { policy, was_ours } => taken_off::no_evidence(f, name, *policy, *was_ours),
        NotOwned::RefusedBefore { was_ours } => taken_off::refused_before(f, name, *was_ours),
    }
}

/// How a literal entry is written, where that is not the name alone.
fn as_entry(kind: ZoneKind, name: &str) -> String {
    match kind {
        ZoneKind::Public => String::new(),
        ZoneKind::Private => format!(" as {}", entry(kind, name)),
    }
}

fn ordinal(number: usize) -> String {
    match number {
        3 => "third".to_owned(),
        4 => "fourth".to_owned(),
        11..=13 => format!("{number}th"),
        _ => {
            let end = match number % 10 {
                1 => "st",
                2 => "nd",
                3 => "rd",
                _ => "th",
            };
            format!("{number}{end}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ordinal;

    #[test]
    fn places_in_a_row_are_counted_as_people_count() {
        let counted = [3, 4, 5, 11, 12, 13, 21, 22, 23, 30, 101].map(ordinal);
        let wanted =
            ["third", "fourth", "5th", "11th", "12th", "13th", "21st", "22nd", "23rd", "30th", "101st"];
        assert_eq!(counted, wanted);
    }
}
