//! A tag that holds what is no host name: which machine's it is, for nothing else is known of such a name.

use serde_json::{Value, json};

use super::json::SCHEMA;
use super::lines::{Line, labelled};
use super::machine::machine;
use super::mend;
use crate::cli::entry::{self, Entry, Weight};
use crate::cli::failure::{Exit, Failure};
use crate::cli::global::Global;
use crate::cli::output::{Format, Listing, to_stdout, write_json};
use crate::cli::phrase::Phrase;
use crate::cli::screen::{Colour, Screen};
use crate::cli::session;
use crate::run::{Installation, Request, live_tags};
use pure::domain::NameSet;
use pure::plan::report::Trigger;
use pure::plan::{Reason, Skip};
use pure::shown::shown;

/// Tells whose tag holds the text; where nobody's does, it is refused.
pub(super) async fn told(
    text: &str,
    installation: &Installation,
    global: &Global,
    refused: Failure,
) -> Result<Exit, Failure> {
    let request = Request::of_names(Trigger::Cli, NameSet::default(), false);
    let Ok(planned) = session::planned(installation, request).await else { return Err(refused) };
    let report = planned.report();
    let is_it = |skip: &&Skip| {
        matches!(skip.reason, Reason::NameInvalid | Reason::Wildcard)
            && skip.name.eq_ignore_ascii_case(text.trim())
    };
    let found: Vec<&Skip> = report.skips.iter().filter(is_it).collect();
    if found.is_empty() {
        return Err(refused);
    }
    let live = live_tags(&planned, found.iter().flat_map(|skip| skip.machines())).await;
    let screen = Screen::of_stdout(global.env_file.as_deref());
    to_stdout(|out| match global.output {
        Format::Text => {
            let tags = mend::Tags { key: &planned.settings().collect.tag, live: &live };
            found.iter().try_for_each(|skip| {
                entry::write(&[verdict(skip)], &screen, out)?;
                writeln!(out)?;
                let machines: Vec<Line> = skip.machines().map(|id| Line::of(machine(id))).collect();
                labelled("claimed by", &machines, &screen, out)?;
                let commands = skip.machines().filter_map(|id| tags.another_name(id, &skip.name));
                labelled("commands", &commands.map(Line::of).collect::<Vec<_>>(), &screen, out)
            })
        }
        Format::Json => write_json(&json!({ "schema": SCHEMA, "name": text, "misnamed": json(&found) }), out),
        form @ (Format::Csv | Format::Markdown | Format::Arm) => {
            let mut table = Listing::new(&["record_type", "machine", "rule", "answer", "because", "zone"]);
            for skip in &found {
                for machine in skip.machines() {
                    let cells = [json!(skip.record_type), json!(machine), json!(skip.reason)];
                    table.push(
                        cells.into_iter().chain([json!("yes"), json!(skip.because), Value::Null]).collect(),
                    );
                }
            }
            table.write(form, &screen, out)
        }
    })?;
    Ok(Exit::Fine)
}

fn verdict(skip: &Skip) -> Entry {
    Entry {
        weight: Weight::Held,
        sign: '!',
        colour: Some(Colour::Yellow),
        name: shown(&skip.name),
        title: Phrase::default(),
        kind: skip.record_type.as_str(),
        what: String::new(),
        tail: format!("left as it is: {}", skip.reason),
        below: vec![Phrase::from(&skip.because)],
        listed: Vec::new(),
    }
}

fn json(found: &[&Skip]) -> Vec<Value> {
    let one = |skip: &&Skip| {
        let machines: Vec<&str> = skip.machines().collect();
        json!({ "machines": machines, "reason": skip.reason, "because": skip.because })
    };
    found.iter().map(one).collect()
}
