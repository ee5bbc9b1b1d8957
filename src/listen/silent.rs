//! Which connections are silent, and since when: where there is no place left, the longest silence makes room.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// All silent connections, in the order in which they fell silent.
#[derive(Debug)]
pub(super) struct Silent {
    /// A silence that is shorter is none: in a crowd that comes at once, what a peer sends takes a moment until it is read.
    breath: Duration,
    line: Mutex<Line>,
    grown: Notify,
}

#[derive(Debug, Default)]
struct Line {
    newest: u64,
    connections: BTreeMap<u64, (Instant, CancellationToken)>,
}

/// What became of the connection that is silent for the longest time.
enum Longest {
    Ended,
    /// It is left alone until then.
    Breathes(Instant),
    /// None is silent.
    Nobody,
}

/// The silence of one connection. It begins with the connection.
#[derive(Debug)]
pub(super) struct Silence {
    all: Arc<Silent>,
    number: Mutex<u64>,
    end: CancellationToken,
}

impl Silent {
    pub(super) fn new(breath: Duration) -> Self {
        Self { breath, line: Mutex::default(), grown: Notify::new() }
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the connection that is silent for the longest time, as soon as there is one that has had its breath.
    pub(super) async fn end_longest(&self) {
        loop {
            match self.longest() {
                Longest::Ended => return,
                Longest::Breathes(until) => sleep_until(until).await,
                Longest::Nobody => self.grown.notified().await,
            }
        }
    }

    fn longest(&self) -> Longest {
        let mut line = self.line();
        let Some(longest) = line.connections.first_entry() else { return Longest::Nobody };
        let until = longest.get().0 + self.breath;
        if Instant::now() < until {
            return Longest::Breathes(until);
        }
        longest.remove().1.cancel();
        Longest::Ended
    }
}

impl Silence {
    pub(super) fn new(all: &Arc<Silent>) -> Self {
        let silence = Self { all: Arc::clone(all), number: Mutex::default(), end: CancellationToken::new() };
        silence.begin();
        silence
    }

    /// The connection waits for a request.
    pub(super) fn begin(&self) {
        let mut line = self.all.line();
        line.newest += 1;
        let number = line.newest;
        line.connections.insert(number, (Instant::now(), self.end.clone()));
        drop(line);
        *self.number() = number;
        self.all.grown.notify_one();
    }

    /// A request has come, or the connection has ended.
    pub(super) fn over(&self) {
        let number = *self.number();
        self.all.line().connections.remove(&number);
    }

    /// Waits until the connection is to make room.
    pub(super) async fn ended(&self) {
        self.end.cancelled().await;
    }

    fn number(&self) -> MutexGuard<'_, u64> {
        self.number.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        self.over();
    }
}
