//! What is wanted of a run: of which names, and whether they are to be written or only planned.
//!
//! A run that waits takes in the wishes of later calls. Wishes to write and wishes to plan stay apart, so that whoever
//! only asked what would happen never makes a run write more. Names that were given one by one are kept when a wish grows to
//! all names: they are looked at whatever the log holds.

use crate::domain::{HostName, NameSet, ZoneId};

/// Names that are wanted, each on all of its sides or on some.
///
/// ```
/// use pure::{domain::HostName, wish::Wish};
///
/// let name = HostName::parse("nas.example.com").unwrap();
/// let mut wish = Wish::these([name.clone()]);
/// assert!(!wish.is_nothing() && !wish.covers(&Wish::All));
/// wish.widen(Wish::All);
/// assert!(wish.covers(&Wish::these([name])));
/// assert_eq!(Wish::these([]), Wish::Nothing);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Wish {
    /// None.
    #[default]
    Nothing,
    /// These, one at least.
    These(NameSet),
    /// Every name.
    All,
}

impl Wish {
    /// Just these names, on every side.
    #[must_use]
    pub fn these(names: impl IntoIterator<Item = HostName>) -> Self {
        Self::of(NameSet::of(names, None))
    }

    /// Just these.
    #[must_use]
    pub fn of(names: NameSet) -> Self {
        if names.is_empty() { Self::Nothing } else { Self::These(names) }
    }

    /// Whether nothing is wanted.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::Nothing
    }

    /// Whether the name is wanted in that zone.
    #[must_use]
    pub fn wants(&self, zone: &ZoneId, name: &HostName) -> bool {
        match self {
            Self::Nothing => false,
            Self::These(names) => names.has(zone, name),
            Self::All => true,
        }
    }

    /// Whether everything that the other wants is wanted here.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, _) | (_, Self::Nothing) => true,
            (Self::These(ours), Self::These(theirs)) => ours.covers(theirs),
            (Self::Nothing | Self::These(_), Self::All) | (Self::Nothing, Self::These(_)) => false,
        }
    }

    fn one_by_one(&self) -> NameSet {
        match self {
            Self::These(names) => names.clone(),
            Self::Nothing | Self::All => NameSet::default(),
        }
    }

    /// Wants what the other wants as well.
    pub fn widen(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::All, _) | (_, Self::Nothing) => {}
            (Self::These(ours), Self::These(theirs)) => ours.take_in(theirs),
            (_, other) => *self = other,
        }
    }
}

/// What is wanted of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Names to write.
    pub write: Wish,
    /// Names to plan; those that are written are planned anyway.
    pub plan: Wish,
    /// The names that were given one by one.
    pub named: OneByOne,
}

/// Names that were given one by one, whatever else is wanted beside them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OneByOne {
    /// To be written.
    pub write: NameSet,
    /// To be planned.
    pub plan: NameSet,
}

impl OneByOne {
    /// All of them.
    #[must_use]
    pub fn all(&self) -> NameSet {
        let mut all = self.write.clone();
        all.take_in(self.plan.clone());
        all
    }

    /// Whether nobody who gave the name asked for a write of it in that zone.
    #[must_use]
    pub fn is_only_planned(&self, zone: &ZoneId, name: &HostName) -> bool {
        self.plan.has(zone, name) && !self.write.has(zone, name)
    }

    /// Takes in those of another call.
    pub fn extend(&mut self, other: Self) {
        self.write.take_in(other.write);
        self.plan.take_in(other.plan);
    }
}

impl Wishes {
    /// To write these.
    #[must_use]
    pub fn to_write(wish: Wish) -> Self {
        let named = OneByOne { write: wish.one_by_one(), ..OneByOne::default() };
        Self { write: wish, plan: Wish::Nothing, named }
    }

    /// To plan these and to write nothing.
    #[must_use]
    pub fn to_plan(wish: Wish) -> Self {
        let named = OneByOne { plan: wish.one_by_one(), ..OneByOne::default() };
        Self { write: Wish::Nothing, plan: wish, named }
    }

    /// Every name that the run looks at.
    #[must_use]
    pub fn all(&self) -> Wish {
        let mut all = self.write.clone();
        all.widen(self.plan.clone());
        all
    }

    /// Whether a run with these wishes does at least as much as the other: what is written is planned as well.
    #[must_use]
    pub fn cover(&self, other: &Self) -> bool {
        self.write.covers(&other.write) && self.all().covers(&other.plan)
    }

    /// Takes in the wishes of another call, each kind for itself.
    pub fn widen(&mut self, other: Self) {
        self.write.widen(other.write);
        self.plan.widen(other.plan);
        self.named.extend(other.named);
    }
}
