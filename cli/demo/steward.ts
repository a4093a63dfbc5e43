/** Plays the data steward: another person than the agent, with a key of their own. */

import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { openLocalApprovals } from '../../operator/approvals/local/client.ts'
import { approverEntry, approversYaml } from '../../operator/approvals/local/entry.ts'
import { createPersonKey, type PersonKey } from '../../operator/approvals/local/keys.ts'

const quickstart = fileURLToPath(new URL('../../examples/quickstart', import.meta.url))
const stewardName = 'demo-steward'

export interface Verdict {
  readonly verdict: 'Approve' | 'Deny'
  readonly reason: string
}

export interface DemoConfiguration {
  readonly directory: string
  readonly steward: PersonKey
}

/** The quickstart with its rule that asks a steward, and the steward in its list. */
export async function demoConfiguration(folder: string): Promise<DemoConfiguration> {
  const directory = join(folder, 'quickstart')
  await mkdir(directory)
  for (const file of ['connection.yaml', 'masking.yaml', 'policy.yaml']) {
    await cp(join(quickstart, file), join(directory, file))
  }
  await cp(join(quickstart, 'approvals/policy.yaml'), join(directory, 'approvals.yaml'))
  const steward = await createPersonKey(join(folder, 'steward.json'), stewardName)
  const entry = approverEntry(stewardName, ['data-stewards'], steward.publicKey)
  await writeFile(join(directory, 'approvers.yaml'), approversYaml([entry]))
  return { directory, steward }
}

/** The steward's answers to the requests, in the order in which they come. Ends when `signal` does. */
export async function playSteward(
  { approvals, directory }: { readonly approvals: string; readonly directory: string },
  key: PersonKey,
  verdicts: readonly Verdict[],
  signal: AbortSignal,
): Promise<void> {
  const local = openLocalApprovals(approvals, directory)
  const seen = new Set<string>()
  for (const { verdict, reason } of verdicts) {
    let decided = false
    while (!decided && !signal.aborted) {
      const { requests } = await local.list()
      const open = requests.find(({ request }) => !seen.has(request.metadata.name))
      if (open === undefined) await delay(50, undefined, { signal }).catch(() => undefined)
      else {
        const { metadata, spec } = open.request
        seen.add(metadata.name)
        const taken = await local.decide({
          name: metadata.name,
          digest: spec.statementDigest,
          verdict,
          reason,
          key,
        })
        if (!taken.taken) throw new Error(`the steward's decision was not taken: ${taken.why}`)
        decided = true
      }
    }
  }
}
