//! Values of the problem: parsed once at the edge, and right by construction from there on.
//!
//! Nothing here knows a wire, a clock or a file. Every type either holds what the rest of the program may rely on,
//! or could not be built.

pub mod address;
pub mod collected;
pub mod country;
pub mod hardware_id;
pub mod hold;
pub mod holder;
pub mod host_name;
mod listed;
pub mod machine_kind;
pub mod mark;
mod metadata;
mod name_set;
pub mod observation;
pub mod record_id;
pub mod record_set;
pub mod refused;
pub mod resource_id;
pub mod service;
pub mod spelling;
pub mod whole_address;
pub mod zone;
mod zone_kind;
mod zone_word;

pub use address::{AddressClass, join_addresses, parse_address};
pub use collected::{DnsRow, TagRow, ToldSet};
pub use country::Country;
pub use hardware_id::HardwareId;
pub use hold::{Hold, Until, who};
pub use holder::{Holder, PublicIp};
pub use host_name::{HostName, NameFault, split_tag};
pub use listed::Listed;
pub use machine_kind::MachineKind;
pub use mark::{Mark, WrittenMark};
pub use name_set::NameSet;
pub use observation::{ChangeRow, LoggedClaim, MismatchRow};
pub use record_id::{RecordId, RecordType};
pub use record_set::RecordSet;
pub use refused::Refused;
pub use resource_id::{ResourceId, ResourceIdFault};
pub use service::{CallCounts, Service};
pub use spelling::distance;
pub use whole_address::{places, whole_addresses};
pub use zone::{Zone, ZoneFault, ZoneId, Zones};
pub use zone_kind::{ZONE_SETTINGS, ZoneKind};
pub use zone_word::SideFault;
