//! Programs that are not ours.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result};

use super::{Played, real, variable};
use crate::docs::stage;
use crate::shell::BASH;

/// An answer for whoever keeps it in a variable; what was asked is read by the parser of az later.
pub(super) fn az(arguments: &[String]) -> Played {
    let is_id = arguments.iter().any(|word| word.ends_with(".id"));
    println!("{}", if is_id { ID } else { "answer" });
    Played::FINE
}

/// Where a document asks for the id of something, options of other calls want one of this form.
const ID: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-dns/providers/\
                  Microsoft.Network/dnsZones/home.example.com";

/// The three calls that `infra/README.md` speaks of; there is no parser to ask.
pub(super) fn azd(arguments: &[String]) -> Played {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["up" | "down"] | ["env", "set", _, _] => Played::FINE,
        _ => Played::wrong("not one of `azd up`, `azd down` and `azd env set NAME VALUE`"),
    }
}

/// A script of the repository: it is there, and bash can read it.
pub(super) fn bash(arguments: &[String]) -> Result<Played> {
    let script = arguments.first().context("no script is named")?;
    let root = variable(stage::ROOT)?;
    let output = std::process::Command::new(BASH).args(["-n", script]).current_dir(root).output()?;
    Ok(Played::ended(&output))
}

/// The script that deploys takes no argument but for its help, and variables that it knows.
pub(super) fn deploy(arguments: &[String], assigned: &BTreeSet<String>) -> Result<Played> {
    if let Some(argument) = arguments.iter().find(|word| *word != "--help") {
        return Ok(Played::wrong(format!("it takes no argument, and got {argument}")));
    }
    let infra = Path::new(&variable(stage::ROOT)?).join("infra");
    let mut known = String::new();
    for entry in std::fs::read_dir(&infra)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "sh") {
            known.push_str(&std::fs::read_to_string(path)?);
        }
    }
    let strange = assigned.iter().find(|name| !known.contains(name.as_str()));
    Ok(strange.map_or(Played::FINE, |name| Played::wrong(format!("no script of infra knows {name}"))))
}

/// Hosts of the documents that are played by the local Azure.
fn local(url: &str) -> Result<Option<String>> {
    let (scheme, rest) = url.split_once("://").context("no address")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let base = match (scheme, host) {
        ("http", "127.0.0.1:7071") => variable(stage::HOST)?,
        ("http", "127.0.0.1:7072") => variable(stage::AZURE)?,
        ("https", host) if host.ends_with(".azurewebsites.net") => variable(stage::HOST)?,
        // `serve` and `watch` are not started here.
        ("http", "127.0.0.1:8081" | "127.0.0.1:9464") => return Ok(None),
        // What a release holds is tested where it is made.
        ("https", _) if path.contains("/releases/download/v") => return Ok(None),
        _ => anyhow::bail!("{url} is nothing of the local Azure"),
    };
    Ok(Some(format!("{}/{path}", base.trim_end_matches('/'))))
}

pub(super) fn curl(arguments: &[String]) -> Result<Played> {
    let Some(mut curl) = real("curl")? else { return Ok(Played::LEFT_OUT) };
    curl.args(["--silent", "--show-error", "--fail-with-body", "--noproxy", "*"]);
    for word in arguments {
        if word.starts_with("http://") || word.starts_with("https://") {
            let Some(url) = local(word)? else { return Ok(Played::FINE) };
            curl.arg(url);
        } else {
            curl.arg(word);
        }
    }
    let output = curl.output()?;
    let answer = String::from_utf8_lossy(&output.stdout);
    // For whoever reads it behind a pipe.
    print!("{answer}");
    Ok(if output.status.success() {
        Played::FINE
    } else {
        Played::wrong(format!("{} {}", super::said(&output), answer.trim()))
    })
}

/// `dig`, of which only what the documents use is known; every server is the one of the local Azure.
pub(super) fn dig(arguments: &[String]) -> Result<Played> {
    let mut words = arguments.iter();
    let mut asked = Vec::new();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-p" => drop(words.next().context("-p without a port")?),
            server if server.starts_with('@') => {}
            "+short" | "A" | "AAAA" | "NS" => asked.push(word.as_str()),
            name if !name.starts_with(['-', '+']) => asked.push(name),
            other => return Ok(Played::wrong(format!("{other} is not known to `cargo xtask docs`"))),
        }
    }
    let Some(mut dig) = real("dig")? else { return Ok(Played::LEFT_OUT) };
    let dns = variable(stage::DNS)?;
    let (host, port) = dns.rsplit_once(':').context("a name server without a port")?;
    Ok(Played::ended(&dig.args([&format!("@{host}"), "-p", port]).args(asked).output()?))
}

/// Something behind a pipe; where it is not installed, it takes what it is given.
pub(super) fn filter(name: &str, arguments: &[String]) -> Result<Played> {
    let Some(mut program) = real(name)? else {
        std::io::stdin().read_to_end(&mut Vec::new())?;
        return Ok(Played::LEFT_OUT);
    };
    let output = program.args(arguments).stdin(Stdio::inherit()).stdout(Stdio::inherit()).output()?;
    Ok(Played::ended(&output))
}
