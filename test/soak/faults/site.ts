/** A warehouse that misbehaves by script, and gateways in front of it that share one recording. */

import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { startIssuer, type Issuer } from '../../../examples/oidc/issuer.ts'
import {
  startWarehouse,
  type FaultHook,
  type Warehouse,
} from '../../../examples/warehouse/warehouse.ts'
import { compileDirectory } from '../../../operator/compile/directory.ts'
import { inProcessApprovals } from '../../../sidecar/approvals/in-process.ts'
import type { Bundle, CompiledRule } from '../../../sidecar/control/bundle.ts'
import { sealBundle } from '../../../sidecar/control/digest.ts'
import type { RecordedEvent } from '../../../sidecar/recording/events.ts'
import { openFileRecorder } from '../../../sidecar/recording/file-recorder.ts'
import { openSinkFile, type SinkFile } from '../../../sidecar/recording/file-sink.ts'
import { startGateway } from '../../../sidecar/start.ts'
import { keyPairSigner } from '../../../sidecar/upstream/key-pair.ts'
import { noLimits } from '../../support/limits.ts'
import { emptyRule } from '../../support/rules.ts'
import { gatewayUser } from '../../support/warehouse-users.ts'

export interface Site {
  readonly warehouse: Warehouse
  readonly issuer: Issuer
  /** What the warehouse is asked before each answer. */
  hook: FaultHook | undefined
  begin(): Promise<Stage>
  close(): Promise<void>
}

export type Disk = 'good' | 'full' | 'read-only'

/** One script's gateways, one after another, over one recording. */
export interface Stage {
  readonly recording: string
  url: string
  disk: Disk
  /** Milliseconds that the gateway's clock is ahead. */
  ahead: number
  /** Texts whose decision to allow them is on disk. */
  readonly allowed: ReadonlySet<string>
  restart(): Promise<void>
  /** Ends the gateway; the recording stays until `remove`. */
  close(): Promise<void>
  remove(): Promise<void>
}

const anything: CompiledRule = { ...emptyRule, name: 'all', action: 'Allow' }
const held: CompiledRule = {
  ...emptyRule,
  name: 'held',
  action: 'RequireApproval',
  statements: ['DML'],
  objects: [{ database: 'ANALYTICS', schema: 'PUBLIC', name: 'SOAK_HELD' }],
  approval: { approvers: ['stewards'], count: 1, expiresAfter: 600 },
}

export async function startSite(): Promise<Site> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const example = fileURLToPath(new URL('../../../examples/quickstart', import.meta.url))
  const compiled = await compileDirectory(example)
  if ('problems' in compiled) throw new Error('examples/quickstart does not compile')
  const { connection, policies } = compiled.bundle
  const issuer = await startIssuer({ port: 0 })
  const warehouse = await startWarehouse({
    account: connection.account,
    users: gatewayUser(connection, publicKey),
    seed: { patients: 120, orders: 300 },
    chunkRows: 50,
    inProgressAfterMs: 300,
    faults: (point) => site.hook?.(point),
  })
  for (const name of ['SOAK', 'SOAK_HELD'])
    await warehouse.execute(`CREATE TABLE ANALYTICS.PUBLIC.${name} (MARKER VARCHAR)`)
  const bundle = sealBundle({
    ...compiled.bundle,
    policies: policies.map((policy) => ({ ...policy, rules: [anything, held], limits: noLimits })),
    connection: {
      ...connection,
      url: warehouse.url,
      identityProviders: connection.identityProviders.map((each) => ({
        ...each,
        issuer: issuer.url,
      })),
    },
  })
  const site: Site = {
    warehouse,
    issuer,
    hook: undefined,
    begin: () => beginStage(bundle, privateKey),
    close: async () => {
      await Promise.all([warehouse.close(), issuer.close()])
    },
  }
  return site
}

async function beginStage(bundle: Bundle, privateKey: KeyObject): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'frostgate-soak-'))
  const allowed = new Set<string>()
  const note = (event: RecordedEvent): void => {
    if (event.type === 'statement.decided' && event.verdict === 'allow' && event.emitted !== null)
      allowed.add(event.emitted)
  }
  let close = (): Promise<void> => Promise.resolve()
  let restarted = Promise.resolve()
  const { account, user } = bundle.connection
  const open = async (): Promise<void> => {
    const file = await openFileRecorder({
      path: stage.recording,
      openFile: async (path) => failing(await openSinkFile(path), stage),
    })
    const running = await startGateway({
      bundle,
      port: 0,
      recorder: {
        record: async (event) => {
          await file.record(event)
          note(event)
        },
        blob: (mode) => (stage.disk === 'good' ? file.blob(mode) : Promise.reject(noSpace())),
      },
      signer: keyPairSigner({ account, user, privateKey }),
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      now: () => Date.now() + stage.ahead,
      longPollMs: 300,
      upstreamTimeoutMs: 3_000,
      chunkTimeoutMs: 2_000,
      approvals: inProcessApprovals(() =>
        Promise.resolve({ verdict: 'approved', by: ['steward'], note: '' }),
      ),
    })
    stage.url = running.url
    close = async () => {
      await running.close('soak', 100)
      await file.close()
    }
  }
  const stage: Stage = {
    recording: join(folder, 'recording.jsonl'),
    url: '', disk: 'good', ahead: 0, allowed,
    restart: () => {
      // One after another: a recording has one writer.
      restarted = restarted.then(async () => {
        await close()
        await open()
      })
      return restarted
    },
    close: () => close(),
    remove: () => rm(folder, { recursive: true, force: true }),
  } // prettier-ignore
  await open()
  return stage
}

const noSpace = (): Error =>
  Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })

/** A full disk takes half of a write; one that is read-only takes nothing. */
function failing(file: SinkFile, stage: Pick<Stage, 'disk'>): SinkFile {
  return {
    write: async (bytes) => {
      if (stage.disk === 'good') return await file.write(bytes)
      if (stage.disk === 'full') await file.write(bytes.subarray(0, bytes.length >> 1))
      throw noSpace()
    },
    datasync: () => file.datasync(),
    stat: () => file.stat(),
    truncate: (size) => file.truncate(size),
    close: () => file.close(),
  }
}

interface WithHandles {
  _getActiveHandles(): readonly unknown[]
}

/** Connections of this process to or from these ports. */
export function openSockets(ports: readonly number[]): number {
  const handles = (process as unknown as WithHandles)._getActiveHandles()
  return handles.filter(
    (each) =>
      each instanceof Socket &&
      !each.destroyed &&
      (ports.includes(each.remotePort ?? 0) || ports.includes(each.localPort ?? 0)),
  ).length
}
