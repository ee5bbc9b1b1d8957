//! Subscriptions whose machines the caller may no longer see, as after a role was taken away.

use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};

use serde_json::{Value, json};

use crate::World;

/// In the list: every subscription.
const EVERY: &str = "*";

/// The hidden subscriptions, in lower case.
#[derive(Debug, Default)]
pub(crate) struct Hidden(RwLock<BTreeSet<String>>);

impl Hidden {
    /// Whether a subscription is hidden.
    pub(crate) fn hides(&self, subscription: &str) -> bool {
        let hidden = self.0.read().unwrap_or_else(PoisonError::into_inner);
        hidden.contains(EVERY) || hidden.contains(&subscription.to_ascii_lowercase())
    }

    /// The list in the form in which it was put.
    pub(crate) fn list(&self) -> Value {
        json!({ "subscriptions": *self.0.read().unwrap_or_else(PoisonError::into_inner) })
    }

    /// Replaces the list by `{"subscriptions": [id, …]}`; `*` stands for all.
    ///
    /// # Errors
    /// The place that is wrong; nothing is replaced then.
    pub(crate) fn replace(&self, world: &World, body: &Value) -> Result<(), String> {
        let members = body.as_object().ok_or("an object is wanted")?;
        if let Some(name) = members.keys().find(|name| *name != "subscriptions") {
            return Err(format!("{name}: no such member is known"));
        }
        let list = members.get("subscriptions").and_then(Value::as_array);
        let list = list.ok_or("subscriptions: an array is wanted")?;
        let read = |(place, value): (usize, &Value)| {
            let id = value.as_str().map(str::to_ascii_lowercase);
            id.filter(|id| id == EVERY || world.subscriptions.contains(id)).ok_or_else(|| {
                format!("subscriptions[{place}]: the id of a subscription of the world is wanted, or \"*\", not {value}")
            })
        };
        let read = list.iter().enumerate().map(read).collect::<Result<_, _>>()?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(())
    }

    /// Hides nothing any more.
    pub(crate) fn clear(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
