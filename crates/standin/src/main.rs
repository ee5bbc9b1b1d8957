//! The local Azure as a program.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Parser, ValueEnum};
use standin::world::Document;
use standin::{Options, World};

/// Queries take much memory and give it back. This allocator gives it back to the system, while that of the C library keeps it
/// in a part of its own for each thread that queries ran on.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The local Azure: tokens, Resource Manager, Resource Graph, DNS, Logs Ingestion and Logs Query, with state.
#[derive(Debug, Parser)]
#[command(name = "standin", version)]
struct Arguments {
    /// Port of the services (0: any; taken: the next free one)
    #[arg(long, default_value_t = 7072)]
    port: u16,
    /// Port of the name server, UDP and TCP (0: any; taken: the next free one)
    #[arg(long, default_value_t = 7053)]
    dns_port: u16,
    /// Port of the resolver, which answers out of private zones too, UDP and TCP (0: any; taken: the next free one)
    #[arg(long, default_value_t = 7054, value_name = "PORT")]
    resolver_port: u16,
    /// Address to listen on
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,
    /// The world at the start, as a JSON file in the form of GET /standin/world
    #[arg(long, value_name = "FILE")]
    world: Option<PathBuf>,
    /// Serve https as well; ca.pem, and its key ca-key.pem for the next start, are written into this folder
    #[arg(long, value_name = "DIR")]
    tls: Option<PathBuf>,
    /// Put the well-known hosts (management.azure.com, login.microsoftonline.com, api.loganalytics.io …) into the
    /// certificate of https, for clients that know no others, and NAMEs besides
    #[arg(long, value_name = "NAME", num_args = 0.., require_equals = true, value_delimiter = ',', requires = "tls")]
    tls_names: Option<Vec<String>>,
    /// Port of https (0: any; taken: the next free one)
    #[arg(long, default_value_t = 7073, value_name = "PORT")]
    tls_port: u16,
    /// Refuse what goes over the services' quotas
    #[arg(long)]
    quotas: bool,
    /// Seconds that the answers of long-running operations ask to wait (Azure asks for up to 30)
    #[arg(long, default_value_t = 1, value_name = "SECONDS")]
    retry_after: u64,
    /// Milliseconds that each call takes at least
    #[arg(long, default_value_t = 0, value_name = "MS")]
    latency: u64,
    /// How often machines that were heard once beat again, such as 2s, 500ms or 1m (0: never)
    #[arg(long, value_name = "D", default_value = "1m", value_parser = interval)]
    beat_every: Duration,
    /// Form of what is printed
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// Words for people
    Text,
    /// One JSON object a line
    Json,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        // In one line and without a backtrace, whatever the environment asks for: it is the caller's to mend.
        Err(fault) => {
            // Who has closed the stream wants no words.
            let _ = writeln!(std::io::stderr(), "error: {fault:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let (world, quotas) = match &arguments.world {
        Some(file) => read_world(file)?,
        None => (None, None),
    };
    let address = |port| SocketAddr::new(arguments.host, port);
    let running = standin::start(Options {
        azure: address(arguments.port),
        dns: address(arguments.dns_port),
        resolver: address(arguments.resolver_port),
        tls: arguments.tls.clone().map(|folder| (folder, address(arguments.tls_port))),
        tls_names: arguments.tls_names.clone(),
        world,
        latency: Duration::from_millis(arguments.latency),
        retry_after: arguments.retry_after,
        quotas: arguments.quotas || quotas.unwrap_or(false),
        beat_every: Some(arguments.beat_every).filter(|every| !every.is_zero()),
        next_free_port: true,
        ..Options::default()
    })
    .await?;
    let (azure, dns, tls) = (running.azure_url(), running.dns_addr(), running.tls_url());
    let resolver = running.resolver_addr();
    if arguments.output == Output::Json {
        let ready = serde_json::json!({
            "event": "ready", "azure": azure.as_str().trim_end_matches('/'), "dns": dns.to_string(),
            "resolver": resolver.to_string(),
            "azure_tls": tls.as_ref().map(|tls| tls.as_str().trim_end_matches('/')), "pid": std::process::id(),
        });
        println!("{ready}");
    } else {
        for (what, wanted, got) in [
            ("services", arguments.port, azure.port()),
            ("name server", arguments.dns_port, Some(dns.port())),
            ("resolver", arguments.resolver_port, Some(resolver.port())),
            ("https", arguments.tls_port, tls.as_ref().and_then(url::Url::port)),
        ] {
            if let Some(got) = got.filter(|&got| wanted != 0 && got != wanted) {
                println!("port {wanted} is taken, the {what} took {got}");
            }
        }
        println!("services at {}", azure.as_str().trim_end_matches('/'));
        if let (Some(tls), Some(folder)) = (&tls, &arguments.tls) {
            let certificate = folder.join("ca.pem");
            println!("services at {}, trust {}", tls.as_str().trim_end_matches('/'), certificate.display());
        }
        println!("name server at {dns}");
        println!("resolver at {resolver}");
    }
    tokio::signal::ctrl_c().await.context("failed to wait for ctrl-c")?;
    running.stop().await;
    Ok(())
}

/// The most of a world file: what has no end must not take all memory.
const LARGEST_WORLD: u64 = 1 << 30;

/// Reads a world file; its member `quotas` is an option rather than a part of the world.
fn read_world(file: &Path) -> anyhow::Result<(Option<World>, Option<bool>)> {
    let cannot = || format!("failed to read {}", file.display());
    let mut text = Vec::new();
    std::fs::File::open(file)
        .with_context(cannot)?
        .take(LARGEST_WORLD + 1)
        .read_to_end(&mut text)
        .with_context(cannot)?;
    if text.len() as u64 > LARGEST_WORLD {
        bail!("{}: a world has at most {} MiB", cannot(), LARGEST_WORLD >> 20);
    }
    let form = "\n\nhint: a world has the form of GET /standin/world; `{}` is the smallest one";
    let document = match Document::of(&text) {
        Ok(document) => document,
        Err(place) => bail!("failed to read {} as JSON: {place}{form}", file.display()),
    };
    match document.quotas().and_then(|quotas| Ok((Some(document.world()?), quotas))) {
        Ok(read) => Ok(read),
        Err(place) => bail!("failed to read {} as a world: {place}{form}", file.display()),
    }
}

/// A duration, or `0` for never.
fn interval(text: &str) -> Result<Duration, String> {
    if text == "0" { Ok(Duration::ZERO) } else { duration(text) }
}

/// Reads a duration: a number with `ms`, `s`, `m` or `h`.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| format!("'{text}' does not begin with a number"))?;
    let millis = match unit {
        "ms" => 1,
        "" | "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(format!("'{unit}' is no unit; ms, s, m and h are")),
    };
    let duration = number.checked_mul(millis).filter(|&millis| millis > 0).map(Duration::from_millis);
    duration.ok_or_else(|| format!("'{text}' is too short or too long"))
}
