//! One machine, read by its id: what its answer means.

use serde_json::Value;

use super::answer::tags_of_machine;
use super::machine::TagState;
use crate::azure::answer::{Answered, Flaw};
use crate::azure::error::{Refusal, code_of_body};
use pure::domain::{MachineKind, ResourceId};

/// A version of the provider that has the machine: of that of Arc, or of that of everything else that computes.
pub(super) fn version(machine: &ResourceId) -> (&'static str, &'static str) {
    match MachineKind::of(machine) {
        Some(MachineKind::Arc) => ("api-version", "2022-03-10"),
        _ => ("api-version", "2023-03-01"),
    }
}

/// What an answer says of the machine that was asked for. One about anything else says nothing of it.
pub(super) fn state(reply: &Answered, machine: &ResourceId, tag: &str) -> Result<TagState, Flaw> {
    match reply.status {
        403 if is_forbidden(&reply.body) => Ok(TagState::Unreadable),
        403 => Err(Flaw::Refused),
        404 => not_found(&reply.body).ok_or(Flaw::Refused),
        _ => {
            let body: Value = reply.json()?;
            tags_of_machine(&body, machine, tag).map(TagState::Tagged).map_err(Flaw::from)
        }
    }
}

/// Whether a 403 is the service's own, about a right. A page comes from somebody on the way, and says nothing of the
/// machine.
fn is_forbidden(body: &[u8]) -> bool {
    Refusal::of(403, code_of_body(body).as_deref()) == Some(Refusal::NoRight)
}

/// What a 404 means. Only Resource Manager's own word that the machine or its group is gone ends a claim. What else it
/// says, as of a subscription, may as well be about something that this identity must not see; a page or an empty
/// answer comes from somebody else, and means nothing.
fn not_found(body: &[u8]) -> Option<TagState> {
    match code_of_body(body)?.as_str() {
        "ResourceNotFound" | "ResourceGroupNotFound" => Some(TagState::Gone),
        _ => Some(TagState::Unreadable),
    }
}
