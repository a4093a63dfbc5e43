/** Drivers that wait: each in a pod of its own with a sidecar, given statements by the test. */

import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

import { available as jdbc } from '../../drivers/clients/jdbc.ts'
import { python4, python5 } from '../../drivers/clients/python.ts'
import type { Cluster, ClusterFacts } from '../cluster.ts'
import { imageTable, images, repository, type Image, type ImageTable } from '../images.ts'
import { agentPod } from './attack-pods.ts'

const run = promisify(execFile)

export const clientNames = ['snowflake-sdk', 'python-4', 'python-5', 'jdbc'] as const
export type ClientName = (typeof clientNames)[number]

export interface HeldAnswer {
  readonly rows?: readonly (readonly string[])[]
  readonly error?: { readonly code: string; readonly message: string }
  /** From the login on. */
  readonly ms: number
  /** When it came, as of performance.now(). */
  readonly at: number
}

export interface HeldClient {
  readonly name: ClientName
  /** In a session of its own. `cancelAfterMs`: then the client itself gives up, in whole seconds. */
  readonly ask: (sql: string, options?: { readonly cancelAfterMs?: number }) => Promise<HeldAnswer>
}

export interface HeldClients {
  /** Those that this machine has, once their pods have called. */
  readonly all: readonly HeldClient[]
  readonly podNames: ReadonlyMap<ClientName, string>
  readonly close: () => Promise<void>
}

const folder = join(repository, 'test', 'cluster', 'support', 'clients')

/** Adds to what the node's image references stand for; it looks at each pull. */
export async function addImages({ runFolder }: ClusterFacts, more: ImageTable): Promise<void> {
  const file = join(runFolder, 'images.json')
  const known = JSON.parse(await readFile(file, 'utf8')) as ImageTable
  await writeFile(file, JSON.stringify({ ...known, ...more }, undefined, 2))
}

export async function startHeldClients(
  cluster: Cluster,
  { namespace, connection }: { readonly namespace: string; readonly connection: string },
  say: (line: string) => void,
): Promise<HeldClients> {
  const { facts, kubectl } = cluster
  if (facts.nodeIp === undefined) throw new Error('these clients run on this machine’s own node')
  const found = await commands(say)
  const callers = await listen(facts.nodeIp)
  const reference = (name: string): string => `frostgate.test/client-${name}:1`
  await addImages(
    facts,
    Object.fromEntries([...found].map(([name, image]) => [reference(name), image])),
  )
  const pods = [...found.keys()].map((name) => {
    const pod = agentPod(`client-${name}`)
    const [container] = pod.spec.containers
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      ...pod,
      metadata: { ...pod.metadata, namespace, annotations: { [annotation]: connection } },
      spec: {
        ...pod.spec,
        containers: [
          {
            ...container,
            image: reference(name),
            command: undefined,
            args: [facts.nodeIp, String(callers.port), name],
            // Drivers and the JVM write where they start.
            workingDir: '/tmp',
          },
        ],
      },
    }
  })
  await kubectl.apply(pods)
  const all = await Promise.all([...found.keys()].map((name) => callers.called(name)))
  return {
    all,
    podNames: new Map([...found.keys()].map((name) => [name, `client-${name}`])),
    close: () => callers.close(),
  }
}

const annotation = 'frostgate.dev/connection'

/** Images by client; what is missing is said with its remedy. */
async function commands(say: (line: string) => void): Promise<ReadonlyMap<ClientName, Image>> {
  const node = imageTable(process.execPath)[images.node]
  if (node === undefined) throw new Error('there is an image of Node')
  const own: Image = { ...node, command: [process.execPath, join(folder, 'held.mjs')] }
  const found = new Map<ClientName, Image>([['snowflake-sdk', own]])
  for (const [name, python] of [
    ['python-4', python4],
    ['python-5', python5],
  ] as const) {
    const driver = await python(say)
    if (!('command' in driver)) say(`SKIPPED: ${name}: ${JSON.stringify(driver)}`)
    else found.set(name, await pythonImage(driver.command))
  }
  const java = await jdbc(say)
  if (!('command' in java)) say(`SKIPPED: jdbc: ${JSON.stringify(java)}`)
  else {
    // All but its own class: Java compiles this one itself.
    const command = [...java.command.slice(0, -1), join(folder, 'Held.java')]
    found.set('jdbc', { command, paths: [repository] })
  }
  return found
}

async function pythonImage([program = '']: readonly string[]): Promise<Image> {
  const print = 'import sys; print(sys.base_prefix)'
  const { stdout } = await run(program, ['-c', print])
  const env = { PATH: `${dirname(program)}:/usr/bin:/bin`, PYTHONDONTWRITEBYTECODE: '1' }
  return { command: [program, join(folder, 'held.py')], env, paths: [repository, stdout.trim()] }
}

interface Callers {
  readonly port: number
  readonly called: (name: ClientName) => Promise<HeldClient>
  readonly close: () => Promise<void>
}

async function listen(host: string): Promise<Callers> {
  const calls = new Map<string, (client: HeldClient) => void>()
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    const waiting = new Map<number, (answer: HeldAnswer) => void>()
    let asked = 0
    const lines = createInterface({ input: socket })
    lines.on('line', (line) => {
      const message = JSON.parse(line) as HeldAnswer & {
        readonly id?: number
        readonly client?: ClientName
      }
      const { id, client, ...answer } = message
      if (id !== undefined) waiting.get(id)?.({ ...answer, at: performance.now() })
      if (client !== undefined)
        calls.get(client)?.({
          name: client,
          ask: (sql, options = {}) =>
            new Promise((resolve) => {
              asked += 1
              waiting.set(asked, resolve)
              socket.write(`${JSON.stringify({ id: asked, sql, ...options })}\n`)
            }),
        })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  return {
    port: (server.address() as AddressInfo).port,
    called: (name) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          reject(new Error(`the pod of ${name} did not call within 90 s; see its log`))
        }, 90_000)
        calls.set(name, (client) => {
          clearTimeout(timer)
          resolve(client)
        })
      }),
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
