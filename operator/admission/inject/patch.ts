/** The JSON patch (RFC 6902) that makes of a pod what `inject` made of it. */

import { isSame } from '../rendered.ts'
import type { Pod } from '../pod.ts'

export interface PatchOperation {
  readonly op: 'add'
  readonly path: string
  readonly value: unknown
}

const lists = ['initContainers', 'containers', 'volumes'] as const

/**
 * By construction, from what `inject` changes: whole lists, single labels and annotations. `add` replaces a
 * member that is there. Empty if nothing changed.
 */
export function patch(before: Pod, after: Pod): readonly PatchOperation[] {
  const operations: PatchOperation[] = []
  const add = (path: string, value: unknown) => {
    operations.push({ op: 'add', path, value })
  }
  const { labels, annotations } = after.metadata ?? {}
  if (before.metadata === undefined) add('/metadata', { labels, annotations })
  else
    for (const [map, entries] of Object.entries({ labels, annotations })) {
      const given = before.metadata[map as 'labels' | 'annotations']
      if (given === undefined) add(`/metadata/${map}`, entries)
      else
        for (const [name, value] of Object.entries(entries ?? {}))
          if (given[name] !== value) add(`/metadata/${map}/${escape(name)}`, value)
    }
  for (const list of lists) {
    const value = after.spec?.[list] ?? []
    if (!isSame(before.spec?.[list] ?? [], value)) add(`/spec/${list}`, value)
  }
  return operations
}

/** RFC 6901, section 3. */
function escape(member: string): string {
  return member.replaceAll('~', '~0').replaceAll('/', '~1')
}
