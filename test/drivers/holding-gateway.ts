/**
 * A gateway of the quickstart that holds whatever reads HEALTH.PHI.VISITS; the statement's own text
 * says what becomes of it. It also lets agents wait, and write to one table.
 */

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import pino from 'pino'

import { startEmbedded } from '../../cli/up/embedded.ts'
import { compileDirectory } from '../../operator/compile/directory.ts'
import type { ApprovalQuestion, ApprovalVerdict } from '../../sidecar/approvals/approvals.ts'
import type { Bundle } from '../../sidecar/control/bundle.ts'
import { openFileRecorder } from '../../sidecar/recording/file-recorder.ts'
import { startGateway, type GatewayOptions } from '../../sidecar/start.ts'
import { keyPairSigner } from '../../sidecar/upstream/key-pair.ts'
import type { GatewayProcess } from './gateway.ts'
import { importedTable } from './imported.ts'

const quickstart = join(import.meta.dirname, '../../examples/quickstart')
const policy = join(import.meta.dirname, 'holding/policy.yaml')

export interface HoldingGateway extends GatewayProcess {
  /** How often a statement with this in its text ran in the warehouse. */
  executions(part: string): number
}

export async function startHoldingGateway(
  recording: string,
  options: Pick<GatewayOptions, 'tokenValidity' | 'longPollMs' | 'sessionIdleTimeout'> = {},
): Promise<HoldingGateway> {
  const embedded = await startEmbedded(await holdingBundle(), 0)
  const { bundle, privateKey, issuer, warehouse } = embedded
  await warehouse.execute(importedTable)
  const { account, user } = bundle.connection
  const recorder = await openFileRecorder({ path: recording })
  const gateway = await startGateway({
    bundle,
    recorder,
    port: 0,
    signer: keyPairSigner({ account, user, privateKey }),
    log: pino({ level: 'silent' }),
    approvals: { ask: decide },
    ...options,
  })
  return {
    gateway: gateway.url,
    issuer: issuer.url,
    recording,
    executions: (part) => warehouse.executions(part).length,
    stop: async () => {
      await gateway.close('test')
      await recorder.close()
      await embedded.close()
    },
  }
}

/** The quickstart with one more policy beside its own. */
async function holdingBundle(): Promise<Bundle> {
  const folder = await mkdtemp(join(tmpdir(), 'frostgate-holding-'))
  try {
    await cp(quickstart, folder, { recursive: true })
    await cp(policy, join(folder, 'drivers.yaml'))
    const compiled = await compileDirectory(folder)
    if ('problems' in compiled)
      throw new Error(`the quickstart does not compile: ${JSON.stringify(compiled.problems)}`)
    return compiled.bundle
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const verdicts: Readonly<Record<string, () => ApprovalVerdict>> = {
  release: () => ({ verdict: 'approved', id: randomUUID(), by: ['steward'], note: 'for a test' }),
  deny: () => ({ verdict: 'denied', by: ['steward'], note: 'not for a test' }),
}

/** `'release after 2 s'`, `'deny after 1 s'`; anything else waits for ever. */
async function decide({ sql }: ApprovalQuestion, signal: AbortSignal): Promise<ApprovalVerdict> {
  const [, word = '', seconds] = /'(release|deny) after (\d+) s'/.exec(sql) ?? []
  const verdict = verdicts[word]
  try {
    if (verdict === undefined) await once(signal, 'abort')
    else await delay(Number(seconds) * 1000, undefined, { signal })
  } catch {
    // The signal, which is looked at below.
  }
  return verdict === undefined || signal.aborted ? { verdict: 'withdrawn' } : verdict()
}
