//! Who holds a public address in Azure, as far as this is shown.

use super::resource_id::ResourceId;

/// Who holds a public address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A machine: a public IP resource lies on one of its network interfaces.
    Machine(ResourceId),
    /// A network interface of which the machine is not shown.
    Interface(ResourceId),
    /// A NAT gateway, by an address of its own or out of a range.
    NatGateway(ResourceId),
    /// A front end of a load balancer.
    LoadBalancer {
        /// The load balancer.
        balancer: ResourceId,
        /// Its public IP resource.
        public_ip: ResourceId,
    },
    /// Something else, such as a firewall or a gateway.
    Other {
        /// What it is.
        resource: ResourceId,
        /// Its public IP resource.
        public_ip: ResourceId,
    },
    /// Nothing: a public IP resource that lies nowhere.
    Nothing {
        /// The public IP resource.
        public_ip: ResourceId,
    },
    /// No resource with this address is shown.
    Unseen,
}

/// A public IP resource, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicIp {
    /// The resource: an address, or a range of them.
    pub id: ResourceId,
    /// The configuration that it is given to: a part of a network interface, of a load balancer, of something else.
    pub configuration: Option<ResourceId>,
    /// The machine of that network interface.
    pub machine: Option<ResourceId>,
    /// The NAT gateway that goes out by it.
    pub nat_gateway: Option<ResourceId>,
}

impl From<PublicIp> for Holder {
    fn from(shown: PublicIp) -> Self {
        let PublicIp { id: public_ip, configuration, machine, nat_gateway } = shown;
        if let Some(machine) = machine {
            return Self::Machine(machine);
        }
        if let Some(gateway) = nat_gateway {
            return Self::NatGateway(gateway);
        }
        let Some(resource) = configuration.and_then(|configuration| configuration.parent()) else {
            return Self::Nothing { public_ip };
        };
        match resource.whole_type().as_str() {
            "microsoft.network/networkinterfaces" => Self::Interface(resource),
            "microsoft.network/loadbalancers" => Self::LoadBalancer { balancer: resource, public_ip },
            _ => Self::Other { resource, public_ip },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(below: &str) -> ResourceId {
        ResourceId::parse(&format!("/subscriptions/S/resourceGroups/G/providers/{below}")).unwrap()
    }

    fn network(below: &str) -> ResourceId {
        id(&format!("Microsoft.Network/{below}"))
    }

    #[test]
    fn the_configuration_says_what_holds_an_address() {
        let public_ip = network("publicIPAddresses/p");
        let held = |configuration: &str| {
            let configuration = Some(network(configuration));
            Holder::from(PublicIp { id: public_ip.clone(), configuration, machine: None, nat_gateway: None })
        };
        assert_eq!(
            held("NetworkInterfaces/n/ipConfigurations/c"),
            Holder::Interface(network("networkInterfaces/n"))
        );
        assert_eq!(
            held("LOADBALANCERS/l/frontendIPConfigurations/f"),
            Holder::LoadBalancer { balancer: network("loadBalancers/l"), public_ip: public_ip.clone() }
        );
        // The interface of an instance of a scale set is nobody's machine.
        let instance =
            id("Microsoft.Compute/virtualMachineScaleSets/x/virtualMachines/0/networkInterfaces/n");
        let configuration = ResourceId::parse(&format!("{instance}/ipConfigurations/c")).ok();
        let shown = PublicIp { id: public_ip.clone(), configuration, machine: None, nat_gateway: None };
        assert_eq!(Holder::from(shown), Holder::Other { resource: instance, public_ip: public_ip.clone() });
    }

    #[test]
    fn a_machine_is_told_before_its_interface_and_a_gateway_before_nothing() {
        let machine = id("Microsoft.Compute/virtualMachines/v");
        let gateway = network("natGateways/g");
        let of = |configuration, machine, nat_gateway| {
            let id = network("publicIPAddresses/p");
            Holder::from(PublicIp { id, configuration, machine, nat_gateway })
        };
        let configuration = Some(network("networkInterfaces/n/ipConfigurations/c"));
        assert_eq!(of(configuration, Some(machine.clone()), None), Holder::Machine(machine));
        assert_eq!(of(None, None, Some(gateway.clone())), Holder::NatGateway(gateway));
        assert_eq!(of(None, None, None), Holder::Nothing { public_ip: network("publicIPAddresses/p") });
    }
}
