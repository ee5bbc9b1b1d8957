//! How long it is tried to reach a service that cannot be reached: a person wants to know soon.

use std::time::Duration;

/// How long a service that cannot be reached is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Patience {
    /// To reach a server and to agree on TLS with it.
    pub(super) connect: Duration,
    /// For all tries of one call that meet nobody; none: as long as the run lasts.
    pub(super) unreachable: Option<Duration>,
    /// For all tries to be given a token.
    pub(super) token: Duration,
}

impl Patience {
    /// Of a process that nobody watches: what is down comes back.
    pub(super) const OF_A_CLOCK: Self =
        Self { connect: Duration::from_secs(10), unreachable: None, token: Duration::from_secs(20) };

    /// Of somebody at a terminal, who is told within ten seconds.
    pub(super) const OF_A_PERSON: Self = Self {
        connect: Duration::from_secs(4),
        unreachable: Some(Duration::from_secs(9)),
        token: Duration::from_secs(3),
    };

    /// Whether another try that meets nobody would end too late, so long after the first one began.
    pub(super) fn is_over(&self, elapsed: Duration) -> bool {
        self.unreachable.is_some_and(|limit| elapsed + self.connect > limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_told_within_ten_seconds() {
        let Patience { connect, unreachable, .. } = Patience::OF_A_PERSON;
        assert!(unreachable.unwrap() < Duration::from_secs(10));
        // There is room for a second try.
        assert!(!Patience::OF_A_PERSON.is_over(connect + Duration::from_millis(500)));
        assert!(Patience::OF_A_PERSON.is_over(connect * 2));
        assert!(!Patience::OF_A_CLOCK.is_over(Duration::from_secs(3600)));
    }
}
