//! The program in the zip: it serves the Functions host. Verbs that only people call are in the command-line build.

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use crate::app::VERSION;
use crate::config::{Variables, port_of};
use crate::serve::{self, NotServed, Serving};

/// What is said to whoever asks for more.
const SERVES_ONLY: &str = "\
this is the program that Azure Functions runs: it has `serve` and no other command
what people call, such as `plan` and `apply`, is in the command-line build: install it on your own machine \
(docs/operator.md, \"The program\")";
/// Ended after it was told to stop. With 0 the host would believe that we still serve (contract, section 2.5).
const TOLD_TO_STOP: u8 = 1;
/// It could not do what was asked.
const FAILED: u8 = 1;
/// The command line or the settings are wrong.
const USAGE: u8 = 2;

/// What the arguments ask for.
#[derive(Debug, PartialEq, Eq)]
enum Order {
    Serve(Serving),
    Version,
    Help,
    /// Something that only the command-line build has, or nobody.
    More,
}

/// Runs what the arguments ask for and says how it ended.
#[must_use]
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let process = Variables::process();
    let arguments: Vec<OsString> = arguments.into_iter().skip(1).collect();
    let code = match asked(&arguments, port_of(&process).is_some()) {
        Order::Serve(serving) => served(serving, &process),
        Order::Version => said(io::stdout(), &format!("heartbeat-dns {VERSION}"), 0),
        Order::Help => said(io::stdout(), SERVES_ONLY, 0),
        Order::More => said(io::stderr(), &format!("error: {SERVES_ONLY}"), USAGE),
    };
    ExitCode::from(code)
}

fn served(serving: Serving, variables: &Variables) -> u8 {
    let Err(why) = serve::run(serving, variables) else { return TOLD_TO_STOP };
    let code = match why {
        NotServed::NoPort | NotServed::PortUnreadable(_) => USAGE,
        NotServed::PortNotHad { .. } | NotServed::NoThreads(_) => FAILED,
    };
    said(io::stderr(), &format!("error: {why}"), code)
}

/// Says it, to nobody where nobody listens any more.
fn said(mut stream: impl Write, words: &str, code: u8) -> u8 {
    let _ = writeln!(stream, "{words}");
    code
}

/// Reads the arguments as the command-line build reads them, as far as this program goes.
fn asked(arguments: &[OsString], has_host: bool) -> Order {
    let Some(words) = arguments.iter().map(|word| word.to_str()).collect::<Option<Vec<_>>>() else {
        return Order::More;
    };
    match words.as_slice() {
        [] if has_host => Order::Serve(Serving::default()),
        ["-V" | "--version"] => Order::Version,
        ["-h" | "--help" | "help"] | ["serve", "-h" | "--help"] => Order::Help,
        ["serve", options @ ..] => serving(options).map_or(Order::More, Order::Serve),
        _ => Order::More,
    }
}

fn serving(options: &[&str]) -> Option<Serving> {
    let mut serving = Serving::default();
    let mut left = options.iter();
    while let Some(option) = left.next() {
        match *option {
            "--until-stdin-closes" => serving.until_stdin_closes = true,
            "--port" => serving.port = Some(left.next()?.parse().ok()?),
            _ => return None,
        }
    }
    Some(serving)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str, has_host: bool) -> Order {
        asked(&line.split_whitespace().map(OsString::from).collect::<Vec<_>>(), has_host)
    }

    #[test]
    fn it_serves_where_the_host_says_so_or_whoever_starts_it() {
        assert_eq!(of("", true), Order::Serve(Serving::default()));
        assert_eq!(of("serve", false), Order::Serve(Serving::default()));
        let by_hand = Serving { port: Some(0), until_stdin_closes: true };
        assert_eq!(of("serve --until-stdin-closes --port 0", true), Order::Serve(by_hand));
        assert_eq!(of("--version", true), Order::Version);
        assert_eq!(of("help", true), Order::Help);
    }

    #[test]
    fn whatever_else_is_asked_for_is_in_the_other_build() {
        for line in
            ["plan", "apply --yes", "serve --port", "serve --port 70000", "serve plan", "-o json serve"]
        {
            assert_eq!(of(line, true), Order::More, "{line}");
        }
        assert_eq!(of("", false), Order::More, "no host has started it");
    }
}
