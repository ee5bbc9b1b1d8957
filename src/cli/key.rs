//! Tags whose key is not the one that claims names: the key of a machine's tag is misspelt, or the setting that names it.

use crate::azure::resource_graph::{Likeness, MeantKey, Misspelt, TagKeys};
use crate::cli::phrase::Phrase;
use crate::doctor::name as az;
use pure::shown::shown;

/// What is so of a machine.
pub(super) fn told(misspelt: &Misspelt, tag: &str) -> String {
    let Misspelt { machine, tag: other } = misspelt;
    let (name, group) = (shown(machine.name()), shown(machine.resource_group()));
    format!("{name} ({group}) has no tag {tag}, and one named {}: {}", shown(&other.key), shown(&other.value))
}

/// The command that writes the tag as it was probably meant; where no machine carries the right one, it may be the setting
/// too.
pub(super) fn mended(misspelt: &Misspelt, tag: &str, keys: &TagKeys) -> Vec<Phrase> {
    let command = az::claim(&misspelt.machine, tag, &misspelt.tag.value);
    let write = Phrase::from("write it as it was probably meant:").whole(command);
    let setting =
        || Phrase::from(format!("or, if that tag is right: HOSTNAME_TAG={}", shown(&misspelt.tag.key)));
    std::iter::once(write).chain(keys.is_nowhere().then(setting)).collect()
}

/// Machines whose tag alone is misspelt, where the setting is right.
pub(super) fn alone<'k>(misspelt: &'k [Misspelt], keys: &TagKeys) -> impl Iterator<Item = &'k Misspelt> + 'k {
    let meant = keys.meant().map(|meant| meant.key.to_lowercase());
    misspelt.iter().filter(move |own| meant.as_ref() != Some(&own.tag.key.to_lowercase()))
}

/// That the setting names another tag than the machines carry.
pub(super) fn wrong_setting(meant: &MeantKey, tag: &str) -> String {
    let carriers = |count: u64| match count {
        0 => "no machine carries".to_owned(),
        1 => "1 machine carries".to_owned(),
        count => format!("{count} machines carry"),
    };
    let names = match meant.likeness {
        Likeness::Key => "",
        Likeness::Value => " with names in managed zones",
    };
    format!(
        "HOSTNAME_TAG names the tag {}, which {}; {} the tag {}{names}",
        shown(tag),
        carriers(meant.tagged),
        carriers(meant.machines),
        shown(&meant.key)
    )
}

/// What mends the setting.
pub(super) fn corrected(meant: &MeantKey) -> Phrase {
    let key = shown(&meant.key);
    match meant.likeness {
        Likeness::Key => format!("correct the setting: HOSTNAME_TAG={key}"),
        Likeness::Value => {
            format!("if that is the tag that was meant, correct the setting: HOSTNAME_TAG={key}")
        }
    }
    .into()
}

/// Both, for whoever looks at one name.
pub(super) fn setting(meant: &MeantKey, tag: &str) -> Vec<Phrase> {
    vec![wrong_setting(meant, tag).into(), corrected(meant)]
}

/// What is to be said of a name that nobody claims; nothing where no tag of another key holds it.
pub(super) fn of_a_name(misspelt: &[Misspelt], tag: &str, keys: &TagKeys) -> Vec<Phrase> {
    let own = |own| std::iter::once(told(own, tag).into()).chain(mended(own, tag, keys));
    keys.meant().map_or_else(|| misspelt.iter().flat_map(own).collect(), |meant| setting(&meant, tag))
}
