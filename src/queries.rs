//! The queries, the literals that may enter them, and their rows as values.
//!
//! Pure: whoever asks the service hands names of columns and rows in, as its answer has them (contract azure-monitor,
//! section 4.3). Columns are found by name, in any order; what a row lacks is empty; what cannot be parsed stays text
//! where a skip can quote it, and is left out where nobody could. With several workspaces in `LOGS_WORKSPACE_IDS`
//! the first one is asked, with the others in the request's member `workspaces`: the service then reads every table
//! out of all of them, so the texts here need no union for that, and our tables lie in the first one alone.

mod alert;
mod cells;
mod claimants;
mod claims;
mod evidence;
mod heard;
mod history;
mod listers;
mod literal;
mod mismatch;
mod orphans;
mod past;
mod probe;
mod strangers;

pub use alert::AlertQuery;
pub use claimants::{CLAIMANTS, CLAIMANTS_COLUMNS, claimants, claimants_query};
pub use claims::{CLAIMS_COLUMNS, SweptClaim, claims, claims_query};
pub use evidence::{EVIDENCE_COLUMNS, EvidenceAnswer, evidence_query};
pub use heard::{HEARD_COLUMNS, Stretch, heard, heard_query, that_may_stand};
pub use history::{HISTORY_COLUMNS, history, history_query};
pub use listers::{LISTERS_COLUMNS, listers, listers_query};
pub use literal::{
    Literal, OwnerId, RunId, Subscription, quoted, quoted_list, quoted_pattern, quoted_spellings,
};
pub use mismatch::{MISMATCH_COLUMNS, alert_query, mismatch_query, mismatch_rows};
pub use orphans::{ORPHANS_COLUMNS, orphans, orphans_query};
pub use past::{FailedTry, PAST_COLUMNS, Past, PastOf, Proved, attempts, past, past_query, past_query_of};
pub use probe::{PROBE, TABLES, probe_query};
pub use strangers::{STRANGERS_COLUMNS, Strange, Strangers, strangers, strangers_query};

/// `mismatch.kql`: what does not match, one row per machine, name and type. Asked over `QUERY_TIMESPAN`.
///
/// The alert rule is this text and [`ACTIONABLE`].
pub const MISMATCH: &str = include_str!("../infra/kql/mismatch.kql");

/// The one line that the alert rule adds to [`MISMATCH`].
pub const ACTIONABLE: &str = "| where Actionable";

/// `history.kql`: what the last day teaches. Asked over one day, at the same time as [`MISMATCH`].
pub const HISTORY: &str = include_str!("../infra/kql/history.kql");
