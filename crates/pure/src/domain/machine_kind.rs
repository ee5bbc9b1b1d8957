//! The kinds of machines that can have a name.

use super::resource_id::ResourceId;

/// A kind of machines.
///
/// ```
/// use pure::domain::{MachineKind, ResourceId};
///
/// let vm = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v";
/// assert_eq!(MachineKind::of(&ResourceId::parse(vm).unwrap()), Some(MachineKind::Virtual));
/// // What an instance of a scale set is called is no virtual machine of its own.
/// let instance = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/x/virtualMachines/0";
/// assert_eq!(MachineKind::of(&ResourceId::parse(instance).unwrap()), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MachineKind {
    /// Anywhere, known to Azure through its agent: what it reports is where it is.
    Arc,
    /// In Azure: what it reports is its way out, which others may share.
    Virtual,
}

impl MachineKind {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Arc, Self::Virtual];

    /// The kind of a machine; none of what is no machine.
    #[must_use]
    pub fn of(machine: &ResourceId) -> Option<Self> {
        let resource_type = machine.whole_type();
        Self::ALL.into_iter().find(|kind| kind.resource_type() == resource_type)
    }

    /// The type of its resources, in lower case.
    #[must_use]
    pub fn resource_type(self) -> &'static str {
        match self {
            Self::Arc => "microsoft.hybridcompute/machines",
            Self::Virtual => "microsoft.compute/virtualmachines",
        }
    }

    /// Its name in settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Arc => "arc",
            Self::Virtual => "vm",
        }
    }

    /// What people call such a machine.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Arc => "Arc machine",
            Self::Virtual => "virtual machine",
        }
    }
}
