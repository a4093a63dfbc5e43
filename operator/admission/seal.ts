/** The mark of a rendering: that the operator made it, and that nobody changed it since. */

import { createHash, timingSafeEqual } from 'node:crypto'

import { canonicalSha256 } from '../../sidecar/canonical-json.ts'
import { annotations, type OperatorFacts } from './injection.ts'
import { comparable, partsOf, plain, type RenderedParts } from './rendered.ts'
import type { Pod } from './pod.ts'

type Sealer = Pick<OperatorFacts, 'version' | 'seal'>

/**
 * What a seal of format `v1` is over. Pods bear it for months and are let in by it again every few
 * minutes, so nothing of this may change: another way to read a pod is another format beside it.
 */
const v1 = {
  volumes: [
    'frostgate-identity',
    'frostgate-key',
    'frostgate-recording',
    'frostgate-no-api',
    'frostgate-agent-token',
  ],
  digest: ({ container, volumes, ...rest }: RenderedParts): string => {
    const sorted = volumes.toSorted((a, b) => (a.name < b.name ? -1 : 1))
    return canonicalSha256({ ...rest, container: comparable(container), volumes: plain(sorted) })
  },
} as const

const formats: Readonly<Record<string, typeof v1>> = { v1 }

/** `v1.<version>.<sha256>.<seal>`; deterministic, so that injecting again changes nothing. */
export function seal(parts: RenderedParts, { version, seal: sign }: Sealer): string {
  const text = `v1.${version}.${v1.digest(parts)}`
  return `${text}.${sign(text)}`
}

/**
 * Whether this operator rendered the sidecar of the pod, now or in an earlier version: an upgrade
 * or a rotated CA must not turn away pods that run.
 */
export function isSealed(pod: Pod, podNamespace: string, operator: Sealer): boolean {
  const match = sealed.exec(pod.metadata?.annotations?.[annotations.injected] ?? '')
  const [, text = '', name = '', written = '', signature = ''] = match ?? []
  const format = Object.hasOwn(formats, name) ? formats[name] : undefined
  if (format === undefined) return false
  const parts = partsOf(pod, podNamespace, format.volumes)
  if (parts === undefined) return false
  return equal(written, format.digest(parts)) && equal(signature, operator.seal(text))
}

const sealed = /^((v\d{1,3})\..{1,64}\.([0-9a-f]{64}))\.([^.]{1,256})$/

function equal(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => createHash('sha256').update(text).digest())
  return left !== undefined && right !== undefined && timingSafeEqual(left, right)
}
