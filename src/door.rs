//! Who may call over HTTP. The Functions host has asked for the function's key; where `WEBHOOK_TENANT_ID` is set, a token of Entra
//! is asked for here beside it. Whoever is turned away has cost Azure nothing but, at most, the question for the tenant's keys.

mod keyring;
mod seldom;
mod token;
mod verifier;

use std::fmt;

use crate::azure::TokenIssuer;
use crate::clock;
use crate::config::{Secret, Settings, Webhook};
use keyring::{Keyring, NoKey};
use seldom::Seldom;
use token::{TokenFault, Unproved};

/// Who may call.
#[derive(Debug, Default)]
pub(crate) struct Door {
    /// What is asked for beside the key; none: nothing.
    bolt: Option<Bolt>,
}

/// What it takes to know a token that opens.
#[derive(Debug)]
struct Bolt {
    wanted: Webhook,
    issuer: TokenIssuer,
    keys: Keyring,
    told: Seldom,
}

/// Why a call is turned away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TurnedAway {
    /// Its token is not one that opens, in words.
    Refused(String),
    /// Nobody told with which keys the tenant signs, in words.
    Unknown(String),
}

impl From<TokenFault> for TurnedAway {
    fn from(fault: TokenFault) -> Self {
        Self::Refused(fault.to_string())
    }
}

impl fmt::Display for TurnedAway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(why) => f.write_str(why),
            Self::Unknown(why) => write!(f, "the keys that sign tokens are not to be had: {why}"),
        }
    }
}

impl Door {
    /// The door that these settings want. Nothing is asked yet.
    pub(crate) fn of(settings: &Settings) -> Self {
        let bolt = settings.webhook.clone().map(|wanted| {
            let issuer = TokenIssuer::new(&settings.connect, &wanted.tenant_id);
            Bolt { wanted, issuer, keys: Keyring::default(), told: Seldom::default() }
        });
        Self { bolt }
    }

    /// Whether a token is asked for.
    pub(crate) fn is_guarded(&self) -> bool {
        self.bolt.is_some()
    }

    /// Lets a call in by its headers `Authorization`.
    ///
    /// # Errors
    /// Why it is turned away; the log knows, once a minute.
    pub(crate) async fn admit(&self, authorization: &[Secret]) -> Result<(), TurnedAway> {
        let Some(bolt) = &self.bolt else { return Ok(()) };
        bolt.try_token(authorization).await.inspect_err(|why| {
            if let Some(untold) = bolt.told.now() {
                tracing::warn!("a call was turned away: {why}{}", more(untold));
            }
        })
    }
}

/// How many others a line stands for.
fn more(untold: u64) -> String {
    if untold > 0 { format!(" ({untold} more since the line before)") } else { String::new() }
}

impl Bolt {
    async fn try_token(&self, authorization: &[Secret]) -> Result<(), TurnedAway> {
        let unproved = Unproved::of(authorization)?;
        let key = self.keys.find(&unproved.key_id, self.issuer.ask()).await.map_err(|none| match none {
            NoKey::Unknown => TokenFault::UnknownKey.into(),
            NoKey::Unavailable(why) => TurnedAway::Unknown(why),
        })?;
        let now = clock::wall().as_second();
        Ok(token::judge(&unproved, &key, &self.wanted, &self.issuer.names, now)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_how_many_it_stands_for() {
        assert_eq!((more(0).as_str(), more(7).as_str()), ("", " (7 more since the line before)"));
    }
}
