//! How `az` finds the data collection rule that the settings name by its immutable id, which no command takes.

/// The version of data collection rules whose fields are written.
pub(crate) const RULE_VERSION: &str = "2023-03-11";

/// The command that lists the data collection rules of the subscription that `az` is set to.
#[must_use]
pub(crate) fn all_rules() -> String {
    format!(
        "az rest --method get --url '/subscriptions/{{subscriptionId}}/providers/Microsoft.Insights/dataCollectionRules?api-version={RULE_VERSION}'"
    )
}

/// The resource id of a rule, as a word of a shell that asks for it.
#[must_use]
pub(crate) fn rule_by(immutable_id: &str) -> String {
    format!(
        "\"$({} --query \"value[?properties.immutableId=='{immutable_id}'].id\" --output tsv)\"",
        all_rules()
    )
}
