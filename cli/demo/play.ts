/** Plays the demo: a gateway, an agent, and then the recording of both. */

import { rmSync } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPairSync } from 'node:crypto'

import { decodeJwt, SignJWT } from 'jose'

import { verifyRecording } from '../../sidecar/recording/verify.ts'
import type { Embedded } from '../up/embedded.ts'
import { startUp, type Up } from '../up/start.ts'
import { runAgent, type AgentAnswer, type AgentRun } from './agent.ts'
import { scenes, type Truth } from './scenes.ts'
import { demoConfiguration, playSteward, type DemoConfiguration } from './steward.ts'

/** One line of the demo: what was tried, what came, and what is wrong with it, if anything. */
export interface Played {
  readonly title: string
  readonly sql?: string
  readonly answer?: AgentAnswer
  readonly note?: string
  readonly complaint: string | undefined
}

export interface Demo {
  /** Wraps work that takes a while, so that whoever watches is told. */
  readonly during: <T>(label: string, work: () => Promise<T>) => Promise<T>
  /** Each line as it is played. */
  readonly onPlayed: (played: Played) => void
  /** The verified recording, once the gateway has stopped. */
  readonly onRecording: (file: string) => Promise<void>
}

export async function playDemo({ during, onPlayed, onRecording }: Demo): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'frostgate-demo-'))
  const recording = join(folder, 'recording.jsonl')
  const leave = leaveCleanly(folder)
  try {
    const configuration = await demoConfiguration(folder)
    const up = await during('Starting a warehouse, an issuer and the gateway', () =>
      startUp({
        directory: configuration.directory,
        port: 0,
        issuerPort: 0,
        recording,
        logLevel: 'silent',
      }),
    )
    try {
      const place = { folder, signal: leave.signal, ...configuration }
      await playAgent(up, place, { during, onPlayed })
    } finally {
      await up.close('demo')
    }
    await playRecording(recording, { onPlayed, onRecording })
  } finally {
    leave.done()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Exit codes as shells show them of a program that the signal ended. */
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const

/** A Ctrl-C half-way leaves neither the agent running nor its token on disk. */
function leaveCleanly(folder: string): { readonly signal: AbortSignal; done(): void } {
  const agent = new AbortController()
  const leave = (name: NodeJS.Signals): void => {
    agent.abort()
    rmSync(folder, { recursive: true, force: true })
    process.exit(exitCodes[name as keyof typeof exitCodes])
  }
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, leave)
  return {
    signal: agent.signal,
    done: () => {
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, leave)
    },
  }
}

async function playAgent(
  up: Up,
  place: Pick<AgentRun, 'folder' | 'signal'> & DemoConfiguration,
  { during, onPlayed }: Pick<Demo, 'during' | 'onPlayed'>,
): Promise<void> {
  const { embedded } = up
  if (!embedded) throw new Error('the quickstart is not marked as an embedded example')
  const { folder, signal } = place
  const agent: AgentRun = { gateway: up.gateway.url, folder, signal }
  const truth = await readTruth(embedded)
  const identity = { subject: 'demo-agent', groups: ['ai-coding-agents'] }
  const token = await embedded.issuer.mint(identity)
  const answers = await during('The agent is at work', () =>
    withSteward(up, place, () =>
      runAgent(
        agent,
        token,
        scenes.map(({ sql }) => sql),
      ),
    ),
  )
  for (const [index, { title, sql, steward, judge }] of scenes.entries()) {
    const answer = answers[index] ?? {
      sql,
      error: { code: '', sqlState: null, message: 'the agent gave no answer' },
    }
    const note = steward && `${place.steward.username} said ${steward.verdict}: ${steward.reason}`
    const played = { title, sql, answer, complaint: judge(answer, truth) }
    onPlayed(note === undefined ? played : { ...played, note })
  }
  const logins = [
    {
      title: 'A token signed by somebody else is refused',
      token: await forged(token),
      code: '390303',
    },
    {
      title: 'An expired token is refused',
      token: await embedded.issuer.mint({ ...identity, expiresIn: -60 }),
      code: '390318',
    },
  ]
  for (const login of logins) {
    const [answer] = await during('The agent logs in', () =>
      runAgent(agent, login.token, ['SELECT 1']),
    )
    const code = answer?.error?.code
    onPlayed({
      title: login.title,
      ...(answer ? { answer } : {}),
      complaint:
        answer?.sql === null && code === login.code
          ? undefined
          : `the login ended with ${code ?? 'success'}`,
    })
  }
}

/** The steward works beside the agent: a statement that waits waits for the other process. */
async function withSteward<T>(
  { approvals }: Up,
  { directory, steward }: DemoConfiguration,
  work: () => Promise<T>,
): Promise<T> {
  const leave = new AbortController()
  const verdicts = scenes.flatMap((scene) => scene.steward ?? [])
  const decided = playSteward({ approvals, directory }, steward, verdicts, leave.signal)
  try {
    // A steward who fails tells why; else the agent would wait until its request expires.
    return await Promise.race([work(), decided.then(() => new Promise<never>(() => undefined))])
  } finally {
    leave.abort()
  }
}

async function readTruth({ warehouse }: Embedded): Promise<Truth> {
  const patients = await warehouse.execute(
    'SELECT id, ssn FROM health.phi.patients WHERE ssn IS NOT NULL',
  )
  const [orders] = await warehouse.execute('SELECT COUNT(*) FROM analytics.public.orders')
  return {
    ssns: new Map(
      patients.flatMap(([id, ssn]) =>
        typeof id === 'string' && typeof ssn === 'string' ? [[id, ssn]] : [],
      ),
    ),
    orders: Number(orders?.[0]),
  }
}

/** The same claims under another key. */
function forged(token: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return new SignJWT(decodeJwt(token)).setProtectedHeader({ alg: 'RS256' }).sign(privateKey)
}

async function playRecording(
  recording: string,
  { onPlayed, onRecording }: Pick<Demo, 'onPlayed' | 'onRecording'>,
): Promise<void> {
  const report = await verifyRecording(recording)
  onPlayed({
    title: 'The recording verifies',
    note: `${report.lines} events, an unbroken chain`,
    complaint: report.ok ? undefined : 'the recording does not verify',
  })
  await onRecording(recording)
  const at = await flipBit(recording)
  const { ok, fault } = await verifyRecording(recording)
  onPlayed({
    title: 'One byte altered, and verify finds it',
    note: `byte ${at} was altered; verify says: line ${fault?.line ?? 0}, byte ${fault?.offset ?? 0}: ${fault?.message ?? ''}`,
    complaint: ok ? 'the altered recording verifies' : undefined,
  })
}

/** One bit in the middle of the file. Returns the byte's offset. */
async function flipBit(file: string): Promise<number> {
  const handle = await open(file, 'r+')
  try {
    const at = Math.floor((await handle.stat()).size / 2)
    const byte = Buffer.alloc(1)
    await handle.read(byte, 0, 1, at)
    byte[0] = (byte[0] ?? 0) ^ 1
    await handle.write(byte, 0, 1, at)
    return at
  } finally {
    await handle.close()
  }
}
