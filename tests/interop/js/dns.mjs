// Public and private zones.

import assert from "node:assert/strict";

import { DnsManagementClient } from "@azure/arm-dns";
import { PrivateDnsManagementClient } from "@azure/arm-privatedns";

import { all, refused } from "./wire.mjs";

export function dns(stage, credential, arm) {
  const client = new DnsManagementClient(credential, stage.subscription, arm);
  const hidden = new PrivateDnsManagementClient(credential, stage.subscription, arm);
  const { group, zone } = stage;
  const sets = client.recordSets;
  const quick = { updateIntervalInMs: 20 };
  const a = (...addresses) => ({ ttl: 60, aRecords: addresses.map((ipv4Address) => ({ ipv4Address })) });
  let etag;

  return [
    ["lists zones", async () => {
      const found = await all(client.zones.list());
      assert.deepEqual(found.map((one) => one.name), [zone]);
      assert.equal((await all(client.zones.listByResourceGroup(group))).length, 1);
      return found[0].nameServers.length + " name servers";
    }],
    ["creates a zone, and deletes it as a long operation", async () => {
      const made = await client.zones.createOrUpdate(group, "js.example.net", { location: "global" });
      assert.equal(made.zoneType, "Public");
      await client.zones.beginDeleteAndWait(group, "js.example.net", quick);
      return refused(() => client.zones.get(group, "js.example.net"), 404);
    }],
    ["creates a set once", async () => {
      const made = await sets.createOrUpdate(group, zone, "js", "A", a("203.0.113.31"), { ifNoneMatch: "*" });
      etag = made.etag;
      assert.equal(made.fqdn, `js.${zone}.`);
      return refused(() => sets.createOrUpdate(group, zone, "js", "A", a("203.0.113.32"), { ifNoneMatch: "*" }), 412,
        "PreconditionFailed");
    }],
    ["updates by ETag", async () => {
      const moved = await sets.createOrUpdate(group, zone, "js", "A", a("203.0.113.32"), { ifMatch: etag });
      assert.notEqual(moved.etag, etag);
      return refused(() => sets.createOrUpdate(group, zone, "js", "A", a("203.0.113.33"), { ifMatch: etag }), 412);
    }],
    ["reads, lists and deletes", async () => {
      const found = await sets.get(group, zone, "js", "A");
      assert.equal(found.aRecords[0].ipv4Address, "203.0.113.32");
      const names = (await all(sets.listByDnsZone(group, zone, { top: 1 }))).map((one) => one.name);
      assert.ok(names.includes("js") && names.includes("@"), names.join());
      assert.deepEqual((await all(sets.listByType(group, zone, "A"))).map((one) => one.name), ["js"]);
      await sets.delete(group, zone, "js", "A");
      return refused(() => sets.get(group, zone, "js", "A"), 404, "NotFound");
    }],
    ["says who points at a resource", async () => {
      const answer = await client.dnsResourceReferenceOperations.getByTargetResources({
        targetResources: [{ id: stage.machine }],
      });
      return JSON.stringify(answer.dnsResourceReferences ?? []);
    }],
    ["creates a private zone as a long operation", async () => {
      const made = await hidden.privateZones.createOrUpdate(group, "js.internal", { location: "global" }, quick);
      assert.ok(made.internalId, JSON.stringify(made));
      assert.equal(made.provisioningState, "Succeeded");
      return made.name;
    }],
    ["writes private sets", async () => {
      const made = await hidden.recordSets.createOrUpdate(group, "js.internal", "A", "web", a("10.0.0.4"));
      assert.equal(made.aRecords[0].ipv4Address, "10.0.0.4");
      const soa = await hidden.recordSets.createOrUpdate(group, "js.internal", "SOA", "@", { ttl: 120 });
      assert.equal(soa.ttl, 120);
      assert.ok(soa.soaRecord.host, JSON.stringify(soa));
      const kinds = (await all(hidden.recordSets.list(group, "js.internal"))).map((one) => one.type.split("/").pop());
      assert.deepEqual(kinds.sort(), ["A", "SOA"]);
      return kinds.join();
    }],
    ["links a network, and takes the link away", async () => {
      const links = hidden.virtualNetworkLinks;
      const network = `/subscriptions/${stage.subscription}/resourceGroups/${group}/providers/Microsoft.Network/virtualNetworks/net`;
      const wish = { location: "global", virtualNetwork: { id: network }, registrationEnabled: false };
      const made = await links.createOrUpdate(group, "js.internal", "home", wish, quick);
      assert.equal(made.virtualNetworkLinkState, "Completed");
      assert.equal((await links.get(group, "js.internal", "home")).virtualNetwork.id, network);
      assert.equal((await all(links.list(group, "js.internal"))).length, 1);
      assert.equal((await hidden.privateZones.get(group, "js.internal")).numberOfVirtualNetworkLinks, 1);
      await links.delete(group, "js.internal", "home", quick);
      assert.equal((await all(links.list(group, "js.internal"))).length, 0);
      return "linked and unlinked";
    }],
    ["deletes a private zone", async () => {
      await hidden.privateZones.delete(group, "js.internal", quick);
      return refused(() => hidden.privateZones.get(group, "js.internal"), 404);
    }],
  ];
}
