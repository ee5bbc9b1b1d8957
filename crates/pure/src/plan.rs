//! The decision: a pure function from what was seen to changes, skips and brakes.

mod adopt;
mod again;
pub mod approval;
mod approve;
mod because;
pub mod blindness;
pub mod brake;
pub mod brake_kind;
pub mod case;
pub mod cause;
pub mod change;
mod claim;
mod contest;
mod court;
mod decide;
mod decision;
pub mod explanation;
mod grant;
mod hold;
pub mod marked;
mod motive;
mod name_pattern;
mod narrow;
pub mod need;
mod notes;
pub mod order;
mod ordered;
pub mod orphan;
mod our_set;
mod ownership;
mod past_change;
pub mod policy;
pub mod reason;
mod release;
pub mod report;
mod reserved;
mod review;
mod right;
mod rollback;
pub mod rules;
pub mod said;
pub mod skip;
pub mod standing;
pub mod subject;
mod tag_name;
mod trace;
mod vanished;
pub mod why;
pub(crate) mod words;

pub use adopt::adopt;
pub use again::{Again, Docket};
pub use approval::{Approval, Approved, Lifted, Met};
pub use approve::digest as brake_digest;
pub use blindness::Blindness;
pub use brake_kind::{About, Brake, BrakeKind, Opens};
pub use case::{
    Asked, AuditedBrake, AuditedReason, BrakeState, Case, History, OwedAudit, Refusal, ZoneHistory,
};
pub use cause::{AdoptedBy, Beats, Cause, Released, Undone};
pub use change::{Action, After, Change};
pub use decide::plan;
pub use decision::Plan;
pub use explanation::{Explanation, explain};
pub use grant::{
    Adopt, Ancestors, Claimant, Cover, Extent, Filling, Fit, FormFault, Grant, Granted, Grants, NameForm,
    Names, Particulars, Placeholder, Scope, ScopeFault, Term, Terms, Traits, Unfilled, Unknown, Whence,
};
pub use marked::{ClaimPast, LastWrite, Marked, Orphans};
pub use motive::Motive;
pub use name_pattern::NamePattern;
pub use need::{Answer, Evidence, EvidenceRequest, Known, Live, Needs, Read};
pub use order::{ByHand, Leaves, LetGo, Point, Release, Rollback};
pub use ordered::ordered;
pub use past_change::PastChange;
pub use policy::{Offer, Placed, Policy, Proposal};
pub use reason::Reason;
pub use report::Report;
pub use review::{Idle, RefusedClaim, Review, ReviewedClaim, Unnamed, allowed};
pub use right::{Right, right};
pub use skip::Skip;
pub use tag_name::TagName;
pub use trace::Trace;
pub use vanished::lacks_too_many;
pub use why::Why;
pub use words::span;
