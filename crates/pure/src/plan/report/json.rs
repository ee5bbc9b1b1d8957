//! The report as JSON: the sentence of a brake stands once, in the brake.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::Report;
use crate::plan::brake_kind::Brake;
use crate::plan::skip::Skip;

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schema", self.schema)?;
        map.serialize_entry("run", &self.run)?;
        map.serialize_entry("trigger", &self.trigger)?;
        map.serialize_entry("mode", &self.mode)?;
        map.serialize_entry("result", &self.result)?;
        if let Some(because) = &self.because {
            map.serialize_entry("because", because)?;
        }
        map.serialize_entry("digest", &self.digest)?;
        map.serialize_entry("changes", &self.changes)?;
        map.serialize_entry("skips", &Skips(self))?;
        map.serialize_entry("brakes", &self.brakes)?;
        if !self.right.is_empty() {
            map.serialize_entry("right", &self.right)?;
        }
        if !self.unclaimed.is_empty() {
            map.serialize_entry("unclaimed", &self.unclaimed)?;
        }
        if !self.orphans.is_empty() {
            map.serialize_entry("orphans", &self.orphans)?;
        }
        if !self.silent_names.is_empty() {
            map.serialize_entry("silent_names", &self.silent_names)?;
        }
        if !self.warnings.is_empty() {
            map.serialize_entry("warnings", &self.warnings)?;
        }
        if let Some(moves) = &self.moves {
            map.serialize_entry("moves", moves)?;
        }
        map.serialize_entry("summary", &self.summary)?;
        map.serialize_entry("calls", &self.calls)?;
        map.serialize_entry("duration_ms", &self.duration_ms)?;
        map.end()
    }
}

/// The skips of a report.
struct Skips<'a>(&'a Report);

impl Serialize for Skips<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut all = serializer.serialize_seq(Some(self.0.skips.len()))?;
        for skip in &self.0.skips {
            all.serialize_element(&Retold { skip, brake: self.0.told_by(skip) })?;
        }
        all.end()
    }
}

/// A skip beside the brake that says the same of all its names.
struct Retold<'a> {
    skip: &'a Skip,
    brake: Option<&'a Brake>,
}

impl Serialize for Retold<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { skip, brake } = self;
        let addresses =
            |text: &str| text.split(',').filter(|one| !one.is_empty()).map(str::to_owned).collect();
        let seen = skip.seen.as_ref();
        let from: Option<Vec<String>> = seen.map(|seen| addresses(&seen.present));
        let to: Option<Vec<String>> = seen.map(|seen| addresses(&seen.reported));
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &skip.name)?;
        map.serialize_entry("record_type", &skip.record_type)?;
        map.serialize_entry("zone", &skip.zone)?;
        map.serialize_entry("from", &from)?;
        map.serialize_entry("to", &to)?;
        map.serialize_entry("machine", &skip.machine)?;
        map.serialize_entry("others", &skip.others)?;
        map.serialize_entry("reason", &skip.reason)?;
        match brake {
            Some(brake) => map.serialize_entry("because", &brake.holds())?,
            None => map.serialize_entry("because", &skip.because)?,
        }
        map.end()
    }
}
