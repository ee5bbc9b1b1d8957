//! Tables of Azure that exist without being declared, with the columns that the services give them.

use crate::types::{Column, Type};

/// Name and columns of each built-in table.
pub(crate) fn tables() -> impl Iterator<Item = (&'static str, Vec<Column>)> {
    TABLES.iter().map(|(name, text)| (*name, columns(text)))
}

/// Groups of one type, `type: name name …`, in the order of the columns.
fn columns(text: &str) -> Vec<Column> {
    let mut columns = Vec::new();
    let mut ty = Type::String;
    for word in text.split_whitespace() {
        match word.strip_suffix(':').and_then(Type::parse) {
            Some(next) => ty = next,
            None => columns.push(Column::new(word, ty)),
        }
    }
    columns
}

const TABLES: &[(&str, &str)] = &[
    (
        "Heartbeat",
        "string: TenantId SourceSystem datetime: TimeGenerated string: MG ManagementGroupName \
         SourceComputerId ComputerIP Computer Category OSType OSName OSMajorVersion OSMinorVersion \
         Version SCAgentChannel bool: IsGatewayInstalled real: RemoteIPLongitude RemoteIPLatitude string: \
         RemoteIPCountry SubscriptionId ResourceGroup ResourceProvider Resource ResourceId ResourceType \
         ComputerEnvironment Solutions VMUUID dynamic: ComputerPrivateIPs string: Type _ResourceId \
         _SubscriptionId real: _BilledSize string: _IsBillable",
    ),
    (
        "NTANetAnalytics",
        "string: TenantId SourceSystem datetime: TimeGenerated TimeProcessed string: SubType \
         FaSchemaVersion FlowLogResourceId TargetResourceId TargetResourceType FlowType FlowDirection \
         FlowStatus FlowEncryption datetime: FlowStartTime FlowEndTime FlowIntervalStartTime \
         FlowIntervalEndTime string: SrcIp DestIp int: DestPort string: L4Protocol L7Protocol MacAddress \
         SrcSubnet DestSubnet SrcVm DestVm SrcNic DestNic SrcRegion DestRegion SrcSubscription \
         DestSubscription SrcLoadBalancer DestLoadBalancer SrcApplicationGateway DestApplicationGateway \
         SrcExpressRouteCircuit DestExpressRouteCircuit ExpressRouteCircuitPeeringType \
         SrcLocalNetworkGateway DestLocalNetworkGateway SrcPublicIps DestPublicIps AclGroup AclRule \
         NsgList NsgRule NsgRuleType AzureRegion ConnectingVnets ConnectionName ConnectionType Country \
         PrivateEndpointResourceId PrivateLinkResourceId PrivateLinkResourceName Status bool: \
         IsFlowCapturedAtUdrHop long: AllowedInFlows AllowedOutFlows DeniedInFlows DeniedOutFlows \
         CompletedFlows BytesSrcToDest BytesDestToSrc PacketsSrcToDest PacketsDestToSrc string: Type \
         real: _BilledSize string: _IsBillable",
    ),
    (
        "NTAIpDetails",
        "string: TenantId SourceSystem datetime: TimeGenerated FlowIntervalStartTime FlowIntervalEndTime \
         string: SubType FaSchemaVersion FlowType Ip Location PublicIpDetails ThreatType \
         ThreatDescription DnsDomain Url int: Port string: Type real: _BilledSize string: _IsBillable",
    ),
    (
        "NTATopologyDetails",
        "string: TenantId SourceSystem datetime: TimeGenerated TimeProcessed string: SubType \
         SchemaVersion TopologyVersion AzureResourceType Name Region DiscoveryRegion Subscription \
         SubscriptionName Tags Status ComponentType AddressPrefixes NextHopIp NextHopType RouteTable Nsg \
         Subnetwork VirtualMachine MacAddress PrivateIpAddresses PublicIpAddresses VirtualNetwork1 \
         VirtualNetwork2 Access Description Direction Protocol RuleType SourceAddressPrefix \
         SourcePortRange DestinationAddressPrefix DestinationPortRange FrontendIps FrontendSubnets \
         BackendSubnets LoadBalancerType LoadBalancerBackendPools ApplicationGatewayBackendPools \
         GatewayType GatewaySubnet Zones Sku int: Priority FrontendPort BackendPort bool: \
         EnableIpForwarding IsFlowEnabled IsVirtualAppliance BgpEnabled EncryptionEnabled \
         AllowForwardedTraffic AllowGatewayTransit AllowVirtualNetworkAccess UseRemoteGateways string: \
         Type real: _BilledSize string: _IsBillable",
    ),
    (
        "AWS_Access_Key_Report_CL",
        "string: TenantId SourceSystem MG ManagementGroupName datetime: TimeGenerated string: Computer \
         RawData loggedDate_s user_s account_number_s AccessKeyId_s datetime: CreateDate_t LastUsedDate_t \
         string: Region_s Status_s ServiceName_s Type _ResourceId",
    ),
];
