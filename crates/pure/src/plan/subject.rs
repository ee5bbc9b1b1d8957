//! One row, parsed: who says which address for which name, and where that name stands.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::Timestamp;

use crate::domain::{
    HostName, MachineKind, MismatchRow, RecordId, RecordType, ResourceId, Zone, ZoneId, ZoneKind,
    parse_address,
};

use super::answer::Answer;
use super::case::Case;
use super::choice::Choice;
use super::grant::{Grant, Terms};
use super::need::{Needs, Read};
use super::policy::{Placed, Policy, Proposal};
use super::skip::Skip;
use super::vanished::Vanished;
use super::why::{Undecided, Why};

/// Where the name of a row stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Place<'a> {
    /// Its record set.
    pub id: RecordId,
    /// Its zone.
    pub zone: &'a Zone,
    /// The grant that gives the name to the machine.
    pub grant: &'a Grant,
}

/// One row with everything that a rule may ask about it.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// The row.
    pub row: &'a MismatchRow,
    /// All that is known.
    pub case: &'a Case,
    /// The rules of the installation.
    pub policy: &'a Policy,
    /// The time.
    pub now: Timestamp,
    /// What the tags of all machines say together.
    pub vanished: &'a Vanished,
    /// The place of its name, or the static rule that refuses it.
    pub placed: Result<Place<'a>, Why>,
    /// The reported address, where it is one; of a row of a private zone only where it may stand there.
    pub address: Option<IpAddr>,
    /// What comes of the addresses that a row of a private zone lists, where its name has a place.
    pub choice: Option<Choice>,
    /// By the address where there is one, for the address decides what can be written.
    pub record_type: RecordType,
    /// The machine, where its id is one.
    pub machine: Option<ResourceId>,
    /// A read of the record set that is newer than what the case knows.
    reread: Option<&'a Answer<Read>>,
}

impl<'a> Subject<'a> {
    /// Parses a row.
    #[must_use]
    pub fn of(
        row: &'a MismatchRow,
        case: &'a Case,
        policy: &'a Policy,
        now: Timestamp,
        vanished: &'a Vanished,
    ) -> Self {
        let address = parse_address(&row.computer_ip);
        let record_type = address.map_or(row.record_type, RecordType::of);
        let machine = ResourceId::parse(&row.resource_id).ok();
        let proposal =
            Proposal::of(&row.host_name, machine.as_ref()).inside(row.kind()).with(case.known.particulars());
        let placed = policy.place(proposal);
        let placed = placed.map(|Placed { name, zone, grant }| Place {
            id: RecordId { zone: zone.id.clone(), name, record_type },
            zone,
            grant,
        });
        let subject = Self {
            row,
            case,
            policy,
            now,
            vanished,
            placed,
            address,
            choice: None,
            record_type,
            machine,
            reread: None,
        };
        if subject.is_private() { subject.chosen() } else { subject }
    }

    /// The same with what comes of the addresses that it lists: by what stands there now, for of several true answers the one
    /// that stands is kept.
    fn chosen(mut self) -> Self {
        let policy = self.policy;
        let zone = self.site().and_then(|id| policy.zones.get(&id.zone));
        let present = self.present();
        self.choice = zone.map(|zone| Choice::of(self.row, zone, self.terms(), policy, &present));
        let own = parse_address(&self.row.computer_ip);
        self.address = match &self.choice {
            Some(Choice::These(these)) => own.filter(|own| these.contains(own)).or(these.first().copied()),
            _ => None,
        };
        self
    }

    /// Whether the name is claimed for a private zone.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.row.kind() == ZoneKind::Private
    }

    /// The addresses that its machine may have in the set: one, or several where all that it lists are to stand there.
    #[must_use]
    pub fn may_say(&self) -> BTreeSet<IpAddr> {
        match &self.choice {
            Some(Choice::These(these)) => these.clone(),
            _ => self.address.into_iter().collect(),
        }
    }

    /// The addresses that it says: its own, or all that its machine may have there where they stand there already.
    #[must_use]
    pub fn says(&self) -> BTreeSet<IpAddr> {
        let may = self.may_say();
        if may == self.present() { may } else { self.address.into_iter().collect() }
    }

    /// The same with a newer read of the record set.
    #[must_use]
    pub fn reread(mut self, read: &'a Answer<Read>) -> Self {
        self.reread = Some(read);
        if self.is_private() { self.chosen() } else { self }
    }

    /// Its record set: of a name that is given to its machine, or of which that is not known yet.
    #[must_use]
    pub fn site(&self) -> Option<RecordId> {
        match &self.placed {
            Ok(place) => Some(place.id.clone()),
            Err(Why::Undecided(undecided)) => {
                let Undecided { zone, name, .. } = &**undecided;
                Some(RecordId { zone: zone.clone(), name: name.clone(), record_type: self.record_type })
            }
            Err(_) => None,
        }
    }

    /// The machine that must be asked before it can be said which claim gives it the name; none where that is known, or was
    /// asked in vain.
    #[must_use]
    pub fn unasked(&self) -> Option<&ResourceId> {
        let is_undecided = matches!(self.placed, Err(Why::Undecided(_)));
        self.machine.as_ref().filter(|machine| is_undecided && self.case.known.tag(machine).is_none())
    }

    /// What holds for its name, where the name may stand.
    #[must_use]
    pub fn terms(&self) -> Option<&'a Terms> {
        self.placed.as_ref().ok().map(|place| &place.grant.terms)
    }

    /// The live record set, as the newest read found it.
    #[must_use]
    pub fn read(&self, id: &RecordId) -> Option<&'a Answer<Read>> {
        self.reread.or_else(|| self.case.known.set(id))
    }

    /// The addresses that stand there now: live where that is known, else those of the log.
    #[must_use]
    pub fn present(&self) -> BTreeSet<IpAddr> {
        let read = self.placed.as_ref().ok().and_then(|place| self.read(&place.id)?.known());
        match read {
            Some(read) => read.set.as_ref().map(|set| set.addresses.clone()).unwrap_or_default(),
            None => self.logged_present(),
        }
    }

    /// The addresses that the log knows the record set to hold.
    #[must_use]
    pub fn logged_present(&self) -> BTreeSet<IpAddr> {
        self.row.dns_ip.split(',').filter_map(parse_address).collect()
    }

    /// The first of the newest beats that agree; never later than the newest.
    #[must_use]
    pub fn first_beat(&self) -> Option<Timestamp> {
        let newest = self.row.heartbeat_time?;
        Some(self.row.first_beat.map_or(newest, |first| first.min(newest)))
    }

    /// The machine and the address that it goes out by, where this says nothing of where it is reached: every machine but one
    /// that Azure knows through its agent alone.
    #[must_use]
    pub fn way_out(&self) -> Option<(&ResourceId, IpAddr)> {
        let machine = self.machine.as_ref()?;
        let is_elsewhere = MachineKind::of(machine) == Some(MachineKind::Arc);
        self.address.filter(|_| !is_elsewhere && !self.is_private()).map(|address| (machine, address))
    }

    /// What must be known of the address that it goes out by.
    #[must_use]
    pub fn who_holds(&self) -> Needs {
        let holders = self.way_out().map(|(machine, address)| (machine.clone(), [address].into()));
        Needs { holders: holders.into_iter().collect(), ..Needs::default() }
    }

    /// The virtual machine whose network interfaces must have the address that it lists.
    #[must_use]
    pub fn attached(&self) -> Option<(&ResourceId, IpAddr)> {
        let machine = self.machine.as_ref().filter(|_| self.is_private())?;
        let is_virtual = MachineKind::of(machine) == Some(MachineKind::Virtual);
        self.address.filter(|_| is_virtual).map(|address| (machine, address))
    }

    /// What is not known yet of whose its address is.
    #[must_use]
    pub fn unproved(&self) -> Needs {
        let known = &self.case.known;
        let mut needs = Needs::default();
        if self.way_out().is_some_and(|(_, address)| known.holder(address).is_none()) {
            needs.extend(self.who_holds());
        }
        let privately = known.privately();
        if let Some((machine, _)) =
            self.attached().filter(|(machine, _)| privately.interfaces(machine).is_none())
        {
            needs.privately.interfaces.insert(machine.clone());
        }
        let listed =
            self.address.filter(|address| self.is_private() && privately.listers(*address).is_none());
        needs.privately.listers.extend(listed);
        needs
    }

    /// Whether somebody has asked for the name.
    #[must_use]
    pub fn is_asked_for(&self) -> bool {
        self.placed.as_ref().is_ok_and(|place| self.case.asked.named.holds(&place.id))
    }

    /// The machine's id as given, id or not.
    #[must_use]
    pub fn machine_text(&self) -> String {
        self.machine.as_ref().map_or_else(|| self.row.resource_id.clone(), ToString::to_string)
    }

    /// The name as stored where it is one, else as written.
    fn name_text(&self) -> String {
        let name = HostName::parse(&self.row.host_name);
        name.map_or_else(|_| self.row.host_name.clone(), |name| name.to_string())
    }

    /// The row as a skip.
    #[must_use]
    pub fn skip(&self, why: &Why) -> Skip {
        let zone: Option<&ZoneId> = self.placed.as_ref().ok().map(|place| &place.id.zone);
        Skip::of(self.row, &self.name_text(), self.record_type, zone, &self.present(), why)
    }
}
