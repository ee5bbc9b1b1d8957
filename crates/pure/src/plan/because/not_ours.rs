//! The sentence about the address of a virtual machine that is not its own: whose it is, and what helps.

use std::fmt;

use crate::domain::{Holder, RecordId, ResourceId};
use crate::plan::sentence::Speech;
use crate::plan::why::NotOurs;
use crate::plan::words::{machine, resource};

pub(super) fn sentence(f: &mut dyn Speech, not_ours: &NotOurs) -> fmt::Result {
    let NotOurs { machine: who, address, holder, id } = not_ours;
    let who = machine(who);
    write!(f, "{who} goes out by {address}, ")?;
    let own = format!("give {who} a public IP resource of its own, or take the name off its tag");
    match holder {
        // Of two machines of one name only the ids tell which is which.
        Holder::Machine(other) if other.name().eq_ignore_ascii_case(&who) => {
            write!(f, "the address of {}; {own}.", resource(other.as_str()))
        }
        Holder::Machine(other) => write!(f, "the address of {}; {own}.", machine(other.as_str())),
        Holder::Interface(interface) => write!(
            f,
            "the address of the network interface {}, whose machine is not visible to our identity; give that the role of \
             TARGETS=vm there, if the interface is one of {who}.",
            interface.name()
        ),
        Holder::NatGateway(gateway) => write!(
            f,
            "the address of the NAT gateway {}, by which nobody reaches a machine behind it; {own}.",
            gateway.name()
        ),
        Holder::LoadBalancer { balancer, public_ip } => {
            write!(
                f,
                "a front end of the load balancer {}, not an address of its own; {own}",
                balancer.name()
            )?;
            alias(f, id, public_ip)
        }
        Holder::Other { resource: other, public_ip } => {
            write!(f, "the address of {}; {own}", resource(other.as_str()))?;
            alias(f, id, public_ip)
        }
        Holder::Nothing { public_ip } => write!(
            f,
            "and Resource Graph shows the public IP resource {} on no interface; if it was put on one just now, the next run \
             sees it, else {own}.",
            public_ip.name()
        ),
        Holder::Unseen => write!(
            f,
            "and no public IP resource with this address is visible to our identity, so it may be a firewall's, Azure's \
             default way out, or one that we may not read; {own}, or give our identity the role of TARGETS=vm there."
        ),
    }
}

/// That a scale set can have no name.
pub(super) fn of_scale_set(f: &mut dyn Speech, name: &str, scale_set: &str) -> fmt::Result {
    write!(
        f,
        "The scale set {} carries {name} in its tag, but its instances share that tag and have many addresses, none of which \
         is the name's alone; put the tag on one machine, or lead the name to the load balancer before them.",
        machine(scale_set)
    )
}

/// Where a front end is what people are to reach, its address moves with the record set, and no machine is asked.
fn alias(f: &mut dyn Speech, id: &RecordId, public_ip: &ResourceId) -> fmt::Result {
    let (group, zone) = (id.zone.resource_id().resource_group(), id.zone.zone_name());
    let below = id.name.as_str().strip_suffix(zone.as_str()).map(|below| below.trim_end_matches('.'));
    let name = below.filter(|below| !below.is_empty()).unwrap_or("@");
    let kind = id.record_type.as_str().to_lowercase();
    write!(
        f,
        "; or, if {} is to lead there, let it follow that resource (az network dns record-set {kind} create \
         --resource-group {group} --zone-name {zone} --name {name} --target-resource {public_ip}).",
        id.name
    )
}
