//! Machines out of files: answers of `az graph query`, or CSV.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::bounded;
use crate::cli::failure::Failure;
use crate::config::Offline;
use crate::run::Machines;
use pure::domain::{MachineKind, ResourceId};

/// What is to be done about a file that cannot be used.
fn hint(targets: &BTreeSet<MachineKind>) -> String {
    let types: Vec<_> = targets.iter().map(|kind| format!("'{}'", kind.resource_type())).collect();
    let types = match types.as_slice() {
        [only] => format!("=~ {only}"),
        several => format!("in~ ({})", several.join(", ")),
    };
    format!(
        "give what `az graph query --first 1000 -q \"resources | where type {types} | project id, name, location, tags\"` \
         answers, each page as a file of its own, or CSV id,name,tag"
    )
}

/// Reads files of machines. Whatever cannot be read is a fault: a machine that is left out would look like one that no line
/// is for.
pub(super) fn read(paths: &[PathBuf], offline: &Offline) -> Result<Machines, Failure> {
    let mut found = Found { offline, machines: Machines::default(), rows: 0, promised: 0 };
    for path in paths {
        found.file(path).map_err(|words| {
            let words = format!("cannot use {}: {words}", path.display());
            Failure::usage(words).hint(hint(&offline.targets))
        })?;
    }
    let Found { machines, rows, promised, .. } = found;
    if rows < promised {
        let words = format!("the answer has {promised} machines, and {rows} of them are in these files");
        return Err(Failure::usage(words)
            .hint("give every page of it: `az graph query --first 1000`, then with --skip-token, each with a --machines of its own"));
    }
    Ok(machines)
}

/// What was found so far.
struct Found<'a> {
    offline: &'a Offline,
    machines: Machines,
    /// Rows of answers of `az graph query`.
    rows: u64,
    /// How many the answers say that there are.
    promised: u64,
}

impl Found<'_> {
    /// The id of a machine of a kind that counts.
    fn machine(&self, text: &str) -> Result<ResourceId, String> {
        let id =
            ResourceId::parse(text.trim()).map_err(|why| format!("`{text}` is no id of a machine: {why}"))?;
        let targets = &self.offline.targets;
        if MachineKind::of(&id).is_some_and(|kind| targets.contains(&kind)) {
            return Ok(id);
        }
        let kinds: Vec<_> = targets.iter().map(|kind| kind.words()).collect();
        Err(format!("{id} is no {}, and only these count (TARGETS)", kinds.join(" or ")))
    }

    fn file(&mut self, path: &Path) -> Result<(), String> {
        let text = bounded::given(path, bounded::MACHINES).map_err(|error| error.to_string())?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        if text.trim_start().starts_with(['{', '[']) { self.answer(text) } else { self.table(text) }
    }

    fn answer(&mut self, text: &str) -> Result<(), String> {
        let answer: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let rows = answer.as_array().or_else(|| answer.get("data")?.as_array());
        for row in rows.ok_or("there is no list of machines in it")? {
            self.row(row)?;
            self.rows += 1;
        }
        // `az` and the service spell it differently.
        let total =
            answer.get("total_records").or_else(|| answer.get("totalRecords")).and_then(Value::as_u64);
        self.promised = self.promised.max(total.unwrap_or_default());
        Ok(())
    }

    fn row(&mut self, row: &Value) -> Result<(), String> {
        let id = self.machine(row["id"].as_str().unwrap_or_default())?;
        let tags = match &row["tags"] {
            Value::Object(tags) => Some(tags),
            // A machine without tags has none; a column that was not asked for says nothing.
            Value::Null if row.get("tags").is_some() => None,
            _ => return Err(format!("{id} has no column tags")),
        };
        let tags = || tags.into_iter().flatten();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let named = tags().filter(|(key, _)| key.eq_ignore_ascii_case(&self.offline.tag));
        let values = named.filter_map(|(_, value)| text(value)).collect();
        let groups = row["groups"].as_array().and_then(|groups| {
            let name = |group: &Value| text(&group["name"]).or_else(|| text(group));
            groups.iter().map(name).collect::<Option<Vec<String>>>()
        });
        // Without its place nothing of the machine is taken for known that the file does not tell.
        if let Some(location) = row["location"].as_str() {
            let further = tags().filter_map(|(key, value)| Some((key.to_lowercase(), text(value)?)));
            self.machines.particulars.learn(&id, location, &further.collect(), groups.as_ref());
        }
        self.machines.insert(&id, values);
        Ok(())
    }

    fn table(&mut self, text: &str) -> Result<(), String> {
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let head = lines.next().map(|(_, line)| fields(line)).unwrap_or_default();
        let column = |name: &str| head.iter().position(|cell| cell.trim().eq_ignore_ascii_case(name));
        let (Some(of_id), Some(of_tag)) = (column("id"), column("tag")) else {
            // Spreadsheets part fields by semicolons where the comma stands in numbers.
            return Err(match head.as_slice() {
                [only] if only.contains(';') => "its fields are separated by semicolons; use commas",
                [only] if only.contains('\t') => "its fields are separated by tabs; use commas",
                _ => "its first line lacks the columns id and tag",
            }
            .to_owned());
        };
        for (place, line) in lines {
            let row = fields(line);
            let place = place + 1;
            if row.len() != head.len() {
                return Err(format!(
                    "line {place} has {} fields, and the first line {}",
                    row.len(),
                    head.len()
                ));
            }
            let id = self.machine(&row[of_id]).map_err(|words| format!("line {place}: {words}"))?;
            let tag = Some(&row[of_tag]).filter(|tag| !tag.is_empty()).cloned();
            self.machines.insert(&id, tag.into_iter().collect());
        }
        Ok(())
    }
}

/// The fields of a line, of which some may stand in quotes.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut field, mut is_quoted) = (Vec::new(), String::new(), false);
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if is_quoted && characters.peek() == Some(&'"') => field.extend(characters.next()),
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields.push(std::mem::take(&mut field)),
            other => field.push(other),
        }
    }
    fields.push(field);
    fields
}
