//! `--zone`: which side of its names a command means.

use std::collections::BTreeSet;

use super::failure::Failure;
use pure::domain::{HostName, NameSet, SideFault, ZoneId, Zones};

/// Which side of the names is meant, of every command that takes names.
#[derive(Debug, clap::Args)]
pub(super) struct OneSide {
    /// Only this side of the names: a managed zone by its name, `private:NAME` for the private one of two. Without it both
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
}

impl OneSide {
    /// Whether one is said.
    pub(super) fn is_said(&self) -> bool {
        self.zone.is_some()
    }

    /// The zone that is said, if one is.
    pub(super) fn zone<'a>(&self, zones: &'a Zones) -> Result<Option<&'a ZoneId>, Failure> {
        self.zone.as_deref().map(|text| zones.said(text)).transpose().map_err(|fault| refused(&fault))
    }

    /// The names, each on the sides that are meant; without any a side of none is meant.
    pub(super) fn of(&self, names: BTreeSet<HostName>, zones: &Zones) -> Result<NameSet, Failure> {
        if self.is_said() && names.is_empty() {
            return Err(Failure::usage("--zone says which side of names is meant, and no name is given")
                .hint("give names as well"));
        }
        zones.on_side(names, self.zone.as_deref()).map_err(|fault| refused(&fault))
    }
}

fn refused(fault: &SideFault) -> Failure {
    Failure::usage(format!("--zone: {fault}"))
}

/// The option that means the same side of these names once more, as it follows a command; nothing where it is every one.
pub(super) fn option(names: &NameSet) -> String {
    names.side().map(|zone| format!(" --zone {}", zone.word())).unwrap_or_default()
}
