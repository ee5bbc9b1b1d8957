//! The template of a plan: what `az deployment group create --template-file` takes.

use std::collections::BTreeSet;

use super::super::failure::{Exit, Failure};
use super::super::output::{to_stderr, to_stdout, write_json};
use crate::run::Planned;
use pure::domain::ZoneId;

/// Prints one template for one zone.
pub(super) fn print(planned: &Planned<'_>, zone: Option<&ZoneId>) -> Result<Exit, Failure> {
    let template = planned.template(zone);
    let names: BTreeSet<String> = template.zones.iter().map(ZoneId::word).collect();
    if template.zones.len() > 1 {
        let words = format!(
            "a template writes to one resource group, and the plan is about {}; name one with --zone",
            Vec::from_iter(names).join(" and ")
        );
        return Err(Failure::usage(words));
    }
    to_stdout(|out| write_json(&template.json, out))?;
    if template.deletions > 0 {
        to_stderr(format_args!(
            "warning: {} left out, for no template takes a record set away; apply does",
            count(template.deletions, "deletion is", "deletions are")
        ));
    }
    if template.left > 0 {
        to_stderr(format_args!(
            "warning: {} left out, for a template holds 800; deploy this one, and plan again",
            count(template.left, "change is", "changes are")
        ));
    }
    Ok(Exit::Fine)
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
