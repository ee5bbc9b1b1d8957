//! What kind of failure a call met: our own words, which are none of a service's codes.

/// How a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The service answered, and refused; its code says why.
    Refused,
    /// The service asks to be left alone for a while (429).
    Throttled,
    /// The service, or a gateway before it, is out of order for now (408, 5xx).
    Unavailable,
    /// No answer within the time of a try.
    TimedOut,
    /// The connection broke before the answer was whole.
    Lost,
    /// There is no connection; nothing was sent.
    NotConnected,
    /// No token was given.
    NoToken,
    /// No token was given, because whoever gives them refused who we are.
    NoIdentity,
    /// Our token does not go to that host.
    HostRefused,
    /// It could not be sent at all.
    NotSent,
    /// The deadline of the run had passed before the call, or passed before its answer.
    Deadline,
    /// The zone's own write quota leaves no room before the deadline.
    NoQuota,
    /// Somebody stopped the run before it was sent.
    Stopped,
    /// The service has asked that the zone be left alone beyond the deadline.
    ZoneWaits,
    /// The answer is larger than any that is believed.
    TooLarge,
    /// The answer cannot be read.
    Unreadable,
    /// An answer of success, but not the one that means acceptance.
    NotAccepted,
    /// A list that is not whole.
    Incomplete,
    /// A list that changed while it was read.
    Changed,
    /// A link to the next page that must not be followed.
    BadLink,
    /// The record set was read without an entity tag, so no write to it can be conditional.
    NoEtag,
    /// An alias or an empty set, which is never written.
    NotWritable,
    /// A row that no call can carry.
    BadRow,
    /// No client could be built.
    NoClient,
}

impl Kind {
    /// The word in rows and metrics; it never changes.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Throttled => "throttled",
            Self::Unavailable => "unavailable",
            Self::TimedOut => "timed-out",
            Self::Lost => "connection-lost",
            Self::NotConnected => "no-connection",
            Self::NoToken => "no-token",
            Self::NoIdentity => "no-identity",
            Self::HostRefused => "host-refused",
            Self::NotSent => "not-sent",
            Self::Deadline => "deadline",
            Self::NoQuota => "no-quota",
            Self::Stopped => "stopped",
            Self::ZoneWaits => "zone-waits",
            Self::TooLarge => "too-large",
            Self::Unreadable => "unreadable-answer",
            Self::NotAccepted => "not-accepted",
            Self::Incomplete => "incomplete",
            Self::Changed => "changed-meanwhile",
            Self::BadLink => "bad-link",
            Self::NoEtag => "no-etag",
            Self::NotWritable => "not-writable",
            Self::BadRow => "bad-row",
            Self::NoClient => "no-client",
        }
    }

    /// What to say to people outside, who are not told hosts and causes; empty where the answer says it all.
    pub(super) fn sentence(self) -> &'static str {
        match self {
            Self::TimedOut => "no answer in time",
            Self::Lost => "the connection broke before the answer was whole",
            Self::NotConnected => "no connection",
            Self::NoToken => "no token was given",
            Self::NoIdentity => {
                "no token was given: the identity was refused; check that it is assigned, and AZURE_CLIENT_ID"
            }
            Self::HostRefused => "the token does not go to that host",
            Self::NotSent => "the request could not be sent",
            Self::Unreadable => "the answer cannot be read",
            _ => "",
        }
    }

    /// The kind of an answer with this status.
    pub(super) fn of_status(status: u16) -> Self {
        match status {
            429 => Self::Throttled,
            status if is_transient(status) => Self::Unavailable,
            _ => Self::Refused,
        }
    }

    /// Whether the same call may well succeed a little later, without anybody changing anything.
    pub(crate) fn is_transient(self) -> bool {
        match self {
            Self::Throttled
            | Self::Unavailable
            | Self::TimedOut
            | Self::Lost
            | Self::NotConnected
            | Self::Unreadable => true,
            _ => self.is_deferred(),
        }
    }

    /// Whether nothing was tried, because it was not the time for it.
    pub(crate) fn is_deferred(self) -> bool {
        matches!(self, Self::Deadline | Self::NoQuota | Self::Stopped | Self::ZoneWaits)
    }
}

/// Statuses that pass by themselves (contract azure-sdk-for-rust, section 4).
fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
}
