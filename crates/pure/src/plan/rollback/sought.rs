//! Which addresses a set held before the change that a person names, and who says so.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::Timestamp;

use crate::domain::Mark;
use crate::plan::order::Point;
use crate::plan::our_set::OurSet;
use crate::plan::past_change::PastChange;
use crate::plan::why::{NotOwned, Why};
use crate::plan::words;

/// What a set is to hold again.
pub(super) struct Sought {
    /// The addresses; none where there was no set.
    pub(super) addresses: BTreeSet<IpAddr>,
    /// The run whose change is undone, empty where only the log knows it and does not say.
    pub(super) run: String,
    /// When that change was written.
    pub(super) time: Option<Timestamp>,
    /// Whether the live mark says so; else only the log does.
    pub(super) is_vouched: bool,
}

/// What the live mark alone says of the last write that changed an address.
enum Vouched<'a> {
    /// The mark is that write's own.
    Own(&'a BTreeSet<IpAddr>),
    /// A hold was written since, which kept the addresses of before that write, and not its run.
    Kept(&'a BTreeSet<IpAddr>),
    /// The last write changed no address.
    Nothing,
}

/// What the set held before the change that is meant, or why it is not undone.
pub(super) fn sought(ours: &OurSet<'_>, point: &Point, told: &[PastChange]) -> Result<Sought, Why> {
    if !Mark::tells_previous(&ours.set.metadata) {
        return Err(Why::NotOwned { name: ours.name(), owned: NotOwned::IncompleteMark });
    }
    let (mark, present) = (&ours.mark, &ours.set.addresses);
    let marked = match &mark.previous {
        previous if previous == present => Vouched::Nothing,
        previous if mark.is_hold() => Vouched::Kept(previous),
        previous => Vouched::Own(previous),
    };
    let before = Before { ours, told, marked };
    match point {
        Point::Last => before.last(),
        Point::Run(run) => before.run(run),
        Point::Since(time) => before.since(*time),
    }
}

struct Before<'a> {
    ours: &'a OurSet<'a>,
    /// The newest first.
    told: &'a [PastChange],
    marked: Vouched<'a>,
}

impl<'a> Before<'a> {
    fn last(&self) -> Result<Sought, Why> {
        // A write since, which changed no address, has taken the rollback's word out of the mark.
        if !matches!(self.marked, Vouched::Own(_))
            && let Some(last) = self.moves().next().filter(|last| last.undoes())
        {
            self.holds(last)?;
            return Err(self.undone(&last.run));
        }
        match &self.marked {
            // Whoever asks again has not seen that it is done: what stood there before the rollback must be asked for.
            Vouched::Own(_) if !self.ours.mark.undoes.is_empty() => Err(self.undone(&self.ours.mark.run)),
            Vouched::Own(previous) => self.own(previous),
            Vouched::Kept(previous) => {
                let last = self.moves().next();
                last.map_or(Ok(()), |last| self.holds(last))?;
                let (run, time) = last.map(|last| (last.run.clone(), Some(last.time))).unwrap_or_default();
                Ok(Sought { addresses: (*previous).clone(), run, time, is_vouched: true })
            }
            Vouched::Nothing => match self.moves().next() {
                Some(last) => self.as_told(last),
                None => Err(self.nothing()),
            },
        }
    }

    fn run(&self, run: &str) -> Result<Sought, Why> {
        let told = || self.moves().find(|told| told.run == run);
        match &self.marked {
            Vouched::Own(previous) if self.ours.mark.run == run => self.own(previous),
            Vouched::Own(_) if self.ours.mark.undoes == run => Err(self.undone(&self.ours.mark.run)),
            // Another write has moved it since, whatever addresses that wrote.
            Vouched::Own(_) => match told() {
                Some(told) => Err(self.changed_since(told)),
                None => Err(self.nothing()),
            },
            Vouched::Kept(previous) => {
                let told = told().ok_or_else(|| self.nothing())?;
                self.holds(told)?;
                if told.from != **previous {
                    return Err(self.contradicted(told, previous));
                }
                Ok(Sought { is_vouched: true, ..self.as_told(told)? })
            }
            Vouched::Nothing => self.as_told(told().ok_or_else(|| self.nothing())?),
        }
    }

    /// All changes since a time, each of which must begin where the one before it ended.
    fn since(&self, time: Timestamp) -> Result<Sought, Why> {
        let mark = &self.ours.mark;
        if mark.time.is_some_and(|written| written <= time) {
            return Err(self.nothing());
        }
        let chain: Vec<&PastChange> = self.moves().filter(|told| told.time > time).collect();
        let oldest = match &self.marked {
            Vouched::Own(previous) => {
                let own = self.own(previous)?;
                let Some(newest) = chain.first() else { return Ok(own) };
                if newest.to != **previous {
                    return Err(self.contradicted(newest, previous));
                }
                self.linked(&chain)?
            }
            Vouched::Kept(previous) => {
                let newest = chain.first().ok_or_else(|| self.nothing())?;
                self.holds(newest)?;
                if newest.from != **previous {
                    return Err(self.contradicted(newest, previous));
                }
                let oldest = self.linked(&chain)?;
                if chain.len() == 1 {
                    return Ok(Sought { is_vouched: true, ..told(oldest) });
                }
                oldest
            }
            Vouched::Nothing => {
                let newest = chain.first().ok_or_else(|| self.nothing())?;
                self.holds(newest)?;
                self.linked(&chain)?
            }
        };
        if oldest.from == self.ours.set.addresses { Err(self.nothing()) } else { Ok(told(oldest)) }
    }

    /// The oldest of a chain without a gap.
    fn linked(&self, chain: &[&'a PastChange]) -> Result<&'a PastChange, Why> {
        for pair in chain.windows(2) {
            if let [newer, older] = pair
                && newer.from != older.to
            {
                return Err(self.contradicted(older, &newer.from));
            }
        }
        chain.last().copied().ok_or_else(|| self.nothing())
    }

    /// The change of which the mark itself tells; what its row says it wrote must stand there.
    fn own(&self, previous: &BTreeSet<IpAddr>) -> Result<Sought, Why> {
        let mark = &self.ours.mark;
        let row = self.told.iter().find(|told| told.run == mark.run);
        row.map_or(Ok(()), |row| self.holds(row))?;
        let addresses = previous.clone();
        Ok(Sought { addresses, run: mark.run.clone(), time: mark.time, is_vouched: true })
    }

    /// A change of which only the log tells.
    fn as_told(&self, row: &PastChange) -> Result<Sought, Why> {
        self.holds(row)?;
        Ok(told(row))
    }

    /// Whether the live set holds what a change wrote.
    fn holds(&self, row: &PastChange) -> Result<(), Why> {
        if row.to == self.ours.set.addresses { Ok(()) } else { Err(self.changed_since(row)) }
    }

    /// The writes before the mark's own that changed addresses. The mark is of the newest write and says itself what that has
    /// changed: a row that calls itself newer, or that write's own, did not happen so. Nor did a deletion whose row was sent
    /// ahead, or there would be no mark.
    fn moves(&self) -> impl Iterator<Item = &'a PastChange> + use<'a> {
        let (written, own) = (self.ours.mark.time, self.ours.mark.run.clone());
        let is_of_before =
            move |told: &&PastChange| told.run != own && written.is_none_or(|written| told.time <= written);
        self.told.iter().filter(|told| told.is_move()).filter(is_of_before)
    }

    fn changed_since(&self, row: &PastChange) -> Why {
        let present = words::addresses(&self.ours.set.addresses);
        Why::ChangedSince { name: self.ours.name(), present, wrote: words::addresses(&row.to) }
    }

    fn contradicted(&self, row: &PastChange, known: &BTreeSet<IpAddr>) -> Why {
        let (told, known) = (words::run(&row.run), words::addresses(known));
        Why::Contradicted { name: self.ours.name(), told, known }
    }

    fn undone(&self, by: &str) -> Why {
        Why::UndoneAlready { name: self.ours.name(), by: by.to_owned() }
    }

    fn nothing(&self) -> Why {
        Why::NothingToUndo { name: self.ours.name() }
    }
}

fn told(row: &PastChange) -> Sought {
    let addresses = row.from.clone();
    Sought { addresses, run: row.run.clone(), time: Some(row.time), is_vouched: false }
}
