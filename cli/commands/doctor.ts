/** `frostgate doctor`: what is wrong with an installation, and what to do about it. */

import { Command } from 'commander'

import { version } from '../../sidecar/version.ts'
import type { AccessOptions } from '../cluster/api.ts'
import type { CommandFactory } from '../command.ts'
import type { Finding } from '../doctor/finding.ts'
import { withStatus } from '../progress.ts'

interface Options extends AccessOptions {
  readonly namespace: string
  readonly release: string
  readonly login?: true | readonly string[]
  readonly json?: true
}

const examples = `
Examples:
  frostgate doctor --login frostgate/acme
  frostgate doctor --context production --json | jq '.findings[] | select(.state != "ok")'

Reads with your own rights and changes nothing; a pod is created with dryRun only. What you may not
read is skipped, never called well. --login uses the connection's credential for one login from here.
Exit code 0: nothing failed; 1: something failed; 2: usage, or no API server answered.`

export const doctorCommand: CommandFactory = (terminal) =>
  new Command('doctor')
    .summary('find what is wrong with an installation in a cluster')
    .description(
      'Checks the cluster, the operator, certificates, admission, connections and pods, each finding with a remedy.',
    )
    .option('--kubeconfig <file>', 'as kubectl’s')
    .option('--context <name>', 'of the kubeconfig')
    .option('-n, --namespace <name>', 'of the operator', 'frostgate')
    .option('--release <name>', 'of the Helm chart', 'frostgate')
    .option('--login [connections...]', 'log in to Snowflake: namespace/name, or all')
    .option('--json', 'print the findings as JSON')
    .addHelpText('after', examples)
    .action(async ({ namespace, release, login, json, ...access }: Options) => {
      const [{ openApi }, { examine }, { systemNetwork }, { renderFinding, renderSummary }] =
        await Promise.all([
          import('../cluster/api.ts'),
          import('../doctor/run.ts'),
          import('../doctor/network.ts'),
          import('../doctor/render.ts'),
        ])
      const api = await openApi(access)
      const print = (finding: Finding): void => {
        for (const line of renderFinding(finding, terminal.marks)) terminal.out(line)
      }
      try {
        const findings = await examine(
          {
            api,
            namespace,
            release,
            version,
            now: Date.now,
            network: systemNetwork,
            login: login === true ? [] : login,
          },
          {
            ...(json ? {} : { onFinding: print }),
            during: (check, work) => withStatus(check, terminal, work),
          },
        )
        const failed = findings.some(({ state }) => state === 'failed')
        if (json) terminal.json({ ok: !failed, findings })
        else terminal.out(renderSummary(findings, terminal.marks))
        terminal.exit(!api.answered ? 2 : failed ? 1 : 0)
      } finally {
        await api.close()
      }
    })
