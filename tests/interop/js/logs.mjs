// Rows in by the ingestion API, and out by the Logs Query API.

import assert from "node:assert/strict";

import { LogsIngestionClient } from "@azure/monitor-ingestion";
import { LogsQueryClient } from "@azure/monitor-query-logs";

import { refused } from "./wire.mjs";

export function logs(stage, credential) {
  const ingestion = new LogsIngestionClient(stage.url, credential, { retryOptions: { maxRetries: 0 } });
  const client = new LogsQueryClient(credential, {
    endpoint: `${stage.url}/v1`,
    audience: "https://api.loganalytics.io/.default",
    retryOptions: { maxRetries: 0 },
  });
  const hour = { duration: "PT1H" };

  return [
    ["sends rows", async () => {
      const row = { TimeGenerated: new Date().toISOString(), DNSHostName_s: "js.example.org", DNSIP_s: "203.0.113.31" };
      await ingestion.upload(stage.rule, "Custom-DNSData", [row]);
      return "taken";
    }],
    ["reads them back", async () => {
      const query = "DNSData_CL | where DNSHostName_s == 'js.example.org' | project DNSIP_s";
      for (let tries = 0; tries < 200; tries += 1) {
        const found = await client.queryWorkspace(stage.workspace, query, hour);
        if (found.tables[0].rows.length) return JSON.stringify(found.tables[0].rows);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      assert.fail("the row was never seen");
    }],
    ["asks with statistics and a picture", async () => {
      const options = { includeQueryStatistics: true, includeVisualization: true, serverTimeoutInSeconds: 30 };
      const found = await client.queryWorkspace(stage.workspace, "print x = 1 | render barchart", hour, options);
      assert.equal(found.visualization.visualization, "barchart");
      assert.ok(found.statistics.query.executionTime >= 0, JSON.stringify(found.statistics));
      return JSON.stringify(found.statistics.query).slice(0, 60);
    }],
    ["asks several at once", async () => {
      const batch = ["print x = 1", "print y = 'two'", "NoSuchTable"].map((query) => ({
        workspaceId: stage.workspace, query, timespan: hour,
      }));
      // Answers come as they are ready; the SDK calls one that is refused partial, with no tables.
      const found = await client.queryBatch(batch);
      assert.equal(found.filter((one) => one.status === "Success").length, 2, JSON.stringify(found));
      const refusal = found.find((one) => one.status !== "Success");
      assert.equal(refusal.partialError.code, "BadArgumentError", JSON.stringify(refusal));
      return `two answers and a refusal: ${refusal.partialError.message}`;
    }],
    ["asks by a machine's id", async () => {
      const found = await client.queryResource(stage.machine, "Heartbeat | count", hour);
      return JSON.stringify(found.tables[0].rows);
    }],
    ["is refused a wrong query", () =>
      refused(() => client.queryWorkspace(stage.workspace, "NoSuchTable", hour), 400, "BadArgumentError")],
  ];
}
