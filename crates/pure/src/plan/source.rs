//! A row that is a source of the address which it reports, and where its name is now.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::domain::RecordId;

use super::answer::Answer;
use super::need::Needs;
use super::rules;
use super::subject::Subject;

/// A row that passed the rules on names and tags, or that nobody knows not to: a source of the address it reports.
pub(super) struct Source {
    pub(super) id: RecordId,
    pub(super) address: IpAddr,
    pub(super) stands: Stands,
    /// Its set holds what others say as well: it leaves nothing that one of them says.
    pub(super) shares: bool,
    /// The set's mark names the address as a previous one.
    pub(super) was_marked: bool,
    /// What was not asked because the log tells of a refusal: where a count rests on it, it is.
    pub(super) spared: Option<Needs>,
}

/// Where the name of a source is now.
pub(super) enum Stands {
    /// Its set holds these addresses; none without a set.
    At(BTreeSet<IpAddr>),
    /// Its set could not be read: it is taken for as many places as the log knows it to hold, for one at least, and each
    /// for another than all that are known. What the log says may be old, and a failure must not make a count smaller; nor
    /// is it added, for a set is not in two places at once.
    Unread(BTreeSet<IpAddr>),
}

impl Source {
    /// What a row is a source of.
    pub(super) fn of(subject: &Subject<'_>) -> Option<Self> {
        let id = subject.site()?;
        let address = subject.address?;
        let read = subject.read(&id);
        let set = read.and_then(|read| read.known()).and_then(|read| read.set.as_ref());
        let was_marked = set
            .and_then(|set| set.mark_of(&subject.policy.owner))
            .is_some_and(|mark| mark.previous.contains(&address));
        let spared = rules::spared(subject);
        let stands = match read {
            Some(Answer::Known(_)) => Stands::At(set.map(|set| set.addresses.clone()).unwrap_or_default()),
            Some(Answer::Unavailable(_)) => Stands::Unread(subject.logged_present()),
            // What the log refuses may be said by anybody: so it is for what it says the name to hold.
            None if spared.is_some() => Stands::Unread(subject.logged_present()),
            // It need not be asked where even by the log's word no brake could trip.
            None => Stands::At(subject.logged_present()),
        };
        let shares = subject.terms().is_some_and(|terms| terms.shared);
        Some(Self { id, address, stands, shares, was_marked, spared })
    }
}
