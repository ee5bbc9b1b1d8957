//! Deployments that are held, so that whoever tests a client decides how long they take.

use serde_json::{Value, json};
use tokio::sync::watch;

/// How far deployments may go: after so many resources they wait; none: to their end.
#[derive(Debug, Default)]
pub(crate) struct Held(watch::Sender<Option<usize>>);

impl Held {
    /// The hold in the form in which it is put.
    pub(crate) fn show(&self) -> Value {
        match *self.0.borrow() {
            Some(after) => json!({ "held": true, "after": after }),
            None => json!({ "held": false }),
        }
    }

    /// Replaces the hold by `{"held": true, "after": 1}`; without `after` nothing is written.
    ///
    /// # Errors
    /// The place that is wrong; nothing is replaced then.
    pub(crate) fn replace(&self, body: &Value) -> Result<(), String> {
        let members = body.as_object().ok_or("an object is wanted")?;
        if let Some(name) = members.keys().find(|name| !["held", "after"].contains(&name.as_str())) {
            return Err(format!("{name}: no such member is known"));
        }
        let held = members.get("held").and_then(Value::as_bool).ok_or("held: a boolean is wanted")?;
        let after = match members.get("after") {
            None => 0,
            Some(after) => {
                let after = after.as_u64().and_then(|after| usize::try_from(after).ok());
                after.ok_or("after: a number of resources is wanted")?
            }
        };
        self.0.send_replace(held.then_some(after));
        Ok(())
    }

    /// Waits until a deployment that has come so far may go on.
    pub(super) async fn pass(&self, done: usize) {
        let mut hold = self.0.subscribe();
        // The sender lives as long as the state.
        let _ = hold.wait_for(|hold| hold.is_none_or(|after| done < after)).await;
    }
}
