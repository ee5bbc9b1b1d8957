//! What mends the alert rule and its action group: one field, one receiver, or the rule as the template makes it.

use pure::domain::ResourceId;
use serde_json::{Value, json};

use pure::shown::shell_word;

/// The version of alert rules whose fields are written.
const VERSION: &str = "2023-12-01";
/// What the template adds to the first part of all names.
const SUFFIX: &str = "-drift";
/// How often a rule of the template may ask.
const FREQUENCIES: [&str; 4] = ["PT1M", "PT5M", "PT10M", "PT15M"];

/// All that the template of the alert rule takes; what is not known stands in the command in capitals.
#[derive(Debug)]
pub(in crate::doctor) struct Drift<'a> {
    pub(in crate::doctor) rule: &'a ResourceId,
    pub(in crate::doctor) function_app: Option<&'a str>,
    pub(in crate::doctor) identity: Option<&'a str>,
    pub(in crate::doctor) location: Option<&'a str>,
    /// The one with our tables first.
    pub(in crate::doctor) workspaces: Vec<Option<String>>,
    pub(in crate::doctor) frequency: Option<&'a str>,
    pub(in crate::doctor) timespan: &'a str,
    pub(in crate::doctor) owner: &'a str,
    pub(in crate::doctor) tags: &'a Value,
}

impl Drift<'_> {
    /// Makes the rule and its group as this release wants them.
    pub(in crate::doctor) fn deploy(&self) -> String {
        let name = self.rule.name().strip_suffix(SUFFIX).unwrap_or(self.rule.name());
        let workspaces: Vec<&str> =
            self.workspaces.iter().map(|id| id.as_deref().unwrap_or("WORKSPACE_ID")).collect();
        let frequency = self.frequency.filter(|frequency| FREQUENCIES.contains(frequency));
        let mut parameters = vec![
            format!("name={name}"),
            format!("functionAppName={}", self.function_app.unwrap_or("APP")),
            format!("identityId={}", self.identity.unwrap_or("IDENTITY_ID")),
            format!("location={}", self.location.unwrap_or("REGION")),
            format!("workspaceIds={}", json!(workspaces)),
            format!("frequency={}", frequency.unwrap_or("PT5M")),
            format!("queryTimespan={}", self.timespan),
            format!("ownerId={}", self.owner),
        ];
        if self.tags.as_object().is_some_and(|tags| !tags.is_empty()) {
            parameters.push(format!("tags={}", self.tags));
        }
        let parameters: Vec<String> = parameters.iter().map(|parameter| shell_word(parameter)).collect();
        format!(
            "az deployment group create --resource-group {} --name {} --template-file infra/alert.bicep --parameters {}",
            shell_word(self.rule.resource_group()),
            shell_word(&format!("{name}-alert")),
            parameters.join(" ")
        )
    }
}

/// Sets fields of the rule.
pub(in crate::doctor) fn set(rule: &ResourceId, fields: &[&str]) -> String {
    let fields: Vec<String> = fields.iter().map(|field| shell_word(&format!("properties.{field}"))).collect();
    format!("{} --set {}", update(rule), fields.join(" "))
}

/// Takes a field of the rule away.
pub(in crate::doctor) fn remove(rule: &ResourceId, field: &str) -> String {
    format!("{} --remove {}", update(rule), shell_word(&format!("properties.{field}")))
}

fn update(rule: &ResourceId) -> String {
    format!("az resource update --ids {} --api-version {VERSION}", shell_word(rule.as_str()))
}

/// Lets the rule call at the first row of the first evaluation, as the template does.
pub(in crate::doctor) fn first_row(rule: &ResourceId) -> String {
    set(
        rule,
        &[
            "criteria.allOf[0].timeAggregation=Count",
            "criteria.allOf[0].operator=GreaterThan",
            "criteria.allOf[0].threshold=0",
            "criteria.allOf[0].failingPeriods={\"numberOfEvaluationPeriods\":1,\"minFailingPeriodsToAlert\":1}",
        ],
    )
}

/// Lets a group call the function with the key that it has now; a receiver keeps the one that it was made with.
///
/// `receiver` is its name in the group, `app` the id of the function app, `address` that of the function.
pub(in crate::doctor) fn call_again(
    group: Option<&ResourceId>,
    receiver: &str,
    app: Option<&ResourceId>,
    address: &str,
) -> String {
    let group = group.map_or_else(
        || "--resource-group GROUP --name heartbeat-dns-repair".to_owned(),
        |group| format!("--ids {}", shell_word(group.as_str())),
    );
    let receiver = shell_word(receiver);
    let (id, of_app) = app.map_or_else(
        || ("APP_ID".to_owned(), "--resource-group GROUP --name APP".to_owned()),
        |app| {
            let of_app = format!(
                "--resource-group {} --name {}",
                shell_word(app.resource_group()),
                shell_word(app.name())
            );
            (shell_word(app.as_str()), of_app)
        },
    );
    format!(
        "az monitor action-group update {group} --remove-action {receiver} --add-action azurefunction {receiver} {id} function-remediate \"{address}?code=$(az functionapp function keys list {of_app} --function-name function-remediate --query default --output tsv)\" usecommonalertschema"
    )
}
