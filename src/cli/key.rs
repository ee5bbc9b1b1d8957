//! A machine whose tag has a key that is nearly the one that claims names.

use crate::azure::resource_graph::Misspelt;
use crate::cli::phrase::Phrase;
use crate::doctor::name as az;
use pure::shown::shown;

/// What is so.
pub(super) fn told(misspelt: &Misspelt, tag: &str) -> String {
    let Misspelt { machine, key, value } = misspelt;
    let (name, group) = (shown(machine.name()), shown(machine.resource_group()));
    format!("{name} ({group}) has no tag {tag}, and one named {}: {}", shown(key), shown(value))
}

/// The command that writes the tag as it was probably meant.
pub(super) fn mended(misspelt: &Misspelt, tag: &str) -> Phrase {
    let command = az::claim(&misspelt.machine, tag, &misspelt.value);
    Phrase::from("write it as it was probably meant:").whole(command)
}
