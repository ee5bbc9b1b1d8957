//! The first lines for people: where everything is, and what is otherwise than usual.

use std::net::SocketAddr;

use standin::functions_host::Keys;

use crate::cast::{Play, Wanted};
use crate::street;
use crate::visible;

/// What people are told first.
pub(crate) struct Head<'a> {
    /// What was wanted.
    pub wanted: &'a Wanted,
    /// The keys that the host asks for, if it does.
    pub keys: Option<&'a Keys>,
    /// What is otherwise than usual with the handler.
    pub notes: &'a [String],
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
    pub(crate) fn text(&self) -> String {
        let (zone, name) = match &self.wanted.play {
            Play::Street { .. } => (street::ZONE, format!("nas.home.{}", street::ZONE)),
            Play::Replay(recording) => {
                let zone = recording.records.zone.as_str();
                let below = format!(".{zone}");
                let mut names = recording.names().into_keys();
                let name = names.find(|name| name.ends_with(&below) && !name.starts_with('*'));
                (zone, name.unwrap_or_else(|| zone.to_owned()))
            }
        };
        let mut lines = vec![
            format!("heartbeat-dns local: Azure on this machine, with the zone {}", zone),
            format!("  Functions host, status page   {}", self.host),
            format!("  stand-in for Azure            {}", self.azure),
            format!(
                "  name server                   {}   dig @{} -p {} {name}",
                self.dns,
                self.dns.ip(),
                self.dns.port()
            ),
        ];
        if let Some(keys) = self.keys {
            lines.push(format!(
                "  function key                  {}   ?code=KEY, or x-functions-key",
                keys.function
            ));
            lines.push(format!("  master key                    {}   for /admin", keys.master));
        }
        if let Some(tls) = self.tls {
            lines.push(format!("  stand-in over https           {tls}"));
        }
        let ports = [
            (self.wanted.host_port, port_of(self.host)),
            (self.wanted.azure_port, port_of(self.azure)),
            (self.wanted.dns_port, Some(self.dns.port())),
            (self.wanted.tls_port, self.tls.and_then(port_of)),
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
        if let Play::Replay(recording) = &self.wanted.play {
            lines.extend(recording.lines());
        }
        lines.extend_from_slice(self.notes);
        if !self.wanted.once {
            lines.push("Ctrl-C ends it.".to_owned());
        }
        // A name comes out of a recording, and may hold anything.
        lines.iter().map(|line| visible::line(line)).collect::<Vec<_>>().join("\n")
    }
}

fn port_of(url: &str) -> Option<u16> {
    url.rsplit(':').next()?.parse().ok()
}
