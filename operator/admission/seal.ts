/** The mark of a rendering: that the operator made it, and that nobody changed it since. */

import { createHash, timingSafeEqual } from 'node:crypto'

import { canonicalSha256 } from '../../sidecar/canonical-json.ts'
import { annotations, type OperatorFacts } from './injection.ts'
import { comparable, partsOf, plain, type RenderedParts } from './rendered.ts'
import type { Pod } from './pod.ts'

type Sealer = Pick<OperatorFacts, 'version' | 'seal'>

/** `<version>.<sha256>.<seal>`; deterministic, so that injecting again changes nothing. */
export function seal(parts: RenderedParts, { version, seal: sign }: Sealer): string {
  const text = `${version}.${digest(parts)}`
  return `${text}.${sign(text)}`
}

/**
 * Whether this operator rendered the sidecar of the pod, now or in an earlier version: an upgrade
 * or a rotated CA must not turn away pods that run.
 */
export function isSealed(pod: Pod, podNamespace: string, operator: Sealer): boolean {
  const parts = partsOf(pod, podNamespace)
  const match = sealed.exec(pod.metadata?.annotations?.[annotations.injected] ?? '')
  if (parts === undefined || match === null) return false
  const [, version = '', written = '', signature = ''] = match
  return equal(written, digest(parts)) && equal(signature, operator.seal(`${version}.${written}`))
}

const sealed = /^(.{1,64})\.([0-9a-f]{64})\.([^.]{1,256})$/

function digest({ container, volumes, ...rest }: RenderedParts): string {
  const sorted = volumes.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return canonicalSha256({ ...rest, container: comparable(container), volumes: plain(sorted) })
}

function equal(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => createHash('sha256').update(text).digest())
  return left !== undefined && right !== undefined && timingSafeEqual(left, right)
}
