//! The machines of a recording: which row is whose, under which id it is played, and what its tags claim.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use standin::world::ResourceId;

use super::Machine;
use crate::host_name;
use crate::street;
use crate::tags::{self, Tagged};

/// Columns that repeat parts of the id; the stand-in fills them again from the id that a row gets.
const IDENTITY: [&str; 7] = [
    "ResourceId",
    "Resource",
    "ResourceGroup",
    "ResourceProvider",
    "ResourceType",
    "SubscriptionId",
    "_SubscriptionId",
];
/// In lower case, in the id of an Arc machine.
const ARC: &str = "/providers/microsoft.hybridcompute/machines/";
/// So many machines are named in a note.
const NAMED: usize = 5;

/// Everybody who was heard, and whom the tags name.
#[derive(Debug)]
pub(super) struct Fleet<'f> {
    zone: &'f str,
    tag: &'f str,
    /// None: a machine is tagged by its own name.
    tagged: Option<Vec<Tagged>>,
    machines: BTreeMap<String, Machine>,
    /// Ids under which machines of other types are played, by what they call themselves and by their own ids.
    played: BTreeMap<String, BTreeMap<String, String>>,
    /// All of them, in lower case.
    taken: BTreeSet<String>,
    other_types: BTreeSet<String>,
    untagged: BTreeSet<String>,
    /// What cannot be a label of DNS, so that no name can be made of it.
    unnamed: BTreeSet<String>,
}

impl<'f> Fleet<'f> {
    pub(super) fn new(zone: &'f str, tag: &'f str, tagged: Option<Vec<Tagged>>) -> Self {
        Self {
            zone,
            tag,
            tagged,
            machines: BTreeMap::new(),
            played: BTreeMap::new(),
            taken: BTreeSet::new(),
            other_types: BTreeSet::new(),
            untagged: BTreeSet::new(),
            unnamed: BTreeSet::new(),
        }
    }

    /// Takes a row's machine in and gives the row the id under which it is played; false: it names no machine.
    pub(super) fn take(&mut self, row: &mut Map<String, Value>, time: Timestamp) -> bool {
        let text = |column: &str| row.get(column).and_then(Value::as_str).unwrap_or_default().to_owned();
        let own = text("_ResourceId");
        let own = if own.is_empty() { text("ResourceId") } else { own };
        let mut computer = text("Computer").trim().to_owned();
        if computer.is_empty() {
            own.rsplit('/').next().unwrap_or_default().clone_into(&mut computer);
        }
        if computer.is_empty() {
            return false;
        }
        let id = if own.to_lowercase().contains(ARC) && ResourceId::parse(&own).is_some() {
            own.clone()
        } else {
            if !own.is_empty() {
                self.other_types.insert(computer.clone());
            }
            IDENTITY.iter().for_each(|column| drop(row.remove(*column)));
            self.arc_id(&computer, &own)
        };
        let key = id.to_lowercase();
        if !self.machines.contains_key(&key) {
            let machine = self.machine(id, computer, &own);
            self.machines.insert(key.clone(), machine);
        }
        if let Some(machine) = self.machines.get_mut(&key) {
            machine.heard = machine.heard.max(Some(time));
        }
        row.insert("_ResourceId".to_owned(), Value::from(key));
        true
    }

    /// An id for a machine that is none of Arc's; two that call themselves alike are two.
    fn arc_id(&mut self, computer: &str, own: &str) -> String {
        let of_name = self.played.entry(computer.to_lowercase()).or_default();
        let new = || {
            let name = in_an_id(computer);
            let number = |number: usize| format!("{name}-{number}");
            let mut ids =
                std::iter::once(name.clone()).chain((2..).map(number)).map(|name| street::machine_id(&name));
            let is_free = |id: &String| self.taken.insert(id.to_lowercase());
            ids.find(is_free).unwrap_or_default()
        };
        of_name.entry(own.to_lowercase()).or_insert_with(new).clone()
    }

    fn machine(&mut self, id: String, computer: String, own: &str) -> Machine {
        let tags = match &self.tagged {
            Some(tagged) => match whose(tagged, own, &computer) {
                Some(tagged) => tagged.tags.clone(),
                None => Map::new(),
            },
            None => match host_name::below(first_label(&computer), self.zone) {
                Some(name) => [(self.tag.to_owned(), json!(name))].into_iter().collect(),
                None => Map::new(),
            },
        };
        let names = tags::names(&tags, self.tag);
        if names.is_empty() {
            let who = if self.tagged.is_some() { &mut self.untagged } else { &mut self.unnamed };
            who.insert(computer.clone());
        }
        Machine { id, computer, tags, names, heard: None }
    }

    /// What people must know of those who were heard.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if !self.other_types.is_empty() {
            let is = if self.other_types.len() == 1 { "is" } else { "are" };
            let names = some(&self.other_types);
            notes.push(format!(
                "{names} {is} no Arc machine in the recording and is played by one in rg-edge."
            ));
        }
        if !self.unnamed.is_empty() {
            let machines = if self.unnamed.len() == 1 { "machine" } else { "machines" };
            let quoted = self.unnamed.iter().map(|computer| format!("'{computer}'")).collect();
            notes.push(format!(
                "Left untagged: {} {machines} whose Computer begins with no label of DNS: {}; --tags FILE says which name \
                 is whose.",
                self.unnamed.len(),
                some(&quoted)
            ));
        }
        if !self.untagged.is_empty() {
            notes.push(format!("Without a tag {} in --tags: {}.", self.tag, some(&self.untagged)));
        }
        notes
    }

    /// The machines by their ids in lower case, those that were never heard too; those whom only the tags know are noted.
    pub(super) fn into_machines(mut self, notes: &mut Vec<String>) -> BTreeMap<String, Machine> {
        let mut unheard = BTreeSet::new();
        let heard: Vec<(String, String)> =
            self.machines.values().map(|machine| (machine.id.clone(), machine.computer.clone())).collect();
        for tagged in self.tagged.take().into_iter().flatten() {
            let names = tags::names(&tagged.tags, self.tag);
            let is_heard = heard.iter().any(|(id, computer)| is_of(&tagged, id, computer));
            if is_heard || names.is_empty() {
                continue;
            }
            unheard.insert(tagged.name.clone());
            // A machine that is none of Arc's is played by one.
            let id =
                tagged.id.filter(|id| id.to_lowercase().contains(ARC) && ResourceId::parse(id).is_some());
            let id = id.unwrap_or_else(|| street::machine_id(&in_an_id(&tagged.name)));
            let machine =
                Machine { id: id.clone(), computer: tagged.name, tags: tagged.tags, names, heard: None };
            self.machines.entry(id.to_lowercase()).or_insert(machine);
        }
        if !unheard.is_empty() {
            notes.push(format!("In --tags, and not heard in the recording: {}.", some(&unheard)));
        }
        self.machines
    }
}

/// The entry of a machine: by its id, else by what it calls itself.
fn whose<'t>(tagged: &'t [Tagged], id: &str, computer: &str) -> Option<&'t Tagged> {
    let by_id =
        tagged.iter().find(|tagged| tagged.id.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(id)));
    by_id.or_else(|| tagged.iter().find(|tagged| is_of(tagged, id, computer)))
}

fn is_of(tagged: &Tagged, id: &str, computer: &str) -> bool {
    if let Some(known) = tagged.id.as_deref().filter(|_| id.to_lowercase().contains(ARC)) {
        return known.eq_ignore_ascii_case(id);
    }
    let last = id.rsplit('/').next().unwrap_or_default();
    [computer, first_label(computer), last].iter().any(|name| name.eq_ignore_ascii_case(&tagged.name))
}

/// What a machine calls itself, as a part of an id: it may call itself anything.
fn in_an_id(computer: &str) -> String {
    let is_good = |letter: char| letter.is_ascii_alphanumeric() || "-._".contains(letter);
    computer.chars().map(|letter| if is_good(letter) { letter } else { '-' }).collect()
}

fn first_label(computer: &str) -> &str {
    computer.split('.').next().unwrap_or(computer)
}

fn some(names: &BTreeSet<String>) -> String {
    let shown: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
    match names.len().checked_sub(NAMED) {
        Some(more @ 1..) => format!("{} and {more} more", shown.join(", ")),
        _ => shown.join(", "),
    }
}
