//! One run: ask the logs, read what is true now, decide, write, prove, and tell the log.
//!
//! A run goes through four rooms, each a value that the next one takes: [`Observed`] (what the logs say),
//! [`Planned`] (what is decided, with everything that it rests on), [`Written`] (what became of each change), and
//! [`Ended`] (what was proved, and told to the log). Nothing of the work is remembered between runs: what one leaves undone,
//! the next one finds.

mod absent_zone;
mod account;
mod at_work;
mod attended;
mod audit;
mod backlog;
mod brakes_told;
mod by_tag;
mod claims;
mod decide;
mod ends;
mod explain;
mod facts;
mod fleet;
mod fulfil;
mod hand;
mod heard;
mod installation;
mod machines;
mod missed;
mod moves;
mod observe;
mod orphans;
mod ours;
mod own_changes;
mod own_sweeps;
mod past;
mod planned;
mod prove;
mod request;
mod scale_sets;
mod scene;
mod schedule;
mod served;
mod tell;
mod template;
mod told;
mod trouble;
mod unlogged;
mod vain_leaders;
mod views;
mod warnings_told;
mod written;
mod younger;

pub use absent_zone::{AbsentZone, Meant, Slip};
pub use attended::{Attended, was_stopped};
pub use claims::{claims, claims_of_the_whole, swept_claims};
pub use decide::plan;
pub use explain::{Dangling, Explained, LiveTags, Nobodys, Part, Side, explain, live_tags};
pub use facts::{Facts, NameCounts};
pub use installation::Installation;
pub use machines::Machines;
pub use missed::Missed;
pub use moves::moves;
pub use observe::{Observed, observe};
pub use ours::{ours, ours_by_zone};
pub use past::{PAST_DAYS, Remembered, remembered, remembered_of};
pub use planned::Planned;
pub use request::Request;
pub use scene::Scene;
pub use served::{Delegation, Served};
pub use told::{AuditKey, Told};
pub use trouble::Trouble;
pub use unlogged::{by_mark, sets_of, unlogged};
pub use written::{Ended, Written};
