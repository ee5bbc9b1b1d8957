//! One clock for the handler and for the stand-in, which only the day that is played sets forward.

use std::num::NonZeroU32;

use jiff::Timestamp;
use tempfile::TempDir;

/// A clock that stands where it was set, but for the moments that pass by the wall since then: what follows in a run is later.
pub(super) struct SteppedClock {
    folder: TempDir,
    ours: standin::Clock,
}

impl SteppedClock {
    /// It says what the wall's clock says.
    pub(super) fn new() -> Self {
        let now = standin::clock::wall();
        let clock = Self { folder: tempfile::tempdir().unwrap(), ours: standin::Clock::standing(now) };
        clock.set(now);
        clock
    }

    /// The stand-in's part of it.
    pub(super) fn standin(&self) -> standin::Clock {
        self.ours.clone()
    }

    /// What tells the handler of it.
    pub(super) fn variable(&self) -> String {
        format!("@{}", self.folder.path().join("clock").display())
    }

    /// Both say `time` from now on.
    pub(super) fn set(&self, time: Timestamp) {
        let wall = standin::clock::wall();
        // Whoever reads meanwhile finds the one or the other.
        let new = self.folder.path().join("new");
        std::fs::write(&new, format!("{time},{wall},1,{time}")).unwrap();
        std::fs::rename(new, self.folder.path().join("clock")).unwrap();
        self.ours.run(standin::clock::Course { origin: time, wall, speed: NonZeroU32::MIN, end: time });
    }
}
