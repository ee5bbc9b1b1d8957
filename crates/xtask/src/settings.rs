//! The files of the Functions host and the example settings: strict JSON of the shape that the host expects.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// Reads the four files and fails on the first that the host would refuse.
pub(crate) fn check(root: &Path) -> Result<()> {
    println!("\n$ cargo xtask settings");
    host(&read(root, "host.json")?).context("host.json")?;
    for function in ["function-collector", "function-remediate"] {
        let file = format!("{function}/function.json");
        bindings(&read(root, &file)?).context(file)?;
    }
    let file = "local.settings.json.example";
    let count = values(&read(root, file)?).context(file)?;
    println!("  host.json, two functions, {count} example settings");
    Ok(())
}

fn read(root: &Path, file: &str) -> Result<Value> {
    let text = std::fs::read_to_string(root.join(file)).with_context(|| format!("reading {file}"))?;
    serde_json::from_str(&text).with_context(|| format!("parsing {file}"))
}

fn host(host: &Value) -> Result<()> {
    let handler = &host["customHandler"];
    ensure!(host["version"] == "2.0", "`version` must be \"2.0\"");
    ensure!(
        handler["description"]["defaultExecutablePath"] == "heartbeat-dns",
        "`defaultExecutablePath` must name the deployed binary, heartbeat-dns"
    );
    for mode in ["enableForwardingHttpRequest", "enableProxyingHttpRequest"] {
        ensure!(handler[mode] != true, "`{mode}` must stay off: both functions speak envelopes");
    }
    Ok(())
}

/// Binding names take letters and digits only (contract functions-custom-handler, section 3.1).
fn bindings(function: &Value) -> Result<()> {
    let bindings = function["bindings"].as_array().context("`bindings` must be a list")?;
    ensure!(!bindings.is_empty(), "`bindings` is empty");
    for binding in bindings {
        let name = binding["name"].as_str().context("a binding without a name")?;
        ensure!(
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric()),
            "binding name `{name}`: letters and digits only"
        );
        ensure!(binding["runOnStartup"] != true, "`runOnStartup` would fire at every restart and scale-out");
    }
    Ok(())
}

fn values(settings: &Value) -> Result<usize> {
    let values = settings["Values"].as_object().context("`Values` must be an object")?;
    for (name, value) in values {
        if !value.is_string() {
            bail!("`{name}` must be a string: the host turns each value into an environment variable");
        }
    }
    Ok(values.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_number_among_the_settings_is_refused() {
        let fault = values(&json!({"Values": {"POLICY_TTL": 60}})).unwrap_err();
        assert!(fault.to_string().contains("POLICY_TTL"), "{fault}");
    }

    #[test]
    fn a_binding_name_with_a_dash_is_refused() {
        let fault = bindings(&json!({"bindings": [{"name": "my-timer"}]})).unwrap_err();
        assert!(fault.to_string().contains("my-timer"), "{fault}");
    }

    #[test]
    fn a_timer_that_runs_at_every_start_is_refused() {
        assert!(bindings(&json!({"bindings": [{"name": "timer", "runOnStartup": true}]})).is_err());
    }

    #[test]
    fn forwarding_is_refused() {
        let description = json!({"defaultExecutablePath": "heartbeat-dns"});
        let on = json!({"version": "2.0",
            "customHandler": {"description": description, "enableForwardingHttpRequest": true}});
        assert!(host(&on).is_err());
    }
}
