//! What a run of a query is given from outside.

use std::time::Duration;

use crate::room::Share;
use crate::time::DateTime;

/// How a query is run. The engine has no clock: `now` comes from the caller and is one instant for the whole query.
#[derive(Clone, Debug)]
pub struct Options {
    /// What `now()` answers, for the whole query; `ago()` goes by it too.
    pub now: DateTime,
    /// Start (in) and end (out) of an additional filter on `TimeGenerated` of every stored table that has it; none: all
    /// rows are read.
    pub timespan: Option<(DateTime, DateTime)>,
    /// At most this many rows are answered; the rest is cut and the answer is marked partial. 500,000 as the
    /// service has it (contract azure-monitor, section 4.6).
    pub max_rows: usize,
    /// At most about this many bytes of values are answered; the rest is cut and the answer is marked partial. 100 MiB
    /// as the service has it (contract azure-monitor, section 4.6); `usize::MAX`: there is no limit, and nothing is reckoned.
    pub max_answer_bytes: usize,
    /// Run time after which the query is stopped with an error; none: it may run as long as it wants. Ten minutes as the
    /// service has it.
    pub deadline: Option<Duration>,
    /// About how many bytes the query may use, besides the stored tables, before it is stopped with an error.
    pub max_bytes: usize,
    /// What the query takes from, if queries share one [`Room`](crate::Room): it waits for memory that others hold, until
    /// its deadline. None: it minds nobody.
    pub share: Option<Share>,
    /// Whether table names are compared without case, as Resource Graph does (`resources`, `Resources`).
    pub tables_ignore_case: bool,
}

impl Options {
    /// The service's limits: 500,000 rows, 100 MiB, ten minutes; 2 GB for the work itself.
    #[must_use]
    pub fn new(now: DateTime) -> Options {
        Options {
            now,
            timespan: None,
            max_rows: 500_000,
            max_answer_bytes: 100 << 20,
            deadline: Some(Duration::from_secs(600)),
            max_bytes: 2_000_000_000,
            share: None,
            tables_ignore_case: false,
        }
    }
}
