// Groups, tags, providers, generic resources, machines and Resource Graph.

import assert from "node:assert/strict";

import { HybridComputeManagementClient } from "@azure/arm-hybridcompute";
import { ResourceGraphClient } from "@azure/arm-resourcegraph";
import { ResourceManagementClient } from "@azure/arm-resources";

import { all, refused } from "./wire.mjs";

export function resources(stage, credential, arm) {
  const client = new ResourceManagementClient(credential, stage.subscription, arm);
  const graph = new ResourceGraphClient(credential, arm);
  const machines = new HybridComputeManagementClient(credential, stage.subscription, arm);
  const quick = { updateIntervalInMs: 20 };
  const subscription = `/subscriptions/${stage.subscription}`;
  const group = "rg-js";

  async function tags(scope) {
    const before = await client.tagsOperations.getAtScope(scope);
    const merge = { operation: "Merge", properties: { tags: { Owner: "js" } } };
    await client.tagsOperations.updateAtScope(scope, merge, quick);
    const after = (await client.tagsOperations.getAtScope(scope)).properties.tags;
    assert.deepEqual(after, { ...before.properties.tags, Owner: "js" });
    await client.tagsOperations.updateAtScope(scope, { ...merge, operation: "Delete" }, quick);
    assert.deepEqual((await client.tagsOperations.getAtScope(scope)).properties.tags ?? {}, before.properties.tags ?? {});
    return Object.keys(after).join();
  }

  return [
    ["lists and reads providers", async () => {
      const names = (await all(client.providers.list())).map((one) => one.namespace.toLowerCase());
      assert.ok(names.includes("microsoft.network") && names.includes("microsoft.resources"), names.join());
      const network = await client.providers.get("Microsoft.Network");
      const zones = network.resourceTypes.find((one) => one.resourceType.toLowerCase() === "dnszones");
      assert.ok(zones.apiVersions.includes("2018-05-01"), zones.apiVersions.join());
      return `${names.length} namespaces, ${zones.apiVersions.length} versions of dnsZones`;
    }],
    ["creates a group, with its tags", async () => {
      const made = await client.resourceGroups.createOrUpdate(group, { location: "westeurope", tags: { team: "edge" } });
      assert.deepEqual([made.location, made.tags], ["westeurope", { team: "edge" }]);
      const patched = await client.resourceGroups.update(group, { tags: { team: "core" } });
      assert.deepEqual(patched.tags, { team: "core" });
      assert.ok((await client.resourceGroups.checkExistence(group)).body);
      const filter = "tagName eq 'team' and tagValue eq 'core'";
      assert.deepEqual((await all(client.resourceGroups.list({ filter }))).map((one) => one.name), [group]);
      return made.id;
    }],
    ["exports a group's template", async () => {
      const answer = await client.resourceGroups.exportTemplate(stage.group, { resources: ["*"] }, quick);
      assert.ok(answer.template.resources.length > 0, JSON.stringify(answer));
      return `${answer.template.resources.length} resources`;
    }],
    ["deletes a group as a long operation", async () => {
      await client.resourceGroups.delete(group, quick);
      return refused(() => client.resourceGroups.get(group), 404, "ResourceGroupNotFound");
    }],
    ["tags a machine", () => tags(stage.machine)],
    ["tags a group", () => tags(`${subscription}/resourceGroups/${stage.group}`)],
    ["tags the subscription", () => tags(subscription)],
    ["lists resources, all and by tag", async () => {
      const every = await all(client.resources.list());
      const filter = "tagName eq 'DNSHostName'";
      const tagged = await all(client.resources.list({ filter }));
      assert.ok(every.length > tagged.length && tagged.length === stage.machines - 1, `${every.length}, ${tagged.length}`);
      const type = "resourceType eq 'Microsoft.HybridCompute/machines'";
      const inGroup = await all(client.resources.listByResourceGroup("rg-edge", { filter: type }));
      assert.equal(inGroup.length, stage.machines);
      return `${every.length} in all, ${tagged.length} tagged`;
    }],
    ["reads and tags a resource by its id", async () => {
      const found = await client.resources.getById(stage.zoneId, "2018-05-01");
      assert.equal(found.name, stage.zone);
      const tagged = await client.resources.updateById(stage.zoneId, "2018-05-01", { tags: { by: "js" } }, quick);
      assert.deepEqual(tagged.tags, { by: "js" });
      return found.type;
    }],
    ["lists machines", async () => {
      const found = await all(machines.machines.listBySubscription());
      assert.equal(found.length, stage.machines);
      return `${found.length} machines`;
    }],
    ["asks Resource Graph", async () => {
      const query = "resources | where type =~ 'microsoft.hybridcompute/machines' | project id, name | order by id asc";
      const page = await graph.resources({ query, options: { top: 2, resultFormat: "objectArray" } });
      assert.deepEqual([page.totalRecords, page.data.length], [stage.machines, 2]);
      const next = await graph.resources({ query, options: { top: 2, skipToken: page.skipToken, resultFormat: "objectArray" } });
      assert.notEqual(next.data[0].id, page.data[0].id);
      return `${page.totalRecords} rows in pages`;
    }],
    ["is refused a wrong query", () =>
      refused(() => graph.resources({ query: "resources | where where" }), 400, "BadRequest")],
    ["is refused an unknown management group", () =>
      refused(() => graph.resources({ query: "resources", managementGroups: ["nobody"] }), 403)],
  ];
}
