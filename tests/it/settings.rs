//! The settings as they are declared are the tables of the reference and the example file, and the command line as it is parsed is
//! the reference's table of commands: `UPDATE_DOCUMENTS=1 cargo test` writes all of them.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use heartbeat_dns::cli::Cli;
use heartbeat_dns::config::{Section, Setting, Settings, Unset, Variables, settings};

/// Of the Functions tools, not ours.
const OF_THE_TOOLS: [(&str, &str); 2] =
    [("FUNCTIONS_WORKER_RUNTIME", "custom"), ("AzureWebJobsStorage", "UseDevelopmentStorage=true")];

const EXAMPLE: &str = "local.settings.json.example";
const REFERENCE: &str = "docs/reference/settings.md";
const COMMANDS: &str = "docs/reference/cli.md";

fn path(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}

fn read(file: &str) -> String {
    std::fs::read_to_string(path(file)).unwrap()
}

/// Fails when a document is not what the code says, unless it is to be written.
fn hold(file: &str, wanted: &str) {
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() && read(file) != wanted {
        std::fs::write(path(file), wanted).unwrap();
    }
    let found = read(file);
    let differs = wanted.lines().zip(found.lines()).find(|(wanted, found)| wanted != found);
    assert!(
        found == wanted,
        "{file} is not what the code says: {differs:?}; UPDATE_DOCUMENTS=1 cargo test settings writes it"
    );
}

fn table(settings: impl Iterator<Item = &'static Setting>) -> String {
    let mut table = "| variable | default | |\n|---|---|---|\n".to_owned();
    for setting in settings {
        let default = match setting.unset {
            Unset::Fault(_) => "required".to_owned(),
            Unset::Is(text) => format!("`{text}`"),
            Unset::Means(words) => words.to_owned(),
        };
        writeln!(table, "| `{}` | {default} | {} |", setting.name, setting.help).unwrap();
    }
    table
}

/// The text with what stands between two marks replaced.
fn between(text: &str, block: &str, inside: &str) -> String {
    let (open, close) = (format!("<!-- {block} -->\n"), format!("<!-- end of {block} -->"));
    let (before, rest) = text.split_once(&open).unwrap_or_else(|| panic!("there is no {open}"));
    let (_, after) = rest.split_once(&close).unwrap_or_else(|| panic!("there is no {close}"));
    format!("{before}{open}{inside}{close}{after}")
}

#[test]
fn the_reference_tells_every_setting_with_its_default() {
    let is_policy = |setting: &&Setting| setting.section == Section::Policy;
    let general = table(settings().iter().filter(|setting| !is_policy(setting)));
    let text = between(&read(REFERENCE), "settings", &general);
    let policy = table(settings().iter().filter(is_policy));
    hold(REFERENCE, &between(&text, "settings of the policy", &policy));
}

/// How an argument is written.
#[cfg(feature = "local")]
fn written(argument: &clap::Arg) -> String {
    let value = argument.get_value_names().map(|names| names[0].to_string()).unwrap_or_default();
    let value = if argument.get_action().takes_values() { value } else { String::new() };
    let many = if matches!(argument.get_action(), clap::ArgAction::Append) { "…" } else { "" };
    match argument.get_long() {
        Some(long) if value.is_empty() => format!("--{long}"),
        Some(long) => format!("--{long} {value}"),
        None => format!("{}{many}", value.trim_matches(['[', ']'])),
    }
}

/// A row for each command: what it is called with, and what it does.
#[cfg(feature = "local")]
fn commands() -> String {
    let mut cli = Cli::command();
    cli.build();
    let mut table = "| command | |\n|---|---|\n".to_owned();
    let common: Vec<_> = cli.get_arguments().map(|argument| argument.get_id().clone()).collect();
    for command in cli.get_subcommands().filter(|command| command.get_name() != "help") {
        let own = command.get_arguments().filter(|argument| !common.contains(argument.get_id()));
        let arguments: String = own
            .map(|argument| match argument.is_required_set() {
                true => format!(" {}", written(argument)),
                false => format!(" [{}]", written(argument)),
            })
            .collect();
        let about = command.get_about().unwrap().to_string();
        writeln!(table, "| `{}{}` | {about} |", command.get_name(), arguments.replace('|', "\\|")).unwrap();
    }
    table
}

#[cfg(feature = "local")]
#[test]
fn the_reference_tells_every_command_with_its_options() {
    hold(COMMANDS, &between(&read(COMMANDS), "commands", &commands()));
}

#[test]
fn the_reference_tells_every_exit_code() {
    let help = Cli::command().get_after_help().unwrap().to_string();
    let codes = |text: &str, sign: &str| -> Vec<u8> {
        let lines = text.lines().filter_map(|line| line.strip_prefix(sign));
        lines.filter_map(|line| line.split(' ').next()?.parse::<u8>().ok()).collect()
    };
    let told = codes(&read(COMMANDS), "| ");
    assert_eq!(told, codes(&help, "  "), "{COMMANDS}");
    assert_eq!(told.len(), 5);
}

#[test]
fn the_example_holds_every_setting() {
    let mut groups = vec![OF_THE_TOOLS.to_vec()];
    let mut section = None;
    for setting in settings() {
        if section.replace(setting.section) != Some(setting.section) {
            groups.push(Vec::new());
        }
        groups.last_mut().unwrap().push((setting.name, setting.example));
    }
    let line = |(name, value): &(&str, &str)| format!("    {name:?}: {value:?}");
    let group = |group: &Vec<(&str, &str)>| group.iter().map(line).collect::<Vec<_>>().join(",\n");
    let values = groups.iter().map(group).collect::<Vec<_>>().join(",\n\n");
    let host = "  \"Host\": {\n    \"LocalHttpPort\": 7071,\n    \"LocalHttpAddress\": \"127.0.0.1\"\n  }";
    let text = format!("{{\n  \"IsEncrypted\": false,\n  \"Values\": {{\n{values}\n  }},\n{host}\n}}\n");
    hold(EXAMPLE, &text);
}

#[test]
fn the_example_is_accepted_as_it_stands() {
    let example = Variables::local_settings(&path(EXAMPLE)).unwrap();
    let settings = Settings::read(&example).unwrap_or_else(|faults| panic!("{EXAMPLE}: {faults}"));
    assert!(settings.warnings.is_empty(), "{:?}", settings.warnings);
}

#[test]
fn every_setting_says_what_it_is_for() {
    for setting in settings() {
        assert!(
            setting.help.len() > 10 && !setting.help.ends_with('.'),
            "{}: {:?}",
            setting.name,
            setting.help
        );
        assert!(!setting.help.contains(['|', '\n']), "{}: it stands in a table", setting.name);
    }
}
