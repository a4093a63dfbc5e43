/** Requests and decisions as YAML, and back; nothing that comes back is trusted to be what was written. */

import { stringify } from 'yaml'

import { formatField } from '../../../crds/field-path.ts'
import type { ApprovalDecision, ApprovalRequest } from '../../../crds/types.ts'
import { validateObject } from '../../../crds/validation.ts'
import { readDocuments } from '../../store/documents.ts'
import { defaultNamespace } from '../../store/objects.ts'
import type { Problem } from '../../store/problem.ts'
import type { ApprovalKind } from './files.ts'

interface OfKind {
  readonly ApprovalRequest: ApprovalRequest
  readonly ApprovalDecision: ApprovalDecision
}

/** Texts are quoted, so that no YAML reader takes one for a number, a truth or a date. */
export function toYaml(object: ApprovalRequest | ApprovalDecision): string {
  return stringify(object, {
    aliasDuplicateObjects: false,
    defaultKeyType: 'PLAIN',
    defaultStringType: 'QUOTE_DOUBLE',
    lineWidth: 0,
  })
}

export type FromYaml<T> = { readonly object: T } | { readonly problem: Problem }

/** `file` is the place that problems tell; `name` what its name says it holds. */
export function fromYaml<K extends ApprovalKind>(
  kind: K,
  name: string,
  file: string,
  text: string,
): FromYaml<OfKind[K]> {
  const { documents, problems } = readDocuments(file, text)
  const [first, second] = documents
  const [unreadable] = problems
  if (unreadable !== undefined) return { problem: unreadable }
  if (first === undefined || second !== undefined) {
    const what = first === undefined ? 'holds no object' : 'holds more than one object'
    return { problem: fileProblem(file, what, `Keep one ${kind} in it.`) }
  }
  const { value, locate } = first
  const [wrong] = validateObject(kind, value)
  if (wrong !== undefined) {
    const { path, message, advice } = wrong
    return {
      problem: { ...locate(path), object: undefined, field: formatField(path), message, advice },
    }
  }
  const object = value as OfKind[K]
  if (object.metadata.name !== name) {
    const message = 'is not the name that its file has'
    const field = 'metadata.name'
    const place = locate(['metadata', 'name'])
    const advice = `Write ${name}, or remove the file.`
    return { problem: { ...place, object: undefined, field, message, advice } }
  }
  return { object }
}

export function namespaceIn({ metadata }: ApprovalRequest | ApprovalDecision): string {
  return metadata.namespace ?? defaultNamespace
}

export function fileProblem(file: string, message: string, advice: string): Problem {
  return { file, line: undefined, column: undefined, object: undefined, field: '', message, advice }
}
