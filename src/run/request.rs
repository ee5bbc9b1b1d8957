//! What a run is asked.

use pure::domain::{HostName, NameSet, RecordId, ZoneId};
use pure::plan::report::Trigger;
use pure::plan::{Approval, Asked, ByHand};
use pure::wish::{Wish, Wishes};

/// What a run is asked.
#[derive(Debug, Clone)]
pub struct Request {
    /// The run's id, a UUID.
    pub run: String,
    /// What started it.
    pub trigger: Trigger,
    /// The alert's id, empty without one.
    pub alert_id: String,
    /// The names to write, and those to plan.
    pub wishes: Wishes,
    /// Names whose unmarked sets a person adopts by hand.
    pub adopt: NameSet,
    /// What a person orders for the names that were given, and nothing else.
    pub order: Option<ByHand>,
    /// What a person approves of what brakes hold, and nothing else.
    pub approval: Option<Approval>,
    /// Whether it only asks how names stand: then a person's word outweighs no rule.
    pub is_question: bool,
}

impl Request {
    /// A request with a new run id.
    #[must_use]
    pub fn new(trigger: Trigger, wishes: Wishes) -> Self {
        let run = azure_core::Uuid::new_v4().to_string();
        Self {
            run,
            trigger,
            alert_id: String::new(),
            wishes,
            adopt: NameSet::default(),
            order: None,
            approval: None,
            is_question: false,
        }
    }

    /// A question of a person about one name, or one side of it: what the runs make of it, to whom nobody gives names.
    #[must_use]
    pub fn of_question(name: NameSet) -> Self {
        let request = Self::of_names(Trigger::Cli, name, false);
        Self { is_question: true, ..request }
    }

    /// A request for these names, for all of them when there are none.
    #[must_use]
    pub fn of_names(trigger: Trigger, names: NameSet, writes: bool) -> Self {
        let wish = if names.is_empty() { Wish::All } else { Wish::of(names) };
        Self::new(trigger, if writes { Wishes::to_write(wish) } else { Wishes::to_plan(wish) })
    }

    /// Whether anything may be written.
    #[must_use]
    pub fn writes(&self) -> bool {
        !self.wishes.write.is_nothing()
    }

    /// Whether somebody asked for a write of the record set's name on its side, or of all names.
    #[must_use]
    pub fn is_to_write(&self, id: &RecordId) -> bool {
        self.wishes.write.wants(&id.zone, &id.name)
    }

    /// Whether it is about the name in that zone.
    #[must_use]
    pub fn is_about(&self, zone: &ZoneId, name: &HostName) -> bool {
        self.wishes.write.wants(zone, name) || self.wishes.plan.wants(zone, name)
    }

    /// The names that it is about; none of them: all.
    #[must_use]
    pub fn only(&self) -> Option<NameSet> {
        match self.wishes.all() {
            Wish::All => None,
            Wish::These(names) => Some(names),
            Wish::Nothing => Some(NameSet::default()),
        }
    }

    /// The names that are given one by one, beside all names or not: their rows are wanted whatever the log holds.
    #[must_use]
    pub fn named(&self) -> NameSet {
        self.wishes.named.all()
    }

    /// Those of them that are to be written.
    #[must_use]
    pub fn given(&self) -> NameSet {
        self.wishes.named.write.clone()
    }

    /// The names on which a person insists: that nothing is done about one of them is a failure.
    #[must_use]
    pub fn insisted(&self) -> NameSet {
        if self.order.is_some() { self.named() } else { self.adopt.clone() }
    }

    /// What the plan is asked by name.
    #[must_use]
    pub fn asked(&self) -> Asked {
        let named = self.named();
        let insists = self.trigger == Trigger::Cli && !self.is_question;
        let insisted = if insists { named.clone() } else { NameSet::default() };
        Asked {
            named,
            insisted,
            adopted: self.adopt.clone(),
            order: self.order.clone(),
            approval: self.approval.clone(),
            // A command writes nothing without consent.
            is_agreed: self.trigger == Trigger::Cli && self.writes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Section 6: names that a person gives on the command line, and no others, are not held by `flapping`.
    #[test]
    fn only_whoever_sits_at_the_command_line_insists() {
        let names = NameSet::from([HostName::parse("nas.example.com").unwrap()]);
        for trigger in [Trigger::Cli, Trigger::Manual, Trigger::Alert, Trigger::Timer] {
            for writes in [true, false] {
                let asked = Request::of_names(trigger, names.clone(), writes).asked();
                assert_eq!(asked.named, names, "{trigger:?}");
                assert_eq!(asked.insisted.is_empty(), trigger != Trigger::Cli, "{trigger:?}");
                assert!(asked.adopted.is_empty());
                assert_eq!(asked.is_agreed, trigger == Trigger::Cli && writes, "{trigger:?}");
            }
        }
        let question = Request::of_question(names.clone()).asked();
        assert_eq!(
            (question.named, question.insisted),
            (names, NameSet::default()),
            "a question insists on nothing"
        );
    }
}
