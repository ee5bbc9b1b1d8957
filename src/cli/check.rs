//! `heartbeat-dns check`: whether the settings can be used, and which names the policy allows; nothing is asked of Azure.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Context;
use serde_json::{Value, json};

use super::entry::{self, Entry, Weight};
use super::failure::{Exit, Failure};
use super::global::Global;
use super::one_side::OneSide;
use super::output::{Format, Listing, to_stdout, write_json};
use super::phrase::Phrase;
use super::screen::{Colour, Screen};
use super::session;
use crate::bounded;
use crate::config::{Settings, Variables};
use pure::domain::{HostName, RecordType, ZoneId, ZoneKind};
use pure::plan::{Offer, Proposal, Why, allowed};
use pure::shown::{one_line, shown};

const EXAMPLES: &str = "\
It reads the settings as every other command does and tells all faults at once, each with the variable's name. Names \
are held to the static rules alone: the zones, POLICY_NAMES or the names in POLICY_FILE, names that machines look up by \
themselves. Which machine may claim them and does, and whose their record sets are, only `plan` knows. A refused name makes the exit code 1.

Examples:
  heartbeat-dns check
  heartbeat-dns check nas.home.example.com www.example.com
  heartbeat-dns --env production.env check --names names.txt -o json";

/// What to check.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// Names to hold to the policy, as they would stand in a tag
    #[arg(value_name = "NAME")]
    given: Vec<String>,
    /// A file with further names, one a line, `#` begins a comment; `-` reads standard input
    #[arg(long = "names", value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    side: OneSide,
}

/// A name, and what the policy says to it.
struct Checked {
    name: String,
    place: Result<Allowed, Why>,
}

/// Where a name may stand, for some machine at least.
struct Allowed {
    zone: ZoneId,
    types: Vec<&'static str>,
    /// The lines of the policy file by which some machine may have it; none of the short form.
    lines: Vec<usize>,
}

impl Allowed {
    fn of(offer: &Offer<'_>) -> Self {
        let types: BTreeSet<RecordType> =
            offer.grants.iter().flat_map(|grant| grant.terms.types.iter().copied()).collect();
        Self {
            zone: offer.zone.id.clone(),
            types: types.into_iter().map(RecordType::as_str).collect(),
            lines: offer.grants.iter().filter_map(|grant| grant.line).collect(),
        }
    }
}

pub(super) fn run(options: &Options, global: &Global, variables: &Variables) -> Result<Exit, Failure> {
    let names = names(options)?;
    let settings = Settings::read(variables).map_err(|faults| session::faulty(&faults))?;
    let zones = &settings.policy.zones;
    if options.side.is_said() {
        // What is no name is judged, and lies nowhere.
        options.side.of(names.iter().filter_map(|name| HostName::parse(name).ok()).collect(), zones)?;
    }
    let kind = options.side.zone(zones)?.map(ZoneId::kind);
    let judged: Vec<Checked> = names.iter().flat_map(|name| judge(name, kind, &settings)).collect();
    to_stdout(|out| write(&judged, &settings, global, out))?;
    let is_refused = judged.iter().any(|judged| judged.place.is_err());
    Ok(if is_refused { Exit::Failed } else { Exit::Fine })
}

/// What the policy says to a name, once for each side that it has and that is meant.
fn judge<'a>(
    name: &'a str,
    side: Option<ZoneKind>,
    settings: &'a Settings,
) -> impl Iterator<Item = Checked> + 'a {
    let policy = &settings.policy;
    let sides = side.map_or_else(|| policy.sides(name), |side| vec![side]);
    sides.into_iter().map(move |kind| {
        let (name, place) = match allowed(policy, Proposal::of(name, None).inside(kind)) {
            Ok(offer) => (offer.name.to_string(), Ok(Allowed::of(&offer))),
            Err(why) => (name.to_owned(), Err(why)),
        };
        Checked { name, place }
    })
}

/// The names that were given, and those of the file.
fn names(options: &Options) -> Result<Vec<String>, Failure> {
    let mut names = options.given.clone();
    let text = match &options.file {
        None => String::new(),
        Some(path) if path.as_os_str() == "-" => {
            bounded::stream(io::stdin(), bounded::NAMES).context("cannot read names from standard input")?
        }
        Some(path) => bounded::given(path, bounded::NAMES).map_err(|fault| {
            Failure::usage(format!("cannot read {}: {fault}", path.display()))
                .hint("name a file with one name a line")
        })?,
    };
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    names.extend(lines.filter(|line| !line.is_empty()).map(str::to_owned));
    Ok(names)
}

fn write(
    judged: &[Checked],
    settings: &Settings,
    global: &Global,
    out: &mut (impl Write + ?Sized),
) -> io::Result<()> {
    match global.output {
        Format::Text => text(judged, settings, &Screen::of_stdout(global.env_file.as_deref()), out),
        Format::Json => write_json(&as_json(judged, settings), out),
        format @ (Format::Csv | Format::Markdown | Format::Arm) => {
            let mut table = Listing::new(&["name", "allowed", "zone", "reason", "because"]);
            for Checked { name, place } in judged {
                table.push(match place {
                    Ok(Allowed { zone, .. }) => {
                        vec![json!(name), json!("yes"), json!(zone.label()), Value::Null, Value::Null]
                    }
                    Err(why) => {
                        let (reason, because) = (why.reason().as_str(), why.to_string());
                        vec![json!(name), json!("no"), Value::Null, json!(reason), json!(because)]
                    }
                });
            }
            table.write(format, &Screen::of_stdout(global.env_file.as_deref()), out)
        }
    }
}

fn text(
    judged: &[Checked],
    settings: &Settings,
    screen: &Screen,
    out: &mut (impl Write + ?Sized),
) -> io::Result<()> {
    let zones: Vec<String> = settings.policy.zones.iter().map(|zone| zone.id.label()).collect();
    writeln!(out, "the settings can be used; zones: {}", zones.join(", "))?;
    let line = |sign, colour, weight, name: String, what: String, tail: &str, below: Option<Phrase>| Entry {
        weight,
        sign,
        colour: Some(colour),
        name,
        title: Phrase::default(),
        kind: "name",
        what,
        tail: tail.to_owned(),
        below: below.into_iter().collect(),
        listed: Vec::new(),
    };
    let warnings = settings.warnings.iter().map(|fault| Entry {
        kind: "",
        title: one_line(&fault.to_string()).into(),
        ..line('!', Colour::Yellow, Weight::Held, String::new(), String::new(), "", None)
    });
    let names = judged.iter().map(|Checked { name, place }| match place {
        Ok(Allowed { zone, types, lines }) => {
            let numbers: Vec<String> = lines.iter().map(ToString::to_string).collect();
            let by = match numbers.as_slice() {
                [] => String::new(),
                [line] => format!(", by line {line}"),
                lines => format!(", by lines {}", lines.join(", ")),
            };
            let what = format!("in {}{by}", zone.in_words());
            line('=', Colour::Green, Weight::Quiet, name.clone(), what, &types.join(", "), None)
        }
        Err(why) => {
            let because = Some(Phrase::from(&why.sentence()));
            let reason = why.reason().as_str();
            line('x', Colour::Red, Weight::Failed, shown(name), "refused".to_owned(), reason, because)
        }
    });
    let entries: Vec<Entry> = warnings.chain(names).collect();
    entry::write(&entries, screen, out)?;
    if !judged.is_empty() {
        let refused = judged.iter().filter(|judged| judged.place.is_err()).count();
        writeln!(out, "\n{} allowed, {refused} refused; nothing was asked of Azure", judged.len() - refused)?;
    }
    Ok(())
}

fn as_json(judged: &[Checked], settings: &Settings) -> Value {
    let names: Vec<Value> = judged
        .iter()
        .map(|Checked { name, place }| match place {
            Ok(Allowed { zone, types, lines }) => {
                json!({ "name": name, "allowed": true, "zone": zone, "record_types": types, "lines": lines, "reason": null, "because": null })
            }
            Err(why) => {
                let (reason, because) = (why.reason().as_str(), why.to_string());
                json!({ "name": name, "allowed": false, "zone": null, "record_types": [], "lines": [], "reason": reason, "because": because })
            }
        })
        .collect();
    let warning = |fault: &crate::config::Fault| json!({ "variable": fault.variable, "words": fault.said() });
    let warnings: Vec<Value> = settings.warnings.iter().map(warning).collect();
    json!({ "schema": "heartbeat-dns-check/1", "warnings": warnings, "names": names })
}
