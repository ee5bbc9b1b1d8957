//! Which token of Entra a call over HTTP must bring beside the function's key.

use super::declared::{WEBHOOK_AUDIENCE, WEBHOOK_CALLER, WEBHOOK_ROLE, WEBHOOK_TENANT_ID};
use super::reader::{Reader, is_guid};

/// The app of Azure's action groups, in whose name a secure webhook is called (contract azure-monitor, section 8.2).
const ACTION_GROUPS: &str = "461e8683-5575-4561-ac7f-899cc907d62a";

/// The token that every call over HTTP must bring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// `WEBHOOK_TENANT_ID`: whose token it is, lower case.
    pub tenant_id: String,
    /// `WEBHOOK_AUDIENCE`: for whom it is, one of these; at least one.
    pub audiences: Vec<String>,
    /// `WEBHOOK_ROLE`: what the caller was assigned.
    pub role: String,
    /// `WEBHOOK_CALLER`: client ids of those that may call, lower case; at least one.
    pub callers: Vec<String>,
}

/// None when none of the four is set: a key is enough then.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<Webhook> {
    let all = [WEBHOOK_TENANT_ID, WEBHOOK_AUDIENCE, WEBHOOK_ROLE, WEBHOOK_CALLER];
    // Asked for one by one, so that each of them is known.
    if all.map(|setting| reader.text(setting).is_none()) == [true; 4] {
        return None;
    }
    let needed = "the others that begin with WEBHOOK_ are";
    let tenant_id = reader.needed(WEBHOOK_TENANT_ID, &format!("the tenant's id, since {needed} set"));
    if let Some(tenant_id) = tenant_id.filter(|tenant_id| !is_guid(tenant_id)) {
        let words = format!("is `{tenant_id}`; write the tenant's id, which is a GUID, not its domain");
        reader.fault(WEBHOOK_TENANT_ID.name, words);
    }
    let _ = reader.needed(
        WEBHOOK_AUDIENCE,
        &format!("the client id of the app registration, or its identifier URI, or both, since {needed} set"),
    );
    let audiences = reader.list(WEBHOOK_AUDIENCE, |member| {
        let is_plain = member.chars().all(|c| c.is_ascii_graphic());
        is_plain.then(|| member.to_owned()).ok_or_else(|| {
            format!("holds `{member}`; write a client id, or an identifier URI such as api://heartbeat-dns")
        })
    });
    let role = reader.needed(WEBHOOK_ROLE, &format!("the role of the app registration, since {needed} set"));
    let mut callers = reader.list(WEBHOOK_CALLER, |member| {
        if is_guid(member) {
            return Ok(member.to_ascii_lowercase());
        }
        Err(format!("holds `{member}`; write client ids of applications, which are GUIDs"))
    });
    if callers.is_empty() {
        callers.push(ACTION_GROUPS.to_owned());
    }
    Some(Webhook {
        tenant_id: tenant_id.unwrap_or_default().to_ascii_lowercase(),
        audiences,
        role: role.unwrap_or_default().to_owned(),
        callers,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Variables;
    use crate::config::reader::Findings;

    const TENANT: &str = "00000000-0000-0000-0000-00000000000A";

    fn of(given: &[(&str, &str)]) -> (Option<Webhook>, Vec<String>) {
        let variables: Variables = given.iter().copied().collect();
        let mut reader = Reader::new(&variables);
        let webhook = read(&mut reader);
        let Findings { faults, .. } = reader.into_findings();
        (webhook, faults.into_iter().map(|fault| fault.variable).collect())
    }

    #[test]
    fn three_are_needed_and_the_caller_is_the_action_groups_unless_another_is_named() {
        let three = [
            ("WEBHOOK_TENANT_ID", TENANT),
            ("WEBHOOK_AUDIENCE", "api://dns, 00000000-0000-0000-0000-00000000000b"),
            ("WEBHOOK_ROLE", "ActionGroupsSecureWebhook"),
        ];
        let (webhook, faults) = of(&three);
        assert_eq!(faults, Vec::<String>::new());
        let webhook = webhook.unwrap();
        assert_eq!(webhook.tenant_id, TENANT.to_lowercase());
        assert_eq!(webhook.audiences, ["api://dns", "00000000-0000-0000-0000-00000000000b"]);
        assert_eq!(
            (webhook.role.as_str(), webhook.callers),
            ("ActionGroupsSecureWebhook", vec![ACTION_GROUPS.to_owned()])
        );
        let (webhook, _) = of(&[&three[..], &[("WEBHOOK_CALLER", TENANT)]].concat());
        assert_eq!(webhook.unwrap().callers, [TENANT.to_lowercase()]);
        assert_eq!(of(&[]), (None, Vec::new()));
    }

    #[test]
    fn one_without_the_others_is_a_fault_of_each_that_is_missing() {
        let whole = ["WEBHOOK_TENANT_ID", "WEBHOOK_AUDIENCE", "WEBHOOK_ROLE"];
        for given in whole {
            let (_, faults) = of(&[(given, TENANT)]);
            let missing: Vec<_> = whole.into_iter().filter(|name| *name != given).collect();
            assert_eq!(faults, missing, "{given}");
        }
        assert_eq!(of(&[("WEBHOOK_CALLER", TENANT)]).1, whole);
    }

    #[test]
    fn a_domain_is_no_tenant_and_a_name_is_no_caller() {
        let (_, faults) = of(&[
            ("WEBHOOK_TENANT_ID", "example.com"),
            ("WEBHOOK_AUDIENCE", "a b"),
            ("WEBHOOK_ROLE", "Call"),
            ("WEBHOOK_CALLER", "action groups"),
        ]);
        assert_eq!(faults, ["WEBHOOK_TENANT_ID", "WEBHOOK_AUDIENCE", "WEBHOOK_CALLER"]);
    }
}
