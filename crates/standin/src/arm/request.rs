//! A call that is past the front door, where it points, and the refusals that any of them may get.

use std::sync::Arc;

use axum::http::Method;

use crate::access::Caller;
use crate::{Call, Reply, State};

/// A call that is past the front door.
pub(crate) struct Request<'c> {
    pub(crate) state: &'c Arc<State>,
    pub(crate) call: &'c Call,
    pub(crate) caller: Caller,
    /// The api-version as sent.
    pub(crate) version: String,
}

/// Where below `/subscriptions` a call points.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'s> {
    pub(crate) subscription: &'s str,
    /// The resource group; none for calls on the subscription.
    pub(crate) group: Option<&'s str>,
}

impl Scope<'_> {
    /// Whether a resource of this subscription and group lies in the scope.
    pub(crate) fn holds(&self, subscription: &str, group: &str) -> bool {
        subscription.eq_ignore_ascii_case(self.subscription)
            && self.group.is_none_or(|wanted| group.eq_ignore_ascii_case(wanted))
    }
}

/// The 404 for a path that means nothing.
pub(crate) fn nothing_here(call: &Call) -> Reply {
    Reply::wrapped(404, "NotFound", &format!("Nothing answers at '{}'.", call.path))
}

/// The 405 for a method that a resource does not know.
pub(crate) fn no_such_method(method: &Method) -> Reply {
    let message = format!("The requested resource does not support http method '{method}'.");
    Reply::wrapped(405, "HttpMethodNotSupported", &message)
}
