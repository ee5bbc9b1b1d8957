//! The body of a deployment: parameters, template, resources.

use serde_json::{Map, Value};

use super::expression::{Scope as Values, resolve};
use super::refusal::invalid;
use super::template::{self, Resource};
use super::{order, parameters};
use crate::Reply;
use crate::arm::request::{Request, Scope};

/// Bytes of a request at most (contract azure-resource-manager, section 6.4).
const LARGEST: usize = 4 * 1024 * 1024;
/// Characters of a deployment's name at most.
const LONGEST_NAME: usize = 64;
/// Resources of a template at most.
const MOST_RESOURCES: usize = 800;

/// What a deployment asks for.
pub(super) struct Asked {
    /// Where a deployment at a subscription is kept.
    pub(super) location: Option<String>,
    /// The labels of the deployment itself.
    pub(super) tags: Option<Value>,
    pub(super) template: Value,
    /// The parameters and the outputs as they are shown.
    pub(super) parameters: Value,
    pub(super) outputs: Value,
    pub(super) resources: Vec<Resource>,
}

/// Reads and evaluates a body.
///
/// # Errors
/// What Resource Manager refuses before it begins.
pub(super) fn read(request: &Request<'_>, scope: &Scope<'_>, name: &str) -> Result<Asked, Reply> {
    check_name(name)?;
    if request.call.body.len() > LARGEST {
        return Err(Reply::wrapped(
            413,
            "RequestContentTooLarge",
            "The request content is larger than 4 MB.",
        ));
    }
    let body = parse(&request.call.body)?;
    let location = body.get("location").and_then(Value::as_str).map(str::to_owned);
    match (scope.group, &location) {
        (None, None) => {
            let message = "The 'location' property must be specified for the deployment.";
            return Err(Reply::wrapped(400, "LocationRequired", message));
        }
        (Some(_), Some(_)) => {
            let message = "The 'location' property is not allowed for a deployment at a resource group.";
            return Err(Reply::wrapped(400, "InvalidDeployment", message));
        }
        _ => {}
    }
    let properties = body.get("properties").and_then(Value::as_object);
    let properties = properties
        .ok_or_else(|| Reply::wrapped(400, "InvalidRequestContent", "The member 'properties' is missing."))?;
    let mode = properties.get("mode").and_then(Value::as_str).unwrap_or_default();
    if !mode.eq_ignore_ascii_case("Incremental") {
        let message = format!("The deployment mode '{mode}' is not played here; 'Incremental' is.");
        return Err(Reply::wrapped(400, "InvalidRequestContent", &message));
    }
    // What lies elsewhere is not fetched: the stand-in calls nobody.
    for link in ["templateLink", "parametersLink"] {
        if properties.get(link).is_some_and(|link| !link.is_null()) {
            return Err(invalid(format!("'{link}' is not followed here; the template must be given inline")));
        }
    }
    let template = properties.get("template").and_then(Value::as_object);
    let template = template.ok_or_else(|| invalid("the template is missing"))?;
    for member in ["$schema", "contentVersion", "resources"] {
        if !template.contains_key(member) {
            return Err(invalid(format!("the required property '{member}' is missing")));
        }
    }
    let empty = Map::new();
    let given = match properties.get("parameters") {
        None | Some(Value::Null) => &empty,
        Some(Value::Object(given)) => given,
        Some(_) => {
            let message = "The member 'parameters' must be an object.";
            return Err(Reply::wrapped(400, "InvalidRequestContent", message));
        }
    };
    let mut values = Values {
        parameters: Map::new(),
        variables: Map::new(),
        subscription: scope.subscription.to_owned(),
        group: scope.group.unwrap_or_default().to_owned(),
        group_location: group_location(request, scope),
    };
    let shown = parameters::read(template, given, &mut values)?;
    if let Some(variables) = template.get("variables").and_then(Value::as_object) {
        for (name, value) in variables {
            let value = resolve(value, &values).map_err(invalid)?;
            values.variables.insert(name.clone(), value);
        }
    }
    let list = template.get("resources").and_then(Value::as_array);
    let list = list.ok_or_else(|| invalid("'resources' must be an array"))?;
    if list.len() > MOST_RESOURCES {
        return Err(invalid(format!(
            "The number of template resources limit exceeded. Limit: '{MOST_RESOURCES}' and actual: '{}'",
            list.len()
        )));
    }
    let resources = list
        .iter()
        .map(|resource| template::read(&resolve(resource, &values).map_err(invalid)?, scope))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Asked {
        location,
        tags: body.get("tags").filter(|tags| tags.is_object()).cloned(),
        template: Value::Object(template.clone()),
        parameters: shown,
        outputs: parameters::outputs(template, &values)?,
        resources: order::ordered(resources)?,
    })
}

/// Checks the name of a deployment.
fn check_name(name: &str) -> Result<(), Reply> {
    let length = name.chars().count();
    let message = if length > LONGEST_NAME {
        format!("The deployment name '{name}' has {length} characters, at most {LONGEST_NAME} are allowed.")
    } else if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.()".contains(&byte)) {
        format!("The deployment name '{name}' may hold only letters, digits, '-', '_', '.', '(' and ')'.")
    } else {
        return Ok(());
    };
    Err(Reply::wrapped(400, "InvalidDeployment", &message))
}

/// Where the group lies that is deployed into.
fn group_location(request: &Request<'_>, scope: &Scope<'_>) -> String {
    let key = format!("{}/{}", scope.subscription, scope.group.unwrap_or_default()).to_ascii_lowercase();
    let world = request.state.world();
    world.resource_groups.get(&key).map(|group| group.location.clone()).unwrap_or_default()
}

/// Reads JSON whose member names may lack their quotes: that is how az sends the template
/// (recorded request `az_deployment_create`).
fn parse(body: &[u8]) -> Result<Value, Reply> {
    if let Ok(value) = serde_json::from_slice(body) {
        return Ok(value);
    }
    let text = String::from_utf8_lossy(body);
    serde_json::from_str(&quoted(&text)).map_err(|error| {
        let message = format!("The request content was invalid and could not be deserialized: '{error}'.");
        Reply::wrapped(400, "InvalidRequestContent", &message)
    })
}

/// The same text with quotes around bare member names.
fn quoted(text: &str) -> String {
    let mut result = String::with_capacity(text.len() + 16);
    let mut rest = text.char_indices().peekable();
    let mut inside = false;
    while let Some((at, letter)) = rest.next() {
        if inside || !(letter.is_ascii_alphabetic() || letter == '_') {
            result.push(letter);
            if letter == '\\' && inside {
                result.extend(rest.next().map(|(_, escaped)| escaped));
            } else if letter == '"' {
                inside = !inside;
            }
            continue;
        }
        let mut end = at + letter.len_utf8();
        while let Some(&(next, letter)) = rest.peek() {
            if !(letter.is_ascii_alphanumeric() || letter == '_') {
                break;
            }
            end = next + letter.len_utf8();
            rest.next();
        }
        let word = &text[at..end];
        let names = text[end..].trim_start().starts_with(':');
        result.push_str(&if names { format!("\"{word}\"") } else { word.to_owned() });
    }
    result
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bare_member_names_get_quotes() {
        let text = r#"{"a": "x, template:{ \" y", template:{"b": true, c : null}}"#;
        let value: Value = serde_json::from_str(&quoted(text)).expect("JSON");
        assert_eq!(value, json!({ "a": "x, template:{ \" y", "template": { "b": true, "c": null } }));
    }
}
