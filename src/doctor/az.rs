//! The commands that mend things, with the ids that are known, and with a question or a word in capitals in their place
//! where they are not. All of them work in a fresh installation of `az`: none needs an extension.

mod alert;
mod deployments;
pub mod name;

use crate::azure::{RULE_VERSION, all_rules, rule_by};
use pure::domain::{ResourceId, ZoneId, ZoneKind};

pub(super) use alert::{Drift, call_again, first_row, remove, set};
pub(super) use deployments::deployments;
use pure::shown::shell_word;

/// Assigns a role at a scope, which is a word of a shell already.
pub(super) fn assign(role: &str, assignee: &str, scope: &str) -> String {
    format!("az role assignment create {assignee} --role \"{role}\" --scope {scope}")
}

/// A subscription or a group of it, as a scope.
pub(super) fn scope(subscription: &str, group: Option<&str>) -> String {
    shell_word(&match group {
        Some(group) => format!("/subscriptions/{subscription}/resourceGroups/{group}"),
        None => format!("/subscriptions/{subscription}"),
    })
}

/// The data collection rule: its id, else the question for it.
pub(super) fn rule(known: Option<&str>, immutable_id: &str) -> String {
    known.map_or_else(|| rule_by(immutable_id), shell_word)
}

/// All rules, with what the settings call them.
pub(super) fn rules() -> String {
    format!(
        "{} --query \"value[].{{id:id, LOGS_DCR_RULE_ID:properties.immutableId, LOGS_INGESTION_ENDPOINT:properties.endpoints.logsIngestion}}\" --output table",
        all_rules()
    )
}

/// Leads the streams of a data collection rule to their tables.
pub(super) fn flows(rule: &str, destinations: &str, flows: &str) -> String {
    format!(
        "az resource update --ids {} --api-version {RULE_VERSION} --set {} {}",
        shell_word(rule),
        shell_word(&format!("properties.destinations.logAnalytics={destinations}")),
        shell_word(&format!("properties.dataFlows={flows}"))
    )
}

/// The workspace: its id, else the question for it.
pub(super) fn workspace(known: Option<&str>, customer_id: &str) -> String {
    known.map_or_else(|| of_workspace(customer_id, "id"), shell_word)
}

/// A question for something of the workspace.
fn of_workspace(customer_id: &str, what: &str) -> String {
    format!(
        "\"$(az monitor log-analytics workspace list --query \"[?customerId=='{customer_id}'].{what}\" --output tsv)\""
    )
}

/// Adds columns to a table of the workspace.
pub(super) fn columns(
    known: Option<&str>,
    customer_id: &str,
    table: &str,
    columns: &[(String, String)],
) -> String {
    let columns: Vec<String> = columns.iter().map(|(name, kind)| format!("{name}={kind}")).collect();
    let columns = columns.join(" ");
    let (group, name) = match known.and_then(|id| ResourceId::parse(id).ok()) {
        Some(id) => (shell_word(id.resource_group()), shell_word(id.name())),
        None => (of_workspace(customer_id, "resourceGroup"), of_workspace(customer_id, "name")),
    };
    format!(
        "az monitor log-analytics workspace table update --resource-group {group} --workspace-name {name} --name {table} --columns {columns}"
    )
}

/// Makes the tables and the data collection rule as this release wants them: the script keeps what it is not told, which
/// the template alone does not.
pub(super) fn deploy(known: Option<&str>) -> String {
    let id = known.and_then(|id| ResourceId::parse(id).ok());
    let (subscription, group) = id.map_or_else(
        || ("SUBSCRIPTION_ID".to_owned(), "GROUP".to_owned()),
        |id| (shell_word(id.subscription()), shell_word(id.resource_group())),
    );
    format!("AZURE_SUBSCRIPTION_ID={subscription} RESOURCE_GROUP={group} BUILD=1 infra/deploy.sh")
}

/// All workspaces, with what the settings call them.
pub(super) const WORKSPACES: &str = "az monitor log-analytics workspace list --query \"[].{WORKSPACE_ID:id, LOGS_WORKSPACE_IDS:customerId, REGION:location}\" --output table";

/// All function apps, by the words that stand for them in commands.
pub const APPS: &str =
    "az functionapp list --query \"[].{APP:name, GROUP:resourceGroup, APP_ID:id}\" --output table";

/// All identities, by the word that stands for them in commands.
pub(super) const IDENTITIES: &str =
    "az identity list --query \"[].{name:name, IDENTITY_ID:id}\" --output table";

/// The identities of a function app.
pub(super) fn identity_of_app(app: &ResourceId) -> String {
    format!(
        "az functionapp identity show --resource-group {} --name {} --query \"keys(userAssignedIdentities)\" --output tsv",
        shell_word(app.resource_group()),
        shell_word(app.name())
    )
}

/// All zones of a kind, as the settings name them.
#[must_use]
pub fn zones(kind: ZoneKind) -> &'static str {
    match kind {
        ZoneKind::Public => "az network dns zone list --query \"[].id\" --output tsv",
        ZoneKind::Private => "az network private-dns zone list --query \"[].id\" --output tsv",
    }
}

/// The links of a private zone, and how far each is.
pub(super) fn links(zone: &ZoneId) -> String {
    let (group, name) =
        (shell_word(zone.resource_id().resource_group()), shell_word(zone.zone_name().as_str()));
    format!(
        "az network private-dns link vnet list --resource-group {group} --zone-name {name} --output table"
    )
}

/// The locks that stand at a zone or above it in its group, or are unknown; then their removal.
#[must_use]
pub fn unlock(zone: &ZoneId, locks: &[String]) -> Vec<String> {
    if !locks.is_empty() {
        return vec![format!(
            "az lock delete --ids {}",
            locks.iter().map(|id| shell_word(id)).collect::<Vec<_>>().join(" ")
        )];
    }
    let group = shell_word(zone.resource_id().resource_group());
    vec![
        format!("az lock list --resource-group {group} --query \"[].id\" --output tsv"),
        "az lock delete --ids LOCK_ID".to_owned(),
    ]
}

/// What the parent of a zone has to name.
pub(super) fn name_servers(zone: &ZoneId) -> String {
    format!("az network dns zone show --ids {} --query nameServers --output tsv", shell_word(zone.as_str()))
}

/// Switches an action group on.
pub(super) fn enable_group(group: &ResourceId) -> String {
    format!("az monitor action-group update --ids {} --set enabled=true", shell_word(group.as_str()))
}

/// Lets the function app be the identity with this client id; none: one of its own.
pub(super) fn be_identity(client_id: Option<&str>) -> String {
    let identity = client_id.map_or_else(|| "[system]".to_owned(), |id| of_identity(id, "id"));
    format!("az functionapp identity assign --resource-group GROUP --name APP --identities {identity}")
}

/// A question for something of an identity.
fn of_identity(client_id: &str, what: &str) -> String {
    format!("\"$(az identity list --query \"[?clientId=='{client_id}'].{what}\" --output tsv)\"")
}

/// Logs a person in.
pub(super) fn login(tenant: Option<&str>) -> String {
    tenant.map_or_else(|| "az login".to_owned(), |tenant| format!("az login --tenant {}", shell_word(tenant)))
}

/// Forgets every login, and the tokens that were given out for it.
pub(super) const LOGOUT: &str = "az logout";

/// Logs a person in with azd, which keeps logins of its own.
pub(super) const AZD_LOGIN: &str = "azd auth login";

/// Forgets that login.
pub(super) const AZD_LOGOUT: &str = "azd auth logout";

/// Lets the function app begin anew, with no token of before.
pub(super) const RESTART: &str = "az functionapp restart --resource-group GROUP --name APP";

/// Whether an application or an identity may log in at all.
pub(super) fn is_enabled(client_id: &str) -> String {
    format!("az ad sp show --id {} --query accountEnabled --output tsv", shell_word(client_id))
}

/// Gives an application another secret.
pub(super) fn another_secret(client_id: &str) -> String {
    format!("az ad app credential reset --id {}", shell_word(client_id))
}

/// Whose tokens an identity believes.
pub(super) fn believed(client_id: &str) -> String {
    format!(
        "az identity federated-credential list --resource-group {} --identity-name {}",
        of_identity(client_id, "resourceGroup"),
        of_identity(client_id, "name")
    )
}

/// How the keys of the function are seen; what stands for its app [`APPS`] prints.
pub const KEYS: &str =
    "az functionapp function keys list --resource-group GROUP --name APP --function-name function-remediate";

/// How a token for the function is got; CLIENT_ID is that of its app registration (docs/webhook-token.md).
pub const FUNCTION_TOKEN: &str =
    "az account get-access-token --scope api://CLIENT_ID/.default --query accessToken --output tsv";

/// The hosts of all function apps, by the word that stands for them in addresses.
pub const HOSTS: &str =
    "az functionapp list --query \"[].{APP:name, GROUP:resourceGroup, HOST:defaultHostName}\" --output table";

/// What a renewed key has to be told to: the group that calls with it.
#[must_use]
pub fn tell_the_key() -> String {
    call_again(None, "function-remediate", None, "https://APP.azurewebsites.net/api/remediate")
}

#[cfg(test)]
mod read_by_az;
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_is_not_known_is_asked_for_in_the_same_line() {
        assert_eq!(rule(Some("/r"), "dcr-1"), "/r");
        assert!(rule(None, "dcr-1").contains("[?properties.immutableId=='dcr-1'].id"));
        let known = "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w";
        let wanted = [("a_s".to_owned(), "string".to_owned())];
        assert!(
            columns(Some(known), "c", "T_CL", &wanted)
                .contains("--resource-group g --workspace-name w --name T_CL --columns a_s=string")
        );
        assert!(columns(None, "c", "T_CL", &wanted).contains("[?customerId=='c'].resourceGroup"));
    }
}
