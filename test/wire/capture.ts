/** Runs agents through a gateway and keeps all that can be seen of it, on every side. */

import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

import { blobFolder } from '../../sidecar/recording/blob-store.ts'
import { GatewayClient } from '../support/client.ts'
import { runInspectedAgent, type InspectedAgent } from './agent-process.ts'
import type { Secret } from './canaries.ts'
import type { Conversation } from './capture-proxy.ts'
import { startObservedGateway, type ObservedGateway } from './observed-gateway.ts'

export interface Capture {
  readonly agent: InspectedAgent
  readonly oidcToken: string
  /** Line by line of the PEM. */
  readonly privateKey: readonly Secret[]
  /** Every one in the database. */
  readonly ssns: readonly string[]
  readonly agentSide: readonly Conversation[]
  readonly warehouseSide: readonly Conversation[]
  /** The recording's file, and its blobs as they are and unzipped. */
  readonly recorded: readonly string[]
}

export interface CaptureOptions {
  /** For the agent's home and the recording. */
  readonly folder: string
  /** False: the same gateway without its masking rules. */
  readonly masked: boolean
  readonly statements: readonly string[]
  /** A statement that a second client only describes. */
  readonly described: string
}

export async function captureAgents(options: CaptureOptions): Promise<Capture> {
  const recording = join(options.folder, 'recording.jsonl')
  const home = join(options.folder, 'agent')
  await mkdir(home, { recursive: true })
  const gateway = await startObservedGateway(recording, (bundle) =>
    options.masked ? bundle : { ...bundle, masks: [] },
  )
  const { agent, oidcToken, ssns } = await visit(gateway, home, options).finally(gateway.close)
  const pem = gateway.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return {
    agent,
    oidcToken,
    ssns,
    privateKey: pem
      .split('\n')
      .filter((line) => line.length === 64)
      .map((value) => ({ name: 'private key', value })),
    agentSide: gateway.agentSide(),
    warehouseSide: gateway.warehouseSide(),
    recorded: await recordingTexts(recording),
  }
}

async function visit(
  { url, issuer, warehouse }: ObservedGateway,
  home: string,
  { statements, described }: CaptureOptions,
) {
  const oidcToken = await issuer.mint({ subject: 'agent', groups: ['ai-coding-agents'] })
  const agent = await runInspectedAgent({ gateway: url, folder: home }, oidcToken, statements)
  const client = await new GatewayClient(url).open(oidcToken)
  await client.query(described, { body: { describeOnly: true } })
  await client.logout()
  const patients = await warehouse.execute('SELECT ssn FROM health.phi.patients')
  const ssns = patients.flatMap(([ssn]) => (typeof ssn === 'string' ? [ssn] : []))
  return { agent, oidcToken, ssns }
}

async function recordingTexts(recording: string): Promise<readonly string[]> {
  const folder = blobFolder(recording)
  const names = await readdir(folder).catch(() => [])
  const blobs = await Promise.all(names.map((name) => readFile(join(folder, name))))
  return [
    await readFile(recording, 'utf8'),
    ...blobs.flatMap((blob) => [
      blob.toString('latin1'),
      ...(blob[0] === 0x1f && blob[1] === 0x8b ? [gunzipSync(blob).toString('utf8')] : []),
    ]),
  ]
}
