/** A YAML value to a configuration object of a known kind, or what is wrong with it. */

import { apiVersion, kinds } from '../../crds/definitions.ts'
import type { FieldProblem } from '../../crds/field-path.ts'
import { formatField, showValue, valueAt } from '../../crds/field-path.ts'
import { suggest } from '../../crds/suggestion.ts'
import { validateObject } from '../../crds/validation.ts'
import type { YamlDocument } from './documents.ts'
import type { ConfigObject, Located } from './objects.ts'
import { defaultNamespace } from './objects.ts'
import type { Problem } from './problem.ts'

type Recognised =
  { readonly located: Located<ConfigObject> } | { readonly problems: readonly Problem[] }

const known = [...kinds, 'Secret'] as const

/** Kinds of the command line (docs/cli.md) that may lie beside the objects; nobody applies them. */
const beside: readonly unknown[] = ['PolicyTest', 'Catalog']

export function isBeside(document: YamlDocument): boolean {
  const { value } = document
  const ours = valueAt(value, ['apiVersion']) === apiVersion
  return (ours && beside.includes(valueAt(value, ['kind']))) || isApprovers(document)
}

/** Who signs decisions where there is no cluster; read by operator/approvals/local alone. */
export function isApprovers({ value }: YamlDocument): boolean {
  return (
    valueAt(value, ['apiVersion']) === 'v1' &&
    valueAt(value, ['kind']) === 'ConfigMap' &&
    valueAt(value, ['metadata', 'name']) === 'frostgate-approvers'
  )
}

/** Whatever is not an object of ours is a problem: a typo in `kind` must not switch a rule off. */
export function recognise({ value, locate }: YamlDocument): Recognised {
  const found = wrongWith(value)
  if (found.length === 0) return { located: { object: value as ConfigObject, locate } }
  const object = describe(value)
  return {
    problems: found.map(({ path, message, advice }) => ({
      ...locate(path),
      object,
      field: formatField(path),
      message,
      advice,
    })),
  }
}

function wrongWith(value: unknown): readonly FieldProblem[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [
      {
        path: [],
        message: 'this document is not a Kubernetes object',
        advice: 'Start it with apiVersion, kind, metadata and spec.',
      },
    ]
  }
  const kind = valueAt(value, ['kind'])
  const expected = known.find((name) => name === kind)
  if (expected === undefined) return [unknownKind(kind)]
  const wanted = expected === 'Secret' ? 'v1' : apiVersion
  const version = valueAt(value, ['apiVersion'])
  if (version !== wanted) {
    return [
      {
        path: ['apiVersion'],
        message: `${showValue(version)} is not the version of ${expected} that is served`,
        advice: `Write ${wanted}.`,
      },
    ]
  }
  const problems = validateObject(expected, value)
  return expected === 'Secret' && problems.length === 0 ? encodingProblems(value) : problems
}

function unknownKind(kind: unknown): FieldProblem {
  const meant = typeof kind === 'string' ? suggest(kind, known) : undefined
  return {
    path: ['kind'],
    message: `${showValue(kind)} is not a kind that belongs in this folder`,
    advice:
      meant === undefined
        ? `Kinds are: ${known.join(', ')}. Keep other objects in another folder.`
        : `Did you mean ${meant}?`,
  }
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** The value itself is never shown. */
function encodingProblems(secret: object): readonly FieldProblem[] {
  const data = valueAt(secret, ['data']) as Readonly<Record<string, string>> | undefined
  return Object.entries(data ?? {})
    .filter(([, encoded]) => !base64.test(encoded.replace(/\s/g, '')))
    .map(([name]) => ({
      path: ['data', name],
      message: 'is not base64',
      advice: 'Encode it, or put the plain value under stringData.',
    }))
}

function describe(value: unknown): string | undefined {
  const [kind, name] = [valueAt(value, ['kind']), valueAt(value, ['metadata', 'name'])]
  const namespace = valueAt(value, ['metadata', 'namespace']) ?? defaultNamespace
  return typeof kind === 'string' && typeof name === 'string' && typeof namespace === 'string'
    ? `${kind} ${namespace}/${name}`
    : undefined
}
