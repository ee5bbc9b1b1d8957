//! What the program is asked to do.

use std::path::PathBuf;

use kql::DateTime;

pub(super) const HELP: &str = "\
Runs a KQL query over tables in files, as Azure Monitor would.

Usage: kql FILE.kql [--data DIR|FILE.json] [--now TIME] [--json]

  FILE.kql          the query; `-` reads it from the standard input
  --data DIR        tables from the files TABLE.json and TABLE.csv of a folder; what Azure's portal exports is read as it
                    is, with its times in UTC
  --data FILE.json  tables from one file: {\"TABLE\": [{\"Column\": value, …}, …], …}
  --now TIME        what now() answers, such as 2026-05-04T10:00:00Z; default: the clock
  --json            prints {\"columns\": […], \"rows\": […]}, or {\"error\": {\"message\", \"line\", \"column\"}}
  -h, --help        this text
  -V, --version     the version

Column types come from a `schema.json` beside the data ({\"tables\": {\"T\": {\"Column\": \"string\", …}}}), else from
the built-in tables, else from the values; columns of a custom log (T_CL) are what they end with: _s, _d, _b, _t.
Heartbeat, the flow log tables (NTANetAnalytics, NTAIpDetails, NTATopologyDetails) and AWS_Access_Key_Report_CL are
built in; those that the data does not name are empty. Another table that has no rows yet is known when `schema.json`
describes it.

Examples:
  echo 'print x = 1 + 1' | kql -
  echo 'Heartbeat | summarize arg_max(TimeGenerated, ComputerIP) by Computer' | kql - --data world.json
  kql mismatch.kql --data tables/ --now 2026-05-04T10:00:00Z --json

Exit: 0 answered, 1 the query was refused or stopped, 2 the arguments or the data cannot be used.
";

/// What to do.
#[derive(Debug)]
pub(super) enum Command {
    Help,
    Version,
    Run(Arguments),
}

/// The arguments of a run.
#[derive(Debug)]
pub(super) struct Arguments {
    pub(super) file: String,
    pub(super) data: Option<PathBuf>,
    pub(super) now: Option<DateTime>,
    pub(super) json: bool,
}

/// Reads the arguments; the error is a sentence.
pub(super) fn parse(list: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut list = list.peekable();
    let mut file = None;
    let mut arguments = Arguments { file: String::new(), data: None, now: None, json: false };
    while let Some(argument) = list.next() {
        let (name, attached) = match argument.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name.to_owned(), Some(value.to_owned())),
            _ => (argument.clone(), None),
        };
        let mut value =
            || attached.clone().or_else(|| list.next()).ok_or_else(|| format!("{name} needs a value"));
        match name.as_str() {
            "-h" | "--help" => return Ok(Command::Help),
            "-V" | "--version" => return Ok(Command::Version),
            "--data" => arguments.data = Some(PathBuf::from(value()?)),
            "--now" => {
                let text = value()?;
                let now = DateTime::parse(&text).ok_or_else(|| format!("--now: '{text}' is not a time"))?;
                arguments.now = Some(now);
            }
            "--json" => arguments.json = true,
            other if other.starts_with('-') && other != "-" => return Err(format!("unknown option {other}")),
            _ if file.is_none() => file = Some(argument),
            other => return Err(format!("one query at a time: {other} is too much")),
        }
    }
    arguments.file = file.ok_or("no query: name a file, or `-` for the standard input")?;
    Ok(Command::Run(arguments))
}
