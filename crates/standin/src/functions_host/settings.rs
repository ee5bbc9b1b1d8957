//! `host.json` and the `function.json` files, read as the Functions host reads them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use axum::http::Method;
use serde_json::Value;

use super::keys::Level;
use super::ncrontab::Ncrontab;
use super::route::Route;
use super::telemetry::Logging;

/// What the host takes from `host.json` (contract functions-custom-handler, sections 2.1, 6 and 8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HostSettings {
    /// A function that runs longer is ended together with the handler; none is unlimited (`-1`). Default 30 minutes.
    pub(super) function_timeout: Option<Duration>,
    /// How long a started handler may take until it answers `GET /`. Default 30 seconds.
    pub(super) initialization_timeout: Duration,
    /// First segment of every route of an HTTP trigger. Default `api`.
    pub(super) route_prefix: String,
    /// The command of `customHandler.description`, with its arguments.
    pub(super) command: Vec<String>,
    /// What is told to Application Insights.
    pub(super) logging: Logging,
}

/// One function: its folder's name and its trigger.
#[derive(Debug, Clone)]
pub(super) struct Function {
    /// Name of the folder, and the path of the handler that is called.
    pub(super) name: String,
    /// Name of the trigger's binding: the key in `Data`.
    pub(super) binding: String,
    /// What starts it.
    pub(super) trigger: Trigger,
}

/// The triggers that this stand-in knows.
#[derive(Debug, Clone)]
pub(super) enum Trigger {
    /// By schedule.
    Timer {
        /// When.
        schedule: Ncrontab,
        /// Whether the payload carries a schedule status.
        monitored: bool,
    },
    /// By a call to its route.
    Http {
        /// Template below the route prefix.
        route: Route,
        /// Methods; empty stands for all.
        methods: Vec<Method>,
        /// Who may call it.
        level: Level,
        /// Name of the output binding of kind `http`, if there is one.
        output: Option<String>,
    },
}

impl HostSettings {
    /// Reads the text of `host.json`; `setting` resolves `%NAME%`.
    ///
    /// # Errors
    ///
    /// A sentence that says what is missing or malformed.
    pub(super) fn parse(text: &str, setting: &impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let json: Value = serde_json::from_str(text).map_err(|error| format!("host.json: {error}"))?;
        if json["version"] != "2.0" {
            return Err("host.json: `version` must be \"2.0\"".to_owned());
        }
        let handler = &json["customHandler"];
        let description = &handler["description"];
        if !description.is_object() {
            return Err("host.json: missing worker description (`customHandler.description`)".to_owned());
        }
        if handler["enableForwardingHttpRequest"] == true || handler["enableProxyingHttpRequest"] == true {
            return Err(
                "host.json: this host speaks envelope mode only, switch HTTP forwarding off".to_owned()
            );
        }
        let executable = description["defaultExecutablePath"]
            .as_str()
            .filter(|path| !path.is_empty())
            .ok_or("host.json: `customHandler.description.defaultExecutablePath` is required")?;
        let arguments = description["arguments"].as_array().map(Vec::as_slice).unwrap_or_default();
        let words = std::iter::once(executable).chain(arguments.iter().filter_map(Value::as_str));
        let duration = |value: &Value, name: &str, default: u64| match value.as_str() {
            None => Ok(Duration::from_secs(default)),
            Some(text) => timespan(text).ok_or_else(|| format!("host.json: `{name}` is no timespan: {text}")),
        };
        let function_timeout = match json["functionTimeout"].as_str() {
            Some("-1") => None,
            _ => Some(
                duration(&json["functionTimeout"], "functionTimeout", 30 * 60)?.max(Duration::from_secs(1)),
            ),
        };
        Ok(Self {
            function_timeout,
            initialization_timeout: duration(&handler["initializationTimeout"], "initializationTimeout", 30)?,
            route_prefix: json["extensions"]["http"]["routePrefix"].as_str().unwrap_or("api").to_owned(),
            command: words.map(|word| expand(word, setting)).collect(),
            logging: Logging::parse(&json["logging"])?,
        })
    }
}

impl HostSettings {
    /// The command, its program taken from the app's root when it is there, else from the search path.
    pub(super) fn command_in(&self, root: &Path) -> Vec<OsString> {
        let mut words: Vec<OsString> = self.command.iter().map(OsString::from).collect();
        if let Some(program) = words.first_mut() {
            let own = root.join(&*program);
            if own.is_file() {
                *program = own.into();
            }
        }
        words
    }
}

impl Function {
    /// Reads the text of one `function.json`; `setting` resolves `%NAME%` in a schedule.
    ///
    /// # Errors
    ///
    /// A sentence that names the function and what is wrong with it: the real host fails to index it.
    pub(super) fn parse(
        name: &str,
        text: &str,
        setting: &impl Fn(&str) -> Option<String>,
    ) -> Result<Self, String> {
        let fault = |why: &str| format!("{name}/function.json: {why}");
        if !is_function_name(name) {
            return Err(fault("the folder's name is no function name"));
        }
        let json: Value = serde_json::from_str(text).map_err(|error| fault(&error.to_string()))?;
        let bindings = json["bindings"].as_array().ok_or_else(|| fault("no `bindings`"))?;
        let of_kind = |kind: &str, direction: &str| {
            bindings.iter().find(|binding| {
                let kind_is = binding["type"].as_str().is_some_and(|text| text.eq_ignore_ascii_case(kind));
                let default = if direction == "in" { "in" } else { "" };
                kind_is && binding["direction"].as_str().unwrap_or(default) == direction
            })
        };
        for binding in bindings {
            let text = binding["name"].as_str().unwrap_or_default();
            if text != "$return"
                && (text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()))
            {
                return Err(fault(&format!("binding name `{text}`: letters and digits only, or `$return`")));
            }
        }
        let output = of_kind("http", "out").and_then(|binding| binding["name"].as_str()).map(str::to_owned);
        let (binding, trigger) = if let Some(binding) = of_kind("timerTrigger", "in") {
            let raw = binding["schedule"].as_str().ok_or_else(|| fault("no `schedule`"))?;
            let text = match raw.strip_prefix('%').and_then(|rest| rest.strip_suffix('%')) {
                Some(key) => setting(key).ok_or_else(|| fault(&format!("setting `{key}` is not set")))?,
                None => raw.to_owned(),
            };
            let schedule = Ncrontab::parse(&text).map_err(|why| fault(&why))?;
            let monitored =
                binding["useMonitor"].as_bool().unwrap_or(true) && !schedule.is_faster_than_a_minute();
            (binding, Trigger::Timer { schedule, monitored })
        } else if let Some(binding) = of_kind("httpTrigger", "in") {
            let methods = binding["methods"].as_array().map(Vec::as_slice).unwrap_or_default();
            let methods = methods.iter().filter_map(Value::as_str).map(|text| {
                Method::from_bytes(text.to_ascii_uppercase().as_bytes())
                    .map_err(|_| fault("a method is malformed"))
            });
            let route = Route::parse(binding["route"].as_str().unwrap_or(name)).map_err(|why| fault(&why))?;
            let level = Level::parse(binding["authLevel"].as_str().unwrap_or("function"));
            let level = level.ok_or_else(|| fault("`authLevel` is none that there is"))?;
            (binding, Trigger::Http { route, methods: methods.collect::<Result<_, _>>()?, level, output })
        } else {
            return Err(fault("no trigger that this host knows (timerTrigger, httpTrigger)"));
        };
        let binding = binding["name"].as_str().unwrap_or_default().to_owned();
        Ok(Self { name: name.to_owned(), binding, trigger })
    }
}

/// Reads all functions, ordered by name, and what is wrong with those that cannot be indexed: the host goes on without
/// them (contract functions-custom-handler, section 12).
pub(super) fn parse_functions(
    files: &[(String, String)],
    setting: &impl Fn(&str) -> Option<String>,
) -> (BTreeMap<String, Function>, Vec<String>) {
    let (mut functions, mut faults) = (BTreeMap::new(), Vec::new());
    for (name, text) in files {
        match Function::parse(name, text, setting) {
            Ok(function) => {
                if functions.insert(name.to_ascii_lowercase(), function).is_some() {
                    faults.push(format!("two functions are named {name}"));
                }
            }
            Err(why) => faults.push(format!("The '{name}' function is in error: {why}")),
        }
    }
    (functions, faults)
}

fn is_function_name(name: &str) -> bool {
    name.len() <= 128
        && !name.eq_ignore_ascii_case("host")
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// `[d.]hh:mm:ss[.fffffff]`.
fn timespan(text: &str) -> Option<Duration> {
    let mut parts = text.split(':');
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (days, hours) = hours.split_once('.').unwrap_or(("0", hours));
    let (days, hours, minutes): (u64, u64, u64) =
        (days.parse().ok()?, hours.parse().ok()?, minutes.parse().ok()?);
    let whole =
        days.checked_mul(24)?.checked_add(hours)?.checked_mul(60)?.checked_add(minutes)?.checked_mul(60)?;
    let seconds = Duration::try_from_secs_f64(seconds.parse().ok()?).ok()?;
    Duration::from_secs(whole).checked_add(seconds)
}

/// Replaces every `%NAME%`; an unset name becomes empty.
fn expand(text: &str, setting: &impl Fn(&str) -> Option<String>) -> String {
    let mut parts = text.split('%');
    let mut out = parts.next().unwrap_or_default().to_owned();
    while let Some(name) = parts.next() {
        match parts.next() {
            Some(rest) => {
                out.push_str(&setting(name).unwrap_or_default());
                out.push_str(rest);
            }
            None => {
                out.push('%');
                out.push_str(name);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = r#"{"version":"2.0","functionTimeout":"00:10:00","customHandler":{"description":
        {"defaultExecutablePath":"%DIR%/handler","arguments":["serve"]},"initializationTimeout":"00:00:05"}}"#;

    fn setting(name: &str) -> Option<String> {
        match name {
            "DIR" => Some("/opt".to_owned()),
            "SCHEDULE" => Some("0 */5 * * * *".to_owned()),
            _ => None,
        }
    }

    #[test]
    fn host_json_is_read() {
        let settings = HostSettings::parse(HOST, &setting).expect("settings");
        assert_eq!(settings.function_timeout, Some(Duration::from_secs(600)));
        assert_eq!(settings.initialization_timeout, Duration::from_secs(5));
        assert_eq!(settings.route_prefix, "api");
        assert_eq!(settings.command, ["/opt/handler", "serve"]);
        assert!(
            HostSettings::parse(r#"{"version":"2.0"}"#, &setting)
                .is_err_and(|why| why.contains("description"))
        );
    }

    #[test]
    fn function_json_is_read() {
        let text =
            r#"{"bindings":[{"type":"timerTrigger","direction":"in","name":"t","schedule":"%SCHEDULE%"}]}"#;
        let function = Function::parse("function-collector", text, &setting).expect("a function");
        assert_eq!(function.binding, "t");
        assert!(matches!(function.trigger, Trigger::Timer { monitored: true, .. }));
        assert!(Function::parse("f", &text.replace("SCHEDULE", "NO"), &setting).is_err());
        assert!(Function::parse("f", &text.replace("\"t\"", "\"my-timer\""), &setting).is_err());
        assert!(Function::parse("host", text, &setting).is_err());
    }

    #[test]
    fn timespans_are_read() {
        assert_eq!(timespan("1.02:00:30.5"), Some(Duration::from_millis(((26 * 3600) + 30) * 1000 + 500)));
        assert_eq!(timespan("nonsense"), None);
        assert_eq!(timespan("00:00:-1"), None);
    }
}
