//! Refusals that no patience ends, and who can lift them.

use pure::domain::{ResourceId, Service, ZoneId, ZoneKind};

/// Why a service refuses for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// A lock stands on the resource or above it.
    Locked,
    /// The subscription is read-only or disabled.
    SubscriptionDisabled,
    /// An Azure policy forbids it.
    Policy,
    /// This identity has not the right.
    NoRight,
    /// The service takes no such request, however often it is sent.
    BadRequest,
}

/// Codes of a 409 that says that another operation is under way (contract azure-resource-manager, sections 1.4, 2.6).
const PENDING: [&str; 5] = [
    "Conflict",
    "AnotherOperationInProgress",
    "OperationInProgress",
    "PendingOperation",
    "RetryableErrorDueToAnotherOperation",
];

/// Codes of an answer that refuses the token and says nothing of rights; the Logs Query API sends them with 403 (contract
/// azure-monitor, section 4.4).
const OF_THE_TOKEN: [&str; 4] = [
    "InvalidAuthenticationToken",
    "InvalidAuthenticationTokenAudience",
    "InvalidTokenError",
    "ExpiredAuthenticationToken",
];

/// Whether an answer refuses the token, whatever its owner may do: another token may be taken.
pub(crate) fn refuses_token(status: u16, code: Option<&str>) -> bool {
    status == 401 || status == 403 && code.is_some_and(|code| OF_THE_TOKEN.contains(&code))
}

impl Refusal {
    /// The refusal that an answer is, if it is one. A code that is not known is one beside 400 and 403 alone; a 403
    /// without any code is that of somebody on the way, who may change his mind.
    pub(crate) fn of(status: u16, code: Option<&str>) -> Option<Self> {
        match (status, code?) {
            (status, code) if refuses_token(status, Some(code)) => None,
            (403 | 409, "ScopeLocked") => Some(Self::Locked),
            (403 | 409, "ReadOnlyDisabledSubscription" | "DisabledSubscription" | "SubscriptionDisabled") => {
                Some(Self::SubscriptionDisabled)
            }
            (403 | 409, "RequestDisallowedByPolicy" | "RequestDisallowedByAzure") => Some(Self::Policy),
            (403, _) => Some(Self::NoRight),
            (400, _) => Some(Self::BadRequest),
            _ => None,
        }
    }

    /// The refusal that the log remembers by its code alone: of what else ended so, nobody knows whether it lasts.
    pub(crate) fn of_code(code: &str) -> Option<Self> {
        match code {
            "AuthorizationFailed" | "LinkedAuthorizationFailed" => Some(Self::NoRight),
            code => Self::of(409, Some(code)),
        }
    }

    /// Who can lift the refusal of a write to a zone by this service, and how; a fragment without a full stop.
    pub(crate) fn next_step(self, service: Service, zone: &ZoneId) -> String {
        self.remedy(service, Some(zone.resource_id()), None)
    }

    /// Whether a 409 with this code passes by itself. One that does not say why is taken for one that does.
    pub(super) fn is_pending(code: Option<&str>) -> bool {
        code.is_none_or(|code| PENDING.contains(&code))
    }

    /// Who can lift it and how, for people; a fragment without a full stop, empty where the service's words say it.
    pub(super) fn remedy(self, service: Service, about: Option<&ResourceId>, wanted: Option<&str>) -> String {
        let group = about.map(ResourceId::resource_group);
        let of_group = |otherwise: &str| group.map_or_else(|| otherwise.to_owned(), str::to_owned);
        let option = group.map(|group| format!(" --resource-group {group}")).unwrap_or_default();
        match self {
            Self::Locked => format!(
                "a lock stands on it or above it; who may lift it: Owner of {}: az lock list{option}, then az lock delete --ids with its id",
                of_group("the resource group")
            ),
            Self::SubscriptionDisabled => {
                let subscription = about.map(|id| format!(" {}", id.subscription())).unwrap_or_default();
                format!(
                    "the subscription{subscription} is disabled or read-only; who may lift it: its account administrator, who enables it again in the portal"
                )
            }
            Self::Policy => format!(
                "a policy of the organisation forbids it; who may lift it: Resource Policy Contributor of {}, by an exemption: az policy assignment list{option}",
                of_group("the subscription")
            ),
            Self::NoRight => wanted.map_or_else(|| right(service, about), str::to_owned),
            Self::BadRequest if service == Service::DnsWrite => {
                "Azure DNS takes no such record set; change the name in the tag, or what stands beside it in the zone"
                    .to_owned()
            }
            Self::BadRequest => String::new(),
        }
    }
}

/// Whether the group's history of deployments is full (409): nobody can deploy there until somebody makes room.
pub(super) fn is_history_full(status: Option<u16>, code: Option<&str>) -> bool {
    status == Some(409) && code == Some("DeploymentQuotaExceeded")
}

/// How a history of deployments that is full gets room.
pub(super) fn room_in_history(about: Option<&ResourceId>) -> String {
    let group = about.map_or("GROUP", ResourceId::resource_group);
    format!(
        "Azure removes old ones by itself once somebody deploys there who may delete them, unless a lock stands on the resource \
         group: az lock list --resource-group {group}; or delete some: az deployment group delete --resource-group {group} --name NAME"
    )
}

/// The settings that name a service's host.
pub(super) fn decides_the_host(service: Service) -> &'static str {
    match service {
        Service::LogsQuery => "LOGS_QUERY_ENDPOINT, else AZURE_CLOUD,",
        Service::LogsIngest => "LOGS_INGESTION_ENDPOINT",
        Service::ResourceGraph | Service::DnsRead | Service::DnsWrite | Service::Deployments => {
            "ARM_ENDPOINT, else AZURE_CLOUD,"
        }
        Service::Token => "AZURE_AUTHORITY_HOST, else AZURE_CLOUD,",
    }
}

/// The right that a service wants, at what a call was about.
pub(super) fn right(service: Service, about: Option<&ResourceId>) -> String {
    let words = match service {
        Service::LogsIngest => {
            "give this identity the role Monitoring Metrics Publisher on the data collection rule; a new assignment takes up to 30 minutes"
        }
        Service::LogsQuery => {
            "give this identity the role Log Analytics Reader on the workspaces of LOGS_WORKSPACE_IDS"
        }
        Service::DnsRead | Service::DnsWrite => {
            return format!("give this identity the role {} on the zone", kind_of(about).contributor());
        }
        Service::Deployments => {
            "give this identity the role of infra/roles/deployments.json on the resource group of the zone, as APPLY_VIA=deployment needs it"
        }
        Service::ResourceGraph => {
            "give this identity the role Reader on the subscriptions or resource groups of the machines"
        }
        Service::Token => "",
    };
    words.to_owned()
}

/// What to correct where a zone is not where the settings say.
pub(super) fn no_zone(about: Option<&ResourceId>) -> String {
    format!("check {}: the zone is not in that resource group", kind_of(about).setting())
}

/// The kind of the zone that a call was about; of what is none of a zone, public.
fn kind_of(about: Option<&ResourceId>) -> ZoneKind {
    let zone = about.and_then(|id| ZoneId::parse(id.as_str()).ok());
    zone.map_or(ZoneKind::Public, |zone| zone.kind())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_patience_ends_is_told_from_what_passes() {
        for (status, code, refusal) in [
            (409, Some("ScopeLocked"), Some(Refusal::Locked)),
            (403, Some("ScopeLocked"), Some(Refusal::Locked)),
            (409, Some("ReadOnlyDisabledSubscription"), Some(Refusal::SubscriptionDisabled)),
            (403, Some("RequestDisallowedByPolicy"), Some(Refusal::Policy)),
            (403, Some("AuthorizationFailed"), Some(Refusal::NoRight)),
            (403, Some("LinkedAuthorizationFailed"), Some(Refusal::NoRight)),
            (400, Some("BadRequest"), Some(Refusal::BadRequest)),
            (403, None, None),
            (403, Some("InvalidAuthenticationToken"), None),
            (403, Some("InvalidAuthenticationTokenAudience"), None),
            (403, Some("InvalidTokenError"), None),
            (403, Some("ExpiredAuthenticationToken"), None),
            (409, Some("DisabledSubscription"), Some(Refusal::SubscriptionDisabled)),
            (403, Some("SubscriptionDisabled"), Some(Refusal::SubscriptionDisabled)),
            (409, Some("RequestDisallowedByAzure"), Some(Refusal::Policy)),
            (409, Some("RequestDisallowedByPolicy"), Some(Refusal::Policy)),
            (404, Some("NotFound"), None),
            (400, None, None),
            (401, Some("AuthorizationFailed"), None),
            (403, Some("InsufficientAccessError"), Some(Refusal::NoRight)),
            (409, Some("Conflict"), None),
            (412, Some("PreconditionFailed"), None),
            (503, Some("ScopeLocked"), None),
        ] {
            assert_eq!(Refusal::of(status, code), refusal, "{status} {code:?}");
        }
        assert!(Refusal::is_pending(Some("Conflict")) && Refusal::is_pending(None));
        for code in PENDING {
            assert!(Refusal::is_pending(Some(code)), "{code}");
        }
        for code in ["AnotherOperationInProgress", "OperationInProgress", "PendingOperation"] {
            assert!(Refusal::is_pending(Some(code)), "{code}");
        }
        assert!(!Refusal::is_pending(Some("ScopeLocked")) && !Refusal::is_pending(Some("Unheard")));
    }

    #[test]
    fn a_remedy_names_who_and_how() {
        let zone = ResourceId::parse(
            "/subscriptions/s/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/example.com",
        )
        .unwrap();
        let words = Refusal::Locked.remedy(Service::DnsWrite, Some(&zone), None);
        assert!(words.contains("Owner of rg-dns"), "{words}");
        assert!(words.contains("az lock list --resource-group rg-dns, then az lock delete --ids"), "{words}");
        for refusal in [Refusal::SubscriptionDisabled, Refusal::Policy] {
            let words = refusal.remedy(Service::DnsWrite, None, None);
            assert!(words.contains("who may lift it: "), "{words}");
        }
    }
}
