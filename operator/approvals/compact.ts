/**
 * Requests and decisions as they are kept in memory: what the operator looks at as it is, and what
 * only people read packed, where that saves something. Reading a packed field unpacks it.
 */

import { deflateRawSync, inflateRawSync } from 'node:zlib'

import type { ApprovalDecision, ApprovalRequest } from '../../crds/types.ts'

type Spec = ApprovalRequest['spec']

/** Texts that may be long; nothing is decided by them. */
const packed = ['statement', 'binds', 'variables', 'objects', 'maskedColumns'] as const

/** Characters of JSON from which on it is worth the while. */
const worthwhile = 1_024

export function compactRequest(raw: ApprovalRequest): ApprovalRequest {
  const { metadata, spec, status } = raw
  return {
    apiVersion: 'frostgate.dev/v1alpha1',
    kind: 'ApprovalRequest',
    metadata: metadataOf(metadata),
    spec: compactSpec(spec),
    ...(status === undefined ? {} : { status }),
  }
}

export function compactDecision(raw: ApprovalDecision): ApprovalDecision {
  return { ...raw, metadata: metadataOf(raw.metadata) }
}

/** Without managedFields, which are longer than the rest. */
function metadataOf(given: ApprovalRequest['metadata']): ApprovalRequest['metadata'] {
  const { name, namespace, annotations, generation, uid, resourceVersion } = given
  const { creationTimestamp, deletionTimestamp } = given
  const own = { namespace, annotations, generation, uid, resourceVersion }
  const all = { ...own, creationTimestamp, deletionTimestamp }
  const there = Object.entries(all).filter(([, value]) => value !== undefined)
  return { name, ...Object.fromEntries(there) }
}

function compactSpec(spec: Spec): Spec {
  const all = Object.entries(spec)
  const shown = all.filter(([name]) => isPacked(name))
  const text = JSON.stringify(Object.fromEntries(shown))
  if (text.length < worthwhile) return spec
  const names = shown.map(([name]) => name)
  return withPacked(
    Object.fromEntries(all.filter(([name]) => !isPacked(name))),
    names,
    deflated(text),
  ) as Spec
}

function isPacked(name: string): boolean {
  return (packed as readonly string[]).includes(name)
}

/** A character for each byte: ten thousand small Buffers weigh more than what is in them. */
function deflated(text: string): string {
  return deflateRawSync(text, { level: 6 }).toString('latin1')
}

/** By itself, so that what reads the fields later holds nothing but the bytes. */
function withPacked(small: object, names: readonly string[], bytes: string): object {
  for (const name of names) {
    // Own and enumerable, so that copies and JSON have it.
    Object.defineProperty(small, name, {
      enumerable: true,
      get: () => unpacked(bytes)[name],
    })
  }
  return small
}

function unpacked(bytes: string): Readonly<Record<string, unknown>> {
  const text = inflateRawSync(Buffer.from(bytes, 'latin1')).toString()
  return JSON.parse(text) as Readonly<Record<string, unknown>>
}
