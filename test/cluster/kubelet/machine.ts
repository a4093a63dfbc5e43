/**
 * What a node needs of the machine beyond its programs: rights, tools, one address on loopback and
 * nobody else using the pods' addresses.
 */

import { readFile } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'

import { run } from '../command.ts'
import { nodeIp } from '../control-plane/flags.ts'
import { waitUntil } from '../wait.ts'

interface Need {
  readonly program: string
  readonly args: readonly string[]
  readonly lacks: string
}

const needs: readonly Need[] = [
  {
    program: 'unshare',
    args: ['--mount', '--net', '--pid', '--fork', 'true'],
    lacks:
      'no right to make namespaces; run it as root with CAP_SYS_ADMIN (a plain container has not: start it with --privileged), with util-linux installed',
  },
  {
    program: 'ip',
    args: ['-V'],
    lacks: 'no ip command; install iproute2',
  },
  {
    program: 'openssl',
    args: ['version'],
    lacks: 'no openssl command; install openssl',
  },
]

/** Why no node can run on this machine, with the remedy; undefined where one can. */
export async function whyNoNode(): Promise<string | undefined> {
  if (process.platform !== 'linux') {
    return `a node needs Linux, this is ${process.platform}; name a cluster: FROSTGATE_CLUSTER=external KUBECONFIG=… (kind will do)`
  }
  if (process.geteuid?.() !== 0) {
    return 'a node needs root for namespaces and mounts; run it as root on a machine for tests, or name a cluster: FROSTGATE_CLUSTER=external KUBECONFIG=…'
  }
  for (const { program, args, lacks } of needs) {
    try {
      await run(program, args, { seconds: 20 })
    } catch {
      return lacks
    }
  }
  return undefined
}

/** Abstract sockets (unix(7)): of this harness, and of a node runtime that somebody started alone. */
const ownLock = '\0frostgate-test-cluster'
const runtimeLock = '\0frostgate-node-runtime'

export interface HeldNetwork {
  readonly release: () => Promise<void>
}

/**
 * Puts the node's address on loopback. The addresses of pods are the same in every run, so runs on
 * one machine go one after another; the lock is a socket that the kernel frees with its holder.
 */
export async function holdNetwork(say: (line: string) => void): Promise<HeldNetwork> {
  let told = false
  const lock = await waitUntil(
    'another run on this machine to release the pod network',
    async () => {
      const server = (await isHeld(runtimeLock)) ? undefined : await listenAbstract(ownLock)
      if (server === undefined && !told) {
        told = true
        say('  waiting for another run of test:cluster on this machine to end …')
      }
      return server
    },
    (server) => server !== undefined,
    { seconds: 1800, everyMilliseconds: 1000 },
  )
  await clearLeftovers()
  const taken = await run('ip', ['-4', '-o', 'addr', 'show', 'dev', 'lo'])
  const own = !taken.includes(` ${nodeIp}/32 `)
  if (own) await run('ip', ['addr', 'add', `${nodeIp}/32`, 'dev', 'lo', 'label', label])
  return {
    release: async () => {
      if (own) await run('ip', ['addr', 'del', `${nodeIp}/32`, 'dev', 'lo'])
      await new Promise((done) => lock?.close(done))
    },
  }
}

/** Of the address on loopback: one with this label is of a run of ours. */
const label = 'lo:frostgate'

/**
 * What a run left that was killed. Nobody else can be using it: the lock is ours. Programs need no
 * search, they end with the process that started them.
 */
async function clearLeftovers(): Promise<void> {
  await unmountBelow(tmpdir(), 'frostgate-cluster-')
  const left = await run('ip', ['-4', '-o', 'addr', 'show', 'dev', 'lo', 'label', label])
  if (left.trim() !== '') await run('ip', ['addr', 'del', `${nodeIp}/32`, 'dev', 'lo'])
}

/**
 * Takes away what a kubelet mounted for pods (tokens, memory volumes); it leaves them when it ends.
 * Deepest first, as one lies within the other. `prefix` is of the names in the folder.
 */
export async function unmountBelow(folder: string, prefix = ''): Promise<void> {
  for (const point of mountPointsBelow(
    `${folder}/${prefix}`,
    await readFile('/proc/self/mountinfo', 'utf8'),
  )) {
    await run('umount', ['--lazy', point])
  }
}

/** Mount points that start so, the last mounted first. Octal escapes as in proc(5). */
export function mountPointsBelow(start: string, mountinfo: string): readonly string[] {
  return mountinfo
    .split('\n')
    .flatMap((line) => line.split(' ').slice(4, 5))
    .map((point) =>
      point.replace(/\\([0-7]{3})/g, (_, octal: string) =>
        String.fromCharCode(Number.parseInt(octal, 8)),
      ),
    )
    .filter((point) => point.startsWith(start))
    .reverse()
}

async function listenAbstract(name: string): Promise<Server | undefined> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => {
      resolve(undefined)
    })
    server.listen(name, () => {
      // The lock must not keep a process alive that is otherwise done.
      server.unref()
      resolve(server)
    })
  })
}

async function isHeld(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(name)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => {
      resolve(false)
    })
  })
}
