//! The commands that mend things, with the ids that are known, and with a question in their place where they are not.

use pure::domain::{ResourceId, ZoneId};

/// A word as a shell takes it.
fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@,=".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Assigns a role at a scope, which is a word of a shell already.
pub(super) fn assign(role: &str, assignee: &str, scope: &str) -> String {
    format!("az role assignment create {assignee} --role \"{role}\" --scope {scope}")
}

/// The data collection rule: its id, else the question for it.
pub(super) fn rule(known: Option<&str>, immutable_id: &str) -> String {
    known.map_or_else(
        || {
            format!(
                "\"$(az monitor data-collection rule list --query \"[?immutableId=='{immutable_id}'].id\" --output tsv)\""
            )
        },
        word,
    )
}

/// The workspace: its id, else the question for it.
pub(super) fn workspace(known: Option<&str>, customer_id: &str) -> String {
    known.map_or_else(
        || {
            format!(
                "\"$(az monitor log-analytics workspace list --query \"[?customerId=='{customer_id}'].id\" --output tsv)\""
            )
        },
        word,
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
    match known.and_then(|id| ResourceId::parse(id).ok()) {
        Some(id) => format!(
            "az monitor log-analytics workspace table update --resource-group {} --workspace-name {} --name {table} --columns {columns}",
            word(id.resource_group()),
            word(id.name())
        ),
        None => format!(
            "az monitor log-analytics workspace table update --ids {}/tables/{table} --columns {columns}",
            workspace(None, customer_id)
        ),
    }
}

/// Makes the tables and the rule as this release wants them.
pub(super) fn deploy(known: Option<&str>) -> String {
    let group = known.and_then(|id| ResourceId::parse(id).ok());
    let group = group.map_or_else(|| "GROUP".to_owned(), |id| word(id.resource_group()));
    format!("az deployment group create --resource-group {group} --parameters infra/main.bicepparam")
}

/// Makes the alert rule as this release wants it.
pub(super) fn deploy_alert(rule: &ResourceId) -> String {
    let group = word(rule.resource_group());
    format!("az deployment group create --resource-group {group} --template-file infra/alert.bicep")
}

/// All rules, with what the settings call them.
pub(super) const RULES: &str = "az monitor data-collection rule list --query \"[].{id:id, LOGS_DCR_RULE_ID:immutableId, \
                                LOGS_INGESTION_ENDPOINT:endpoints.logsIngestion}\" --output table";

/// All workspaces, with what the settings call them.
pub(super) const WORKSPACES: &str = "az monitor log-analytics workspace list --query \"[].{id:id, LOGS_WORKSPACE_IDS:customerId}\" --output table";

/// All zones, as the settings name them.
pub(super) const ZONES: &str = "az network dns zone list --query \"[].id\" --output tsv";

/// The locks that stand at a zone or above it in its group, or are unknown; then their removal.
pub(super) fn unlock(zone: &ZoneId, locks: &[String]) -> Vec<String> {
    if !locks.is_empty() {
        return vec![format!(
            "az lock delete --ids {}",
            locks.iter().map(|id| word(id)).collect::<Vec<_>>().join(" ")
        )];
    }
    let group = word(zone.resource_id().resource_group());
    vec![
        format!("az lock list --resource-group {group} --query \"[].id\" --output tsv"),
        "az lock delete --ids LOCK_ID".to_owned(),
    ]
}

/// What the parent of a zone has to name.
pub(super) fn name_servers(zone: &ZoneId) -> String {
    format!("az network dns zone show --ids {} --query nameServers --output tsv", word(zone.as_str()))
}

/// Switches an alert rule on.
pub(super) fn enable_rule(rule: &ResourceId) -> String {
    format!("az monitor scheduled-query update --ids {} --disabled false", word(rule.as_str()))
}

/// Switches an action group on.
pub(super) fn enable_group(group: &ResourceId) -> String {
    format!("az monitor action-group update --ids {} --set enabled=true", word(group.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_shell_are_quoted_where_they_must_be() {
        assert_eq!(
            (word("/a/b-c_d.e"), word("my rule"), word("a'b")),
            ("/a/b-c_d.e".to_owned(), "'my rule'".to_owned(), r"'a'\''b'".to_owned())
        );
        assert_eq!(word(""), "''");
    }

    #[test]
    fn an_id_that_is_not_known_is_asked_for_in_the_same_line() {
        assert_eq!(rule(Some("/r"), "dcr-1"), "/r");
        assert!(rule(None, "dcr-1").contains("[?immutableId=='dcr-1'].id"));
        let known = "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w";
        let wanted = [("a_s".to_owned(), "string".to_owned())];
        assert!(
            columns(Some(known), "c", "T_CL", &wanted)
                .contains("--resource-group g --workspace-name w --name T_CL --columns a_s=string")
        );
        assert!(columns(None, "c", "T_CL", &wanted).contains("[?customerId=='c'].id"));
    }
}
