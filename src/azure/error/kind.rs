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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::redact::Secrets;
    use crate::azure::{Certainty, Error};
    use pure::domain::Service;

    /// Whether a call is tried again, and whether it was put off, hang on this.
    #[test]
    fn each_kind_has_its_word_and_passes_or_stays() {
        use Kind as K;
        let passes = [
            (K::Throttled, "throttled"),
            (K::Unavailable, "unavailable"),
            (K::TimedOut, "timed-out"),
            (K::Lost, "connection-lost"),
            (K::NotConnected, "no-connection"),
            (K::Unreadable, "unreadable-answer"),
        ];
        let put_off = [
            (K::Deadline, "deadline"),
            (K::NoQuota, "no-quota"),
            (K::Stopped, "stopped"),
            (K::ZoneWaits, "zone-waits"),
        ];
        let stays = [
            (K::Refused, "refused"),
            (K::NoToken, "no-token"),
            (K::NoIdentity, "no-identity"),
            (K::HostRefused, "host-refused"),
            (K::NotSent, "not-sent"),
            (K::TooLarge, "too-large"),
            (K::NotAccepted, "not-accepted"),
            (K::Incomplete, "incomplete"),
            (K::Changed, "changed-meanwhile"),
            (K::BadLink, "bad-link"),
            (K::NoEtag, "no-etag"),
            (K::NotWritable, "not-writable"),
            (K::BadRow, "bad-row"),
            (K::NoClient, "no-client"),
        ];
        let all = passes.map(|of| (of, true, false)).into_iter();
        let all = all.chain(put_off.map(|of| (of, true, true))).chain(stays.map(|of| (of, false, false)));
        for ((kind, word), is_transient, is_deferred) in all {
            assert_eq!(
                (kind.as_str(), kind.is_transient(), kind.is_deferred()),
                (word, is_transient, is_deferred)
            );
        }
    }

    #[test]
    fn a_status_passes_by_itself_or_refuses_now_or_for_good() {
        for (status, kind, is_refused) in [
            (400, Kind::Refused, true),
            (401, Kind::Refused, true),
            (403, Kind::Refused, true),
            (404, Kind::Refused, true),
            (408, Kind::Unavailable, false),
            (409, Kind::Refused, false),
            (412, Kind::Refused, true),
            // A batch that is too large is sent in halves.
            (413, Kind::Refused, false),
            (429, Kind::Throttled, false),
            (500, Kind::Unavailable, false),
            (501, Kind::Refused, false),
            (502, Kind::Unavailable, false),
            (503, Kind::Unavailable, false),
            (504, Kind::Unavailable, false),
        ] {
            let error = Error::answered(Service::LogsIngest, "x", status, None, b"", &Secrets::default());
            assert_eq!((error.kind(), error.is_refused()), (kind, is_refused), "{status}");
            assert_eq!(
                (error.is_precondition(), error.is_pending()),
                (status == 412, status == 409),
                "{status}"
            );
            assert_eq!(error.certainty, Certainty::Answered);
        }
        let lost = Error::new(Service::LogsIngest, Kind::Lost, "x", "");
        assert!(!lost.is_refused() && !lost.is_precondition() && !lost.is_pending());
    }
}
