// Parameters in a file of your own: copy this one to infra/my.bicepparam, which git ignores, put your own ids in, and
//   PARAMETERS=infra/my.bicepparam infra/deploy.sh
// The file then says everything: nothing is asked, and nothing is kept that it does not say.
// All parameters stand in main.bicep and in README.md of this folder.

using 'main.bicep'

// The public zones whose names are kept right.
param zoneIds = [
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/example.com'
]

// The workspace that the machines send their heartbeats to. Leave it out for a new one.
param workspaceId = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-monitor/providers/Microsoft.OperationalInsights/workspaces/law-example'

// Who may be managed.
param policyNames = [
  '*.home.example.com'
]
// Or which machines may claim which names, by a policy file (docs/policy.md), in place of policyNames:
// param policy = loadTextContent('policy.example.toml')

// Where the machines are; without this, the whole subscription that is deployed to.
param machineResourceGroupIds = [
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-edge'
]

// Look first. `apply` switches it on.
param mode = 'observe'

// Who is written to when the system itself does not work.
param alertEmails = [
  'operator@example.com'
]

// Any other setting of the program, by its name.
param settings = {
  POLICY_TTL: '120'
}

// Secrets stay out of the file.
param notifyUrl = readEnvironmentVariable('NOTIFY_URL', '')
