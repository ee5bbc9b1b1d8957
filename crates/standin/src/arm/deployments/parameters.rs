//! The parameters and the outputs of a template: what is declared, what is given, and how both are shown.

use serde_json::{Map, Value, json};

use super::expression::{Scope, resolve};
use super::limits;
use super::refusal::invalid;
use crate::Reply;

/// Parameters of a template at most (contract azure-resource-manager, section 6.4).
const MOST_PARAMETERS: usize = 256;

/// The type of a parameter or an output.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    String,
    SecureString,
    Int,
    Bool,
    Array,
    Object,
    SecureObject,
}

impl Type {
    const ALL: [Self; 7] = [
        Self::String,
        Self::SecureString,
        Self::Int,
        Self::Bool,
        Self::Array,
        Self::Object,
        Self::SecureObject,
    ];

    /// The type as deployments show it, however the template writes it.
    fn shown(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::SecureString => "SecureString",
            Self::Int => "Int",
            Self::Bool => "Bool",
            Self::Array => "Array",
            Self::Object => "Object",
            Self::SecureObject => "SecureObject",
        }
    }

    /// The type that a declaration names.
    fn of(declaration: &Value, what: &str) -> Result<Self, Reply> {
        let wanted = declaration.get("type").and_then(Value::as_str).unwrap_or_default();
        let found = Self::ALL.into_iter().find(|known| known.shown().eq_ignore_ascii_case(wanted));
        found.ok_or_else(|| invalid(format!("the type '{wanted}' of {what} is unknown")))
    }

    fn fits(self, value: &Value) -> bool {
        match self {
            Self::String | Self::SecureString => value.is_string(),
            Self::Int => value.is_i64(),
            Self::Bool => value.is_boolean(),
            Self::Array => value.is_array(),
            Self::Object | Self::SecureObject => value.is_object(),
        }
    }

    /// A value of the type as a deployment shows it: a secret has its type alone.
    fn show(self, value: &Value) -> Value {
        match self {
            Self::SecureString | Self::SecureObject => json!({ "type": self.shown() }),
            _ => json!({ "type": self.shown(), "value": value }),
        }
    }
}

/// Takes the values of all declared parameters into the scope, and gives them as they are shown.
///
/// # Errors
/// `InvalidTemplate` for what is not declared, not given, or of another type.
pub(super) fn read(
    template: &Map<String, Value>,
    given: &Map<String, Value>,
    scope: &mut Scope,
) -> Result<Value, Reply> {
    let empty = Map::new();
    let declared = template.get("parameters").and_then(Value::as_object).unwrap_or(&empty);
    if declared.len() > MOST_PARAMETERS {
        return Err(invalid(format!("a template holds at most {MOST_PARAMETERS} parameters")));
    }
    if let Some(name) = given.keys().find(|name| !declared.contains_key(*name)) {
        return Err(invalid(format!("the parameter '{name}' is not declared in the template")));
    }
    // A value that lies elsewhere, as in a vault, is not fetched.
    if let Some((name, _)) = given.iter().find(|(_, given)| given.get("value").is_none()) {
        return Err(invalid(format!("the parameter '{name}' is given without a 'value'")));
    }
    // Defaults may speak of what is given.
    let value_of = |name: &str| given.get(name).and_then(|given| given.get("value"));
    let known = declared.keys().filter_map(|name| Some((name.clone(), value_of(name)?.clone())));
    scope.parameters = known.collect();
    for (name, declaration) in declared.iter().filter(|(name, _)| value_of(name).is_none()) {
        let default = declaration
            .get("defaultValue")
            .ok_or_else(|| invalid(format!("the value of the parameter '{name}' is not provided")))?;
        let value = resolve(default, scope).map_err(invalid)?;
        scope.parameters.insert(name.clone(), value);
    }
    let shown = declared.iter().map(|(name, declaration)| {
        let kind = Type::of(declaration, &format!("the parameter '{name}'"))?;
        let value = scope.parameters.get(name).filter(|value| kind.fits(value));
        let value = value
            .ok_or_else(|| invalid(format!("the value of the parameter '{name}' is no {}", kind.shown())))?;
        if !limits::allow(declaration, value) {
            return Err(invalid(format!(
                "the provided value for the template parameter '{name}' is not one that the template allows"
            )));
        }
        Ok((name.clone(), kind.show(value)))
    });
    shown.collect::<Result<Map<_, _>, Reply>>().map(Value::Object)
}

/// The outputs of a template, as a deployment that came to its end shows them.
///
/// # Errors
/// `InvalidTemplate` for what cannot be evaluated.
pub(super) fn outputs(template: &Map<String, Value>, scope: &Scope) -> Result<Value, Reply> {
    let empty = Map::new();
    let declared = template.get("outputs").and_then(Value::as_object).unwrap_or(&empty);
    let shown = declared.iter().map(|(name, declaration)| {
        let kind = Type::of(declaration, &format!("the output '{name}'"))?;
        let value = declaration
            .get("value")
            .ok_or_else(|| invalid(format!("the value of the output '{name}' is missing")))?;
        let value = resolve(value, scope).map_err(invalid)?;
        if !kind.fits(&value) {
            return Err(invalid(format!("the value of the output '{name}' is no {}", kind.shown())));
        }
        Ok((name.clone(), kind.show(&value)))
    });
    shown.collect::<Result<Map<_, _>, Reply>>().map(Value::Object)
}
