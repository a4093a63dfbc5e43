/** The sidecar as a process of its own, as a container runs it. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { eventually } from './gateway.ts'

const main = fileURLToPath(new URL('../../sidecar/main.ts', import.meta.url))

export interface SidecarProcess {
  readonly pid: number
  /** Lines of stderr. */
  readonly log: string[]
  /** Where clients connect, once it listens. */
  url(): Promise<string>
  health(path: string): Promise<{ readonly status: number; readonly text: string }>
  signal(name: NodeJS.Signals): void
  /** The exit code; a signal that killed it by its name. */
  readonly ended: Promise<number | string>
}

/** `command`: what runs instead of the sidecar's source, such as a bundle of it. */
export function startSidecar(
  environment: Readonly<Record<string, string>>,
  command: readonly [string, ...(readonly string[])] = [process.execPath, main],
): SidecarProcess {
  const [program, ...args] = command
  const child = spawn(program, args, {
    env: {
      PATH: process.env['PATH'] ?? '',
      FROSTGATE_PORT: '0',
      FROSTGATE_HEALTH_PORT: '0',
      ...environment,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const log: string[] = []
  createInterface(child.stderr).on('line', (line) => log.push(line))
  const said = <T>(field: string, message: string): Promise<T> =>
    eventually(() => {
      const found = log.findLast((line) => line.includes(`"msg":"${message}"`))
      if (found === undefined) return undefined
      return (JSON.parse(found) as Readonly<Record<string, T>>)[field] as
        Exclude<T, false | undefined> | undefined
    }, 30_000)
  return {
    pid: child.pid ?? 0,
    log,
    url: () => said<string>('url', 'listening'),
    health: async (path) => {
      const port = await said<number>('port', 'probes and metrics are answered')
      const answer = await fetch(`http://127.0.0.1:${port}${path}`)
      return { status: answer.status, text: await answer.text() }
    },
    signal: (name) => {
      child.kill(name)
    },
    ended: once(child, 'exit').then(([code, signal]: (number | string | null)[]) => {
      return code ?? signal ?? ''
    }),
  }
}
