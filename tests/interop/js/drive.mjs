// The Azure SDKs for JavaScript against the stand-in: a line per call, `ok` or `FAIL`, and a count at the end.

import { dns } from "./dns.mjs";
import { logs } from "./logs.mjs";
import { resources } from "./resources.mjs";
import { ClientSecretCredential } from "@azure/identity";

const stage = JSON.parse(process.env.STAGE);
const credential = new ClientSecretCredential(stage.tenant, stage.client, stage.secret, {
  authorityHost: stage.url,
  disableInstanceDiscovery: true,
});
const arm = {
  endpoint: stage.url,
  credentials: { scopes: ["https://management.azure.com/.default"] },
  credentialScopes: ["https://management.azure.com/.default"],
  retryOptions: { maxRetries: 0 },
};

let passed = 0;
let failed = 0;
for (const [part, checks] of [
  ["dns", dns(stage, credential, arm)],
  ["resources", resources(stage, credential, arm)],
  ["logs", logs(stage, credential)],
]) {
  for (const [name, check] of checks) {
    try {
      console.log(`ok ${part}: ${name}: ${await check()}`);
      passed += 1;
    } catch (fault) {
      console.log(`FAIL ${part}: ${name}: ${fault.stack ?? fault}`);
      failed += 1;
    }
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);
