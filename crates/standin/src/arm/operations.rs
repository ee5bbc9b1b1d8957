//! Long-running operations: what is asked for is done at once, yet the first look says that it goes on
//! (contract azure-resource-manager, sections 1.6 and 11.1).

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use crate::access::encode;
use crate::world::guid;
use crate::{Call, Reply};

/// How many operations are remembered.
const KEPT: usize = 1000;
/// Characters of the certificate in the address, by which the whole has nearly 4 kB.
const CERTIFICATE: usize = 3300;
/// .NET's ticks at the beginning of Unix time.
const TICKS_AT_1970: i64 = 621_355_968_000_000_000;

/// The operations that were begun last.
#[derive(Debug)]
pub(crate) struct Operations {
    /// Seconds to wait between two looks.
    retry_after: u64,
    all: Mutex<VecDeque<Operation>>,
}

#[derive(Debug)]
struct Operation {
    /// The headers that lead to it, each with path and query.
    addresses: Vec<(&'static str, String)>,
    outcome: Outcome,
    was_looked_at: bool,
}

/// What an operation comes to.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// It was done, and this is what its `Location` answers in the end.
    Done(Reply),
    /// It was refused after it had been accepted: the error, with `code` and `message`.
    Refused(Value),
}

impl Outcome {
    /// What becomes of a refusal that is found only when the work is done.
    pub(crate) fn refused(refusal: &Reply) -> Self {
        let body: Value = serde_json::from_slice(&refusal.body).unwrap_or_default();
        Self::Refused(body.get("error").cloned().unwrap_or(body))
    }
}

/// How far an operation is.
pub(crate) enum Progress {
    /// It goes on: the 202 with the headers again, without a body.
    Running(Reply),
    /// It is over.
    Over(Outcome),
}

impl Progress {
    /// What the address of a state answers.
    pub(crate) fn state(self) -> Reply {
        match self {
            Self::Running(accepted) => accepted.with_json(&json!({ "status": "InProgress" })),
            Self::Over(Outcome::Done(_)) => Reply::json(200, &json!({ "status": "Succeeded" })),
            Self::Over(Outcome::Refused(error)) => {
                Reply::json(200, &json!({ "error": error, "status": "Failed" }))
            }
        }
    }

    /// What the address of a result answers.
    pub(crate) fn result(self) -> Reply {
        match self {
            Self::Running(accepted) => accepted,
            Self::Over(Outcome::Done(result)) => result,
            Self::Over(Outcome::Refused(error)) => Reply::json(412, &error),
        }
    }
}

impl Operations {
    /// None yet; callers are asked to wait so many seconds between two looks.
    pub(crate) fn new(retry_after: u64) -> Self {
        Self { retry_after, all: Mutex::default() }
    }

    /// Begins an operation that is found under each of the given headers, in the folder beside it.
    pub(crate) fn begin(
        &self,
        call: &Call,
        version: &str,
        folders: &[(&'static str, String)],
        outcome: Outcome,
    ) -> Reply {
        let (id, query) = (guid(), signed(version));
        let address = |(header, folder): &(&'static str, String)| (*header, format!("{folder}/{id}?{query}"));
        let addresses = folders.iter().map(address).collect();
        let operation = Operation { addresses, outcome, was_looked_at: false };
        let accepted = operation.accepted(call, self.retry_after);
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.push_back(operation);
        if all.len() > KEPT {
            all.pop_front();
        }
        accepted
    }

    /// Looks at an operation. Its address counts whole: one whose query was cut is not known.
    ///
    /// # Errors
    /// The 404 for an address that was never given.
    pub(crate) fn look(&self, call: &Call) -> Result<Progress, Reply> {
        let target = call.target();
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let leads_here = |operation: &&mut Operation| {
            operation.addresses.iter().any(|(_, address)| same_target(address, &target))
        };
        let operation = all.iter_mut().find(leads_here).ok_or_else(|| {
            Reply::wrapped(404, "NotFound", "The operation does not exist, or its address is not whole.")
        })?;
        if operation.was_looked_at {
            return Ok(Progress::Over(operation.outcome.clone()));
        }
        operation.was_looked_at = true;
        Ok(Progress::Running(operation.accepted(call, self.retry_after)))
    }
}

impl Operation {
    fn accepted(&self, call: &Call, retry_after: u64) -> Reply {
        let address = |reply: Reply, (header, target): &(&'static str, String)| {
            reply.with_header(header, format!("{}{target}", call.base))
        };
        self.addresses
            .iter()
            .fold(Reply::empty(202), address)
            .with_header("Retry-After", retry_after.to_string())
    }
}

/// Paths are compared without case, queries as they are.
fn same_target(one: &str, other: &str) -> bool {
    match (one.split_once('?'), other.split_once('?')) {
        (Some((path, query)), Some((other_path, other_query))) => {
            path.eq_ignore_ascii_case(other_path) && query == other_query
        }
        _ => false,
    }
}

/// The query of an address: time, certificate, signature and hash, none of which anybody can check here.
pub(super) fn signed(version: &str) -> String {
    let ticks = TICKS_AT_1970 + crate::clock::wall().as_microsecond() * 10;
    let text = |length: usize| -> String {
        let parts = std::iter::repeat_with(|| encode(guid().as_bytes()));
        parts.flat_map(|part| part.chars().collect::<Vec<_>>()).take(length).collect()
    };
    format!("api-version={version}&t={ticks}&c={}&s={}&h={}", text(CERTIFICATE), text(342), text(43))
}
