/** kubectl with one kubeconfig: a thin typed wrapper. Failures are CommandErrors. */

import { CommandError, run } from './command.ts'
import type { WaitOptions } from './wait.ts'
import { waitUntil } from './wait.ts'

/** What the tests read of every object; more by the type argument of the reader. */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly uid: string
    readonly resourceVersion: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
}

export interface KubectlOptions {
  readonly input?: string
  readonly seconds?: number
}

export interface Kubectl {
  /** Any command; resolves to stdout. */
  readonly run: (args: readonly string[], options?: KubectlOptions) => Promise<string>
  /** Objects, or YAML text; further flags such as --server-side. Resolves to what kubectl says. */
  readonly apply: (
    what: string | object | readonly object[],
    ...flags: readonly string[]
  ) => Promise<string>
  readonly get: <T = KubeObject>(kind: string, name: string, namespace?: string) => Promise<T>
  /** Like get, but undefined where there is no such object. */
  readonly find: <T = KubeObject>(
    kind: string,
    name: string,
    namespace?: string,
  ) => Promise<T | undefined>
  /** All of a kind, of one namespace or of all; selector as of `kubectl get -l`. */
  readonly list: <T = KubeObject>(
    kind: string,
    namespace?: string,
    selector?: string,
  ) => Promise<readonly T[]>
  /** Reads the object until the state holds; the error shows its last state. */
  readonly waitFor: <T = KubeObject>(
    kind: string,
    name: string,
    namespace: string | undefined,
    holds: (object: T) => boolean,
    options?: WaitOptions,
  ) => Promise<T>
  /** Does not mind an object that is not there; waits until it is gone. */
  readonly delete: (kind: string, name: string, namespace?: string) => Promise<void>
  readonly logs: (pod: string, container: string, namespace: string) => Promise<string>
  /** Runs a command in a container of a pod; resolves to its stdout. */
  readonly exec: (
    pod: string,
    container: string,
    namespace: string,
    command: readonly string[],
  ) => Promise<string>
}

export function kubectlFor(program: string, kubeconfig: string, cacheFolder: string): Kubectl {
  const kubectl = (args: readonly string[], options: KubectlOptions = {}): Promise<string> =>
    // A discovery cache of the run's own: two clusters can have the same address one after another.
    run(program, ['--kubeconfig', kubeconfig, '--cache-dir', cacheFolder, ...args], options)
  const get = async <T>(kind: string, name: string, namespace?: string): Promise<T> =>
    JSON.parse(await kubectl(['get', kind, name, ...within(namespace), '-o', 'json'])) as T
  return {
    run: kubectl,
    apply: (what, ...flags) => kubectl(['apply', ...flags, '-f', '-'], { input: manifestOf(what) }),
    get,
    find: async (kind, name, namespace) => {
      const flags = [...within(namespace), '--ignore-not-found', '-o', 'json']
      const text = await kubectl(['get', kind, name, ...flags])
      return text.trim() === '' ? undefined : (JSON.parse(text) as never)
    },
    list: async <T>(kind: string, namespace?: string, selector?: string) => {
      const where = namespace === undefined ? ['--all-namespaces'] : within(namespace)
      const which = selector === undefined ? [] : ['-l', selector]
      const text = await kubectl(['get', kind, ...where, ...which, '-o', 'json'])
      return (JSON.parse(text) as { items: readonly T[] }).items
    },
    waitFor: <T>(
      kind: string,
      name: string,
      namespace: string | undefined,
      holds: (object: T) => boolean,
      options?: WaitOptions,
    ) =>
      waitUntil(`${kind} ${name}`, () => get<T>(kind, name, namespace), holds, {
        everyMilliseconds: 500,
        ...options,
      }),
    delete: async (kind, name, namespace) => {
      await kubectl(['delete', kind, name, ...within(namespace), '--ignore-not-found', '--wait'])
    },
    logs: (pod, container, namespace) =>
      kubectl(['logs', pod, '-c', container, ...within(namespace)]),
    exec: (pod, container, namespace, command) =>
      kubectl(['exec', pod, '-c', container, ...within(namespace), '--', ...command]),
  }
}

/** Text as it is, objects as one List. */
export function manifestOf(what: string | object | readonly object[]): string {
  if (typeof what === 'string') return what
  const items: readonly unknown[] = Array.isArray(what) ? what : [what]
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
}

/** What the API server, a policy or a webhook answered to a command that must fail. */
export async function refusalOf(command: Promise<unknown>): Promise<string> {
  try {
    await command
  } catch (error) {
    if (error instanceof CommandError) return error.stderr
    throw error
  }
  throw new Error('The command was accepted; it should have been refused.')
}

function within(namespace: string | undefined): readonly string[] {
  return namespace === undefined ? [] : ['--namespace', namespace]
}
