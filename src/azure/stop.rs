//! Why a try was ended on our side: facts that travel through the SDK's errors and are found again at their end.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use azure_core::error::ErrorKind;

/// An end that we made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The run's deadline came before the answer.
    Deadline,
    /// No answer within the time of one try.
    TimedOut(Duration),
    /// The answer has more octets than are believed, unpacked.
    TooLarge(usize),
    /// No token came in time.
    NoTokenInTime,
    /// Whoever gives tokens refused who we are, in these words.
    IdentityRefused(String),
    /// The token is not for that place; why not.
    HostRefused(String),
}

impl Stop {
    /// The fact below an error of the SDK, if one is there.
    pub(super) fn below<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Self> {
        let mut cause = Some(error);
        while let Some(below) = cause {
            if let Some(stop) = below.downcast_ref::<Self>() {
                return Some(stop);
            }
            cause = below.source();
        }
        None
    }

    /// The fact as the SDK's error.
    pub(super) fn into_error(self) -> azure_core::Error {
        let kind = match self {
            Self::Deadline | Self::TimedOut(_) | Self::TooLarge(_) => ErrorKind::Io,
            Self::NoTokenInTime | Self::IdentityRefused(_) | Self::HostRefused(_) => ErrorKind::Credential,
        };
        azure_core::Error::new(kind, self)
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deadline => f.write_str("the time of this run was over before an answer came"),
            Self::TimedOut(each) => write!(f, "no answer within {} s", each.as_secs()),
            Self::TooLarge(limit) => {
                write!(
                    f,
                    "the answer has more than {} MB, and no true one is so large",
                    limit / (1024 * 1024)
                )
            }
            Self::NoTokenInTime => f.write_str("no token was given in time"),
            Self::IdentityRefused(why) | Self::HostRefused(why) => f.write_str(why),
        }
    }
}

impl StdError for Stop {}
