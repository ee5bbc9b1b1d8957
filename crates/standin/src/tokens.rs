//! Which tokens were given out, and which of them are revoked.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::access;
use crate::clock::wall;

/// A token of the identity endpoint, with what stands beside it in the answer.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    pub(crate) token: String,
    /// Unix seconds.
    pub(crate) expires: i64,
    /// Unix seconds.
    pub(crate) not_before: i64,
    /// How often it is still handed out although it is revoked.
    repeats: u64,
}

impl Given {
    /// A new token.
    pub(crate) fn new(token: String, expires: i64, not_before: i64) -> Self {
        Self { token, expires, not_before, repeats: 0 }
    }
}

#[derive(Debug, Default)]
struct Ledger {
    /// The serial of the newest token.
    newest: u64,
    /// Up to which serial tokens of every audience are revoked.
    revoked: u64,
    /// Up to which serial those of one audience are.
    revoked_for: BTreeMap<String, u64>,
    /// The newest token of the identity endpoint for each audience and client.
    given: BTreeMap<(String, String), Given>,
}

impl Ledger {
    fn next(&mut self) -> u64 {
        let clock = u64::try_from(wall().as_nanosecond()).unwrap_or_default();
        self.newest = clock.max(self.newest + 1);
        self.newest
    }
}

/// All tokens, told apart by serials that only grow.
#[derive(Debug, Default)]
pub(crate) struct Tokens(Mutex<Ledger>);

impl Tokens {
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The serial of a new token. It follows the clock, so that tokens of an earlier process are older as well.
    pub(crate) fn serial(&self) -> u64 {
        self.ledger().next()
    }

    /// Whether the token of this serial and audience is revoked.
    pub(crate) fn is_revoked(&self, serial: u64, audience: &str) -> bool {
        let ledger = self.ledger();
        let own = ledger.revoked_for.get(&plain(audience)).copied().unwrap_or_default();
        serial <= ledger.revoked.max(own)
    }

    /// What the identity endpoint hands out: a revoked token that is to be repeated, else the one that is made.
    pub(crate) fn give(&self, audience: &str, client: &str, make: impl FnOnce() -> Given) -> Given {
        let key = (plain(audience), client.to_ascii_lowercase());
        let now = wall().as_second();
        let repeated = {
            let mut ledger = self.ledger();
            let old = ledger.given.get_mut(&key).filter(|old| old.repeats > 0 && old.expires > now);
            old.map(|old| {
                old.repeats -= 1;
                old.clone()
            })
        };
        repeated.unwrap_or_else(|| {
            let new = make();
            self.ledger().given.insert(key, new.clone());
            new
        })
    }

    /// Revokes the tokens issued so far: `{"audience": URI, "sticky": COUNT or true}`, both optional.
    ///
    /// # Errors
    /// The member that cannot be understood; nothing is revoked then.
    pub(crate) fn revoke(&self, body: &Value, base: &str) -> Result<(), String> {
        let members = body.as_object().ok_or("an object is wanted")?;
        let (mut audience, mut repeats) = (None, 0);
        for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
            match name.as_str() {
                "audience" => {
                    let text = value.as_str().filter(|text| access::is_audience(text, base));
                    let text = text.ok_or_else(|| {
                        format!("audience: the URI of a service is wanted, such as https://management.azure.com, not {value}")
                    })?;
                    audience = Some(plain(text));
                }
                "sticky" => {
                    let count =
                        value.as_u64().or_else(|| value.as_bool().map(|is| if is { u64::MAX } else { 0 }));
                    repeats = count
                        .ok_or_else(|| format!("sticky: a count or a boolean is wanted, not {value}"))?;
                }
                _ => return Err(format!("{name}: no such member is known")),
            }
        }
        let mut ledger = self.ledger();
        let newest = ledger.next();
        match &audience {
            None => ledger.revoked = newest,
            Some(audience) => {
                ledger.revoked_for.insert(audience.clone(), newest);
            }
        }
        let concerned = ledger
            .given
            .iter_mut()
            .filter(|((of, _), _)| audience.as_ref().is_none_or(|audience| audience == of));
        concerned.for_each(|(_, given)| given.repeats = repeats);
        Ok(())
    }
}

/// An audience as it is compared.
fn plain(audience: &str) -> String {
    audience.trim_end_matches('/').to_ascii_lowercase()
}
