//! Where log lines go and in which form.
//!
//! The Functions host reads standard output as information and standard error as errors, or as warnings when a line
//! holds "warn" (contract functions-custom-handler, section 2.4). So information and below go to standard output there,
//! warnings and errors to standard error. On the command line standard output belongs to the results, so all lines go
//! to standard error.

mod json;

use std::fmt;

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Span, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::{JsonFields, debug_fn};
use tracing_subscriber::fmt::writer::{BoxMakeWriter, MakeWriterExt};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

use pure::shown::shown;

/// The target of lines that say for people what the fields of the line before them hold; lines of JSON go without them.
pub const IN_WORDS: &str = "heartbeat_dns::in_words";

/// The target of spans whose fields are fields of every line within them; sentences for people go without.
const AROUND: &str = "heartbeat_dns::around";

/// The span of one invocation of the Functions host: its id, and the trace of the host's telemetry where it sent one.
#[must_use]
pub fn invocation(id: Option<&str>, operation: Option<&str>) -> Span {
    tracing::error_span!(target: AROUND, "invocation", invocation = id, operation)
}

/// Which stream gets which lines.
#[derive(Clone, Copy, Debug)]
pub enum Streams {
    /// Warnings and errors to standard error, everything else to standard output: below the Functions host.
    ByLevel,
    /// Everything to standard error: on the command line.
    ErrorOnly,
    /// Nothing to a stream: each sentence to whoever says it to a person, beside all else that he is told.
    Said(fn(Level, &str)),
}

/// Starts logging for the whole process.
///
/// Lines are one JSON object each, or text for people: a sentence alone, for it names all that matters in its fields.
/// Libraries speak from warnings up; at `trace` from information
/// up, and never with what they send: tokens stand in headers, bodies hold addresses.
///
/// # Errors
/// When logging was started before.
pub fn start(level: Level, json: bool, streams: Streams) -> Result<(), TryInitError> {
    let libraries = if level == Level::TRACE { Level::INFO } else { Level::WARN.min(level) };
    let filter = Targets::new()
        .with_target(IN_WORDS, if json { LevelFilter::OFF } else { LevelFilter::from_level(level) })
        .with_target(AROUND, if json { LevelFilter::TRACE } else { LevelFilter::OFF })
        .with_default(LevelFilter::from_level(libraries))
        .with_target("heartbeat_dns", level)
        .with_target("azure_core", Level::ERROR)
        .with_target("typespec_client_core", Level::ERROR);
    if let Streams::Said(say) = streams {
        return tracing_subscriber::registry().with(Saying { say }.with_filter(filter)).try_init();
    }
    let writer = match streams {
        Streams::ErrorOnly | Streams::Said(_) => BoxMakeWriter::new(std::io::stderr),
        Streams::ByLevel => BoxMakeWriter::new(
            std::io::stderr.with_max_level(Level::WARN).or_else(std::io::stdout.with_min_level(Level::INFO)),
        ),
    };
    // The library would complain of a closed standard error on standard error, and panic.
    let lines = tracing_subscriber::fmt::layer().log_internal_errors(false).with_writer(writer);
    let lines = if json {
        lines.fmt_fields(JsonFields::new()).event_format(json::JsonLines).boxed()
    } else {
        let sentence = debug_fn(|writer, field, value| {
            if field.name() == "message" { writer.write_str(&shown(&format!("{value:?}"))) } else { Ok(()) }
        });
        // Plain on a terminal too: colours need a feature of the library, and whoever wants none gets none.
        lines.with_target(false).with_ansi(false).fmt_fields(sentence).boxed()
    };
    tracing_subscriber::registry().with(lines.with_filter(filter)).try_init()
}

/// Hands the sentence of each line on.
struct Saying {
    say: fn(Level, &str),
}

impl<S: Subscriber> Layer<S> for Saying {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut sentence = InWords(String::new());
        event.record(&mut sentence);
        (self.say)(*event.metadata().level(), &shown(&sentence.0));
    }
}

/// What a line says in words.
struct InWords(String);

impl Visit for InWords {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}
