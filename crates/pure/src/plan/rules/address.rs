//! The rules on the address that a row reports, and on its age.

use std::net::IpAddr;

use crate::domain::{AddressClass, Country, Holder, ZoneKind};
use crate::plan::blindness::Wanted;
use crate::plan::choice::Choice;
use crate::plan::grant::Term;
use crate::plan::reason::Reason;
use crate::plan::subject::Subject;
use crate::plan::why::{Abroad, NotOurs, Whereabouts, Why};
use crate::plan::words;

use super::private;
use crate::plan::said::{Said, known};

pub(super) fn empty(subject: &Subject<'_>) -> Said {
    let is_empty = match &subject.choice {
        Some(choice) => *choice == Choice::Empty,
        None => subject.row.computer_ip.trim().is_empty(),
    };
    if is_empty {
        return Said::Yes(Why::AddressEmpty { machine: subject.machine_text() });
    }
    Said::No
}

pub(super) fn invalid(subject: &Subject<'_>) -> Said {
    let machine = subject.machine_text();
    match &subject.choice {
        Some(Choice::Invalid(text)) => {
            return Said::Yes(Why::AddressInvalid { machine, text: text.clone() });
        }
        Some(_) => return private::refused(subject, Reason::AddressInvalid),
        None => {}
    }
    if subject.address.is_none() {
        let text = words::quote(subject.row.computer_ip.trim());
        return Said::Yes(Why::AddressInvalid { machine, text });
    }
    Said::No
}

/// The question of a rule on the address of a row of a public zone; where a private one may stand was chosen before.
fn of_public(subject: &Subject<'_>, question: impl FnOnce(IpAddr) -> Option<Why>) -> Said {
    if subject.is_private() { Said::No } else { of_address(subject, question) }
}

/// The question of a rule on an address; a row without one was caught before.
fn of_address(subject: &Subject<'_>, question: impl FnOnce(IpAddr) -> Option<Why>) -> Said {
    subject.address.and_then(question).map_or(Said::No, Said::Yes)
}

pub(super) fn private_link(subject: &Subject<'_>) -> Said {
    of_public(subject, |address| match AddressClass::of(address) {
        AddressClass::PrivateLink { inner } => {
            let inside = subject.policy.offers(ZoneKind::Private, &subject.row.host_name).ok();
            let beside = inside.map(|offer| offer.zone.name().to_string());
            Some(Why::AddressPrivateLink { machine: subject.machine_text(), address, inner, beside })
        }
        _ => None,
    })
}

pub(super) fn not_public(subject: &Subject<'_>) -> Said {
    of_public(subject, |address| match AddressClass::of(address) {
        AddressClass::Global => None,
        _ if subject.policy.allows(address) => None,
        class => Some(Why::AddressNotPublic { machine: subject.machine_text(), address, class }),
    })
}

pub(super) fn denied(subject: &Subject<'_>) -> Said {
    of_public(subject, |address| {
        let (terms, machine) = (subject.terms()?, || subject.machine_text());
        if let Some((prefix, by)) = terms.denies(address) {
            return Some(Why::AddressDenied { machine: machine(), address, prefix: prefix.to_string(), by });
        }
        let by = terms.origin(Term::Prefixes);
        terms.is_outside(address).then(|| Why::AddressOutside { machine: machine(), address, by })
    })
}

/// The heartbeats of a virtual machine show its way out, which others may share. Who holds the address is asked of rows that
/// would move (`Court`), and for somebody who asks for the name; before that nothing is said against it.
pub(super) fn not_ours(subject: &Subject<'_>) -> Said {
    let Some((machine, address)) = subject.way_out() else { return private::not_attached(subject) };
    let holder = match subject.case.known.holder(address) {
        None if !subject.is_asked_for() => return Said::No,
        answer => known(answer, Wanted::Holder { address }, || subject.who_holds()),
    };
    match holder {
        Ok(Holder::Machine(holder)) if holder == machine => Said::No,
        Ok(holder) => match subject.site() {
            Some(id) => {
                let (machine, holder) = (subject.machine_text(), holder.clone());
                Said::Yes(Why::AddressNotOurs(Box::new(NotOurs { machine, address, holder, id })))
            }
            None => Said::No,
        },
        Err(said) => said,
    }
}

/// The evidence is the row's own: where the platform sees the newest heartbeat come from.
pub(super) fn country_changed(subject: &Subject<'_>) -> Said {
    of_public(subject, |address| {
        let (terms, told) = (subject.terms()?, subject.row.country.trim());
        let country = Country::parse(told);
        let seen = || match country {
            Some(country) => Whereabouts::In(country),
            None if told.is_empty() => Whereabouts::Untold,
            None => Whereabouts::Unread(words::quote(told)),
        };
        terms.is_abroad(country).then(|| {
            Why::CountryChanged(Box::new(Abroad {
                machine: subject.machine_text(),
                address,
                seen: seen(),
                allowed: words::Shortlist::of(&terms.countries),
                by: terms.origin(Term::Countries),
            }))
        })
    })
}

pub(super) fn type_not_wanted(subject: &Subject<'_>) -> Said {
    let record_type = subject.record_type;
    of_address(subject, |address| {
        let terms = subject.terms()?;
        (!terms.types.contains(&record_type)).then(|| Why::TypeNotWanted {
            machine: subject.machine_text(),
            address,
            record_type,
            by: terms.origin(Term::Types),
        })
    })
}

pub(super) fn stale_heartbeat(subject: &Subject<'_>) -> Said {
    let limit = subject.policy.max_heartbeat_age;
    let age = subject.row.heartbeat_time.map(|time| subject.now.duration_since(time));
    if age.is_some_and(|age| age <= limit) {
        return Said::No;
    }
    Said::Yes(Why::StaleHeartbeat { machine: subject.machine_text(), age, limit })
}
