/** The recording of a sidecar, as its operator holds it. */

import type { Cluster } from '../cluster.ts'
import { release } from './frostgate.ts'
import { inNode } from './runner.ts'

export type Recorded = Readonly<Record<string, unknown>>

/** Its lines as they came. With several replicas, that of the one which has most of it. */
export async function recordingText(cluster: Cluster, podUid: string): Promise<string> {
  const selector = 'app.kubernetes.io/component=operator'
  const replicas = await cluster.kubectl.list('pods', release.namespace, selector)
  const texts = await Promise.all(
    replicas.map(({ metadata }) => {
      const file = JSON.stringify(`/var/lib/frostgate/${metadata.name}/${podUid}.jsonl`)
      const read = `require('fs').readFileSync(${file}, 'utf8')`
      const script = `(() => { try { return ${read} } catch { return '' } })()`
      const where = { namespace: release.namespace, pod: metadata.name, container: 'operator' }
      return inNode(cluster, where, script)
    }),
  )
  const [longest = ''] = texts.toSorted((a, b) => b.length - a.length)
  // One more line end is of the script's own printing.
  return longest.replace(/\n\n$/, '\n')
}

export function eventsIn(text: string): readonly Recorded[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { readonly event: Recorded }).event)
}
