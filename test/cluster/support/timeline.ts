/** What a pod printed, with the moments at which the node read it. */

import type { Cluster } from '../cluster.ts'
import { answersIn, type Answer } from './runner.ts'

export interface Moment {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly line: string
}

/** With `--timestamps`, each line begins with a moment of RFC 3339. */
export async function timelineOf(
  { kubectl }: Cluster,
  where: Readonly<Record<'namespace' | 'pod' | 'container', string>>,
): Promise<readonly Moment[]> {
  const { namespace, pod, container } = where
  const args = ['logs', pod, '-c', container, '--namespace', namespace, '--timestamps']
  const log = await kubectl.run(args)
  return log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const space = line.indexOf(' ')
      return { at: Date.parse(line.slice(0, space)), line: line.slice(space + 1) }
    })
}

export interface TimedAnswer extends Answer {
  readonly at: number
}

/** Answers of a runner, in order. */
export async function timedAnswers(
  cluster: Cluster,
  namespace: string,
  pod: string,
): Promise<readonly TimedAnswer[]> {
  const timeline = await timelineOf(cluster, { namespace, pod, container: 'runner' })
  return timeline.flatMap(({ at, line }) => answersIn(line).map((answer) => ({ ...answer, at })))
}

/** Sessions of the example's stand-in that are open, by its log, and when the last one ended. */
export async function warehouseSessions(
  cluster: Cluster,
): Promise<{ readonly open: ReadonlySet<string>; readonly lastClosed: number }> {
  const namespace = 'snowflake-example'
  const [pod] = await cluster.kubectl.list('pods', namespace, 'app=warehouse')
  const where = { namespace, pod: pod?.metadata.name ?? '', container: 'warehouse' }
  const open = new Set<string>()
  let lastClosed = 0
  for (const { at, line } of await timelineOf(cluster, where)) {
    const [, id = '', what] = /^session (\d+) (opened|closed)$/.exec(line) ?? []
    if (what === 'opened') open.add(id)
    if (what !== 'closed') continue
    open.delete(id)
    lastClosed = at
  }
  return { open, lastClosed }
}
