//! What the host tells Application Insights of a run: the items that were recorded, less what `host.json` holds back.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::Level;
use super::answer::Completed;
use crate::State;
use crate::application_insights::{Component, Operation, Severity};

/// `logging` of `host.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Logging {
    /// Beginnings of categories in lower case, each with the least rank that passes.
    levels: Vec<(String, u8)>,
    /// Whether calls to the handler are told as dependencies.
    dependencies: bool,
}

/// The ranks by their names in `logLevel`, from the lowest up.
const RANKS: [&str; 7] = ["Trace", "Debug", "Information", "Warning", "Error", "Critical", "None"];

impl Logging {
    /// Reads the member; missing, everything from information up passes.
    ///
    /// # Errors
    ///
    /// A sentence that names a level which is none.
    pub(super) fn parse(json: &Value) -> Result<Self, String> {
        let levels = json["logLevel"].as_object().into_iter().flatten().map(|(category, level)| {
            let rank =
                RANKS.iter().position(|rank| level.as_str().is_some_and(|l| l.eq_ignore_ascii_case(rank)));
            let rank = rank.and_then(|rank| u8::try_from(rank).ok());
            let rank = rank.ok_or_else(|| format!("host.json: `{level}` is no level (`{category}`)"))?;
            let begin = if category == "default" { String::new() } else { category.to_ascii_lowercase() };
            Ok((begin, rank))
        });
        Ok(Self {
            levels: levels.collect::<Result<_, String>>()?,
            dependencies: json["applicationInsights"]["enableDependencyTracking"] != false,
        })
    }

    /// Whether a line of this category passes: the longest beginning decides.
    fn lets(&self, category: &str, severity: Severity) -> bool {
        let category = category.to_ascii_lowercase();
        let fits = self.levels.iter().filter(|(begin, _)| category.starts_with(begin));
        let least = fits.max_by_key(|(begin, _)| begin.len()).map_or(2, |(_, rank)| *rank);
        severity as u8 + 1 >= least
    }
}

/// The host's way to Application Insights.
#[derive(Debug, Clone)]
pub(super) struct Telemetry {
    component: Component,
    logging: Logging,
}

impl Telemetry {
    /// Into the workspace of `state`, as `logging` allows.
    pub(super) fn new(state: Arc<State>, logging: Logging) -> Self {
        Self { component: Component::new(state), logging }
    }

    /// A new operation for an invocation.
    pub(super) fn operation(function: &str, invocation: &str) -> Operation {
        let id = crate::world::guid().replace('-', "");
        let span = crate::world::guid().replace('-', "")[16..].to_owned();
        Operation { id, span, function: function.to_owned(), invocation: invocation.to_owned() }
    }

    /// A line of the handler; nothing says to which invocation it belongs.
    pub(super) fn console(&self, level: Level, text: &str) {
        let severity = match level {
            Level::Information => Severity::Information,
            Level::Warning => Severity::Warning,
            Level::Error => Severity::Error,
        };
        self.trace("Host.Function.Console", severity, None, text);
    }

    /// An invocation begins.
    pub(super) fn begun(&self, operation: &Operation, why: &str) {
        let (function, id) = (&operation.function, &operation.invocation);
        let text = format!("Executing 'Functions.{function}' (Reason='{why}', Id={id})");
        self.trace(&format!("Function.{function}"), Severity::Information, Some(operation), &text);
    }

    /// The handler was called.
    pub(super) fn called(&self, operation: &Operation, url: &str, took: Duration, is_good: bool) {
        if self.logging.dependencies {
            let category = format!("Function.{}", operation.function);
            self.component.dependency(&category, operation, url, took, is_good);
        }
    }

    /// An invocation has ended.
    pub(super) fn ended(&self, operation: &Operation, outcome: Result<&Completed, &str>, took: Duration) {
        let Operation { function, invocation, .. } = operation;
        let category = format!("Function.{function}");
        let executed = |how: &str| {
            format!(
                "Executed 'Functions.{function}' ({how}, Id={invocation}, Duration={}ms)",
                took.as_millis()
            )
        };
        match outcome {
            Ok(completed) => {
                for line in &completed.logs {
                    self.trace(&format!("{category}.User"), Severity::Information, Some(operation), line);
                }
                self.trace(&category, Severity::Information, Some(operation), &executed("Succeeded"));
            }
            Err(why) => {
                for category in [category.as_str(), "Host.Results"] {
                    if self.logging.lets(category, Severity::Error) {
                        self.component.exception(category, operation, why);
                    }
                }
            }
        }
        if self.logging.lets("Host.Results", Severity::Information) {
            self.component.request(operation, took, outcome.is_ok());
        }
    }

    fn trace(&self, category: &str, severity: Severity, operation: Option<&Operation>, text: &str) {
        if self.logging.lets(category, severity) {
            self.component.trace(category, severity, operation, text);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_longest_beginning_of_a_category_decides() {
        let levels = json!({ "default": "Warning", "Function.f": "Error", "Function.f.User": "information" });
        let logging = Logging::parse(&json!({ "logLevel": levels })).expect("levels");
        assert!(!logging.lets("Host.Results", Severity::Information));
        assert!(logging.lets("Host.Results", Severity::Warning));
        assert!(
            !logging.lets("Function.f", Severity::Warning) && logging.lets("Function.f", Severity::Error)
        );
        assert!(logging.lets("Function.f.User", Severity::Information));
        let usual = Logging::parse(&Value::Null).expect("nothing");
        assert!(usual.lets("Function.f", Severity::Information) && usual.dependencies);
        assert!(Logging::parse(&json!({ "logLevel": { "default": "loud" } })).is_err());
    }
}
