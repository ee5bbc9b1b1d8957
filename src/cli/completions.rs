//! `heartbeat-dns completions`: what a shell needs to complete our commands and options.

use std::io::{self, Write};

use clap::Command;
use clap_complete::Shell;

use super::failure::{Exit, Failure};
use super::global::Global;
use super::output::{Format, to_stdout};

const EXAMPLES: &str = "\
Examples:
  heartbeat-dns completions bash > ~/.local/share/bash-completion/completions/heartbeat-dns
  heartbeat-dns completions zsh > ~/.zfunc/_heartbeat-dns
  heartbeat-dns completions fish > ~/.config/fish/completions/heartbeat-dns.fish";

/// For which shell.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The shell
    shell: Shell,
}

pub(super) fn run(options: &Options, global: &Global, mut command: Command) -> Result<Exit, Failure> {
    if global.output != Format::Text {
        return Err(Failure::usage("a script has one form").hint("leave -o out"));
    }
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut command, "heartbeat-dns", &mut script);
    to_stdout(|out: &mut dyn Write| -> io::Result<()> { out.write_all(&script) })?;
    Ok(Exit::Fine)
}
