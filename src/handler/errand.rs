//! What a call wants of a run, apart from when it gets its answer.

use crate::run::Request;
use pure::plan::report::Trigger;
use pure::wish::{Wish, Wishes};

/// What one run is to do, for one call or for several that were put together while it waited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Errand {
    /// The run's id, a UUID.
    pub(super) run: String,
    /// Who asked: an alert and the timer go before a person, for their runs are about all names.
    pub(super) trigger: Trigger,
    /// The id of the first alert among them; empty without one.
    pub(super) alert_id: String,
    /// The names to write and those to plan.
    pub(super) wishes: Wishes,
    /// Whether another call was told that this run does its work.
    pub(super) is_shared: bool,
}

impl Errand {
    /// An alert's: all names, written or only planned.
    #[must_use]
    pub(super) fn of_alert(alert_id: String, writes: bool) -> Self {
        let wishes = if writes { Wishes::to_write(Wish::All) } else { Wishes::to_plan(Wish::All) };
        Self { alert_id, ..Self::new(Trigger::Alert, wishes) }
    }

    /// A person's.
    #[must_use]
    pub(super) fn of_person(wishes: Wishes) -> Self {
        Self::new(Trigger::Manual, wishes)
    }

    /// The timer's, whose run has an id already.
    #[must_use]
    pub(super) fn of_timer(request: Request) -> Self {
        let Request { run, trigger, alert_id, wishes, .. } = request;
        Self { run, trigger, alert_id, wishes, is_shared: false }
    }

    /// Whether a call over HTTP has it done, of which somebody may send too many. The timer is the host's.
    #[must_use]
    pub(super) fn keeps_pace(&self) -> bool {
        self.trigger != Trigger::Timer
    }

    fn new(trigger: Trigger, wishes: Wishes) -> Self {
        let run = azure_core::Uuid::new_v4().to_string();
        Self { run, trigger, alert_id: String::new(), wishes, is_shared: false }
    }

    /// Takes in another call: its wishes, as far as they are not covered, its names, and who asked. The id stays.
    pub(super) fn take_in(&mut self, other: Self) {
        self.is_shared = true;
        if self.wishes.cover(&other.wishes) {
            self.wishes.named.extend(other.wishes.named);
        } else {
            self.wishes.widen(other.wishes);
        }
        if rank(other.trigger) > rank(self.trigger) {
            self.trigger = other.trigger;
        }
        if self.alert_id.is_empty() {
            self.alert_id = other.alert_id;
        }
    }

    /// The same as a run is asked.
    #[must_use]
    pub(super) fn into_request(self) -> Request {
        let (run, alert_id) = (self.run, self.alert_id);
        Request { run, alert_id, ..Request::new(self.trigger, self.wishes) }
    }
}

/// Which of several triggers a run is told to have.
fn rank(trigger: Trigger) -> u8 {
    match trigger {
        Trigger::Cli | Trigger::Manual => 0,
        Trigger::Timer => 1,
        Trigger::Alert => 2,
    }
}
