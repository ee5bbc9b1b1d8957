//! A machine, as an explanation names it.

use pure::domain::{MachineKind, ResourceId};
use pure::shown::shown;

/// A machine as people know it: its name, its group, and what it is.
pub(super) fn machine(id: &str) -> String {
    let Ok(id) = ResourceId::parse(id) else { return shown(id) };
    let kind = match (MachineKind::of(&id), id.resource_type().as_str()) {
        (Some(MachineKind::Arc), _) => "Arc",
        (Some(MachineKind::Virtual), _) => "virtual machine",
        (None, "microsoft.compute/virtualmachinescalesets") => "scale set",
        (None, _) => "",
    };
    let parts: Vec<&str> = [id.resource_group(), kind].into_iter().filter(|part| !part.is_empty()).collect();
    match parts.is_empty() {
        true => shown(id.name()),
        false => format!("{} ({})", shown(id.name()), shown(&parts.join(", "))),
    }
}
