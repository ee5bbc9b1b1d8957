//! Which habits a cloud has played, and how often: a rule whose pattern fits no answer any more would test nothing.

use std::collections::BTreeMap;
use std::sync::Mutex;

/// A habit of Azure that our own client must bear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Habit {
    IdInSmallLetters,
    IdInCapitals,
    EscapedSlashes,
    QuotedEtag,
    BareEtag,
    EtagInTheHeader,
    TrafficManagementProfile,
    NewerMembers,
    NoBudget,
    EmptyBudget,
    BudgetWithoutNumber,
    QuotaInWords,
    PreferenceApplied,
    CorrelationId,
    ReversedColumns,
    OtherTableFirst,
    WholeStatistics,
    BarePrecondition,
    BareZoneNotFound,
    ParentResourceNotFound,
    WholePartialError,
}

impl Habit {
    pub(super) const ALL: [Self; 21] = [
        Self::IdInSmallLetters,
        Self::IdInCapitals,
        Self::EscapedSlashes,
        Self::QuotedEtag,
        Self::BareEtag,
        Self::EtagInTheHeader,
        Self::TrafficManagementProfile,
        Self::NewerMembers,
        Self::NoBudget,
        Self::EmptyBudget,
        Self::BudgetWithoutNumber,
        Self::QuotaInWords,
        Self::PreferenceApplied,
        Self::CorrelationId,
        Self::ReversedColumns,
        Self::OtherTableFirst,
        Self::WholeStatistics,
        Self::BarePrecondition,
        Self::BareZoneNotFound,
        Self::ParentResourceNotFound,
        Self::WholePartialError,
    ];
}

/// How often each was played.
#[derive(Debug, Default)]
pub(super) struct Played(Mutex<BTreeMap<Habit, usize>>);

impl Played {
    pub(super) fn note(&self, habit: Habit) {
        *self.0.lock().unwrap().entry(habit).or_default() += 1;
    }

    /// Those that nobody was ever shown.
    pub(super) fn never(&self) -> Vec<Habit> {
        let all = self.0.lock().unwrap();
        Habit::ALL.into_iter().filter(|habit| !all.contains_key(habit)).collect()
    }
}
