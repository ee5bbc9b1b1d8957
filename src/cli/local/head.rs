//! The first lines for people: where everything is, and what is otherwise than usual.

use std::net::SocketAddr;

use super::parts::{Plan, Play};
use super::street;
use super::variables::Told;

/// What people are told first.
pub(super) struct Head<'a> {
    /// What was wanted.
    pub plan: &'a Plan,
    /// What the handler was told.
    pub told: &'a Told,
    /// URL of the host.
    pub host: &'a str,
    /// URL of the stand-in.
    pub azure: &'a str,
    /// The name server.
    pub dns: SocketAddr,
    /// URL of the stand-in over https, if there is one.
    pub tls: Option<&'a str>,
}

impl Head<'_> {
    /// The lines.
    pub(super) fn text(&self) -> String {
        let name = match &self.plan.play {
            Play::Street(_) => format!("nas.home.{}", street::ZONE),
            Play::Replay(recording) => recording.names().next().map(|(_, name)| name).unwrap_or_default(),
        };
        let mut lines = vec![
            "heartbeat-dns local: Azure on this machine".to_owned(),
            format!("  Functions host, status page   {}", self.host),
            format!("  stand-in for Azure            {}", self.azure),
            format!(
                "  name server                   {}   dig @{} -p {} {name}",
                self.dns,
                self.dns.ip(),
                self.dns.port()
            ),
        ];
        if let Some(tls) = self.tls {
            lines.push(format!("  stand-in over https           {tls}"));
        }
        let ports = [
            (self.plan.host_port, port_of(self.host)),
            (self.plan.azure_port, port_of(self.azure)),
            (self.plan.dns_port, Some(self.dns.port())),
        ];
        let moved: Vec<String> = ports
            .iter()
            .filter_map(|(wanted, got)| {
                let got = got.filter(|got| *wanted != 0 && got != wanted)?;
                Some(format!("{wanted} is taken, took {got}"))
            })
            .collect();
        if !moved.is_empty() {
            lines.push(format!("Ports: {}", moved.join("; ")));
        }
        lines.extend(self.told.divided.clone());
        if let Play::Replay(recording) = &self.plan.play {
            lines.extend(recording.notes.clone());
        }
        if let Some(file) = &self.plan.env_file {
            lines.push(format!("Second terminal: heartbeat-dns --env {} plan", file.display()));
        }
        if !self.plan.once {
            lines.push("Ctrl-C ends it.".to_owned());
        }
        lines.join("\n")
    }
}

fn port_of(url: &str) -> Option<u16> {
    url.rsplit(':').next()?.parse().ok()
}
