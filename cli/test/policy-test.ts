/** `kind: PolicyTest`: statements with the outcome that the policies' author expects. */

import { Ajv } from 'ajv'

import { formatField, type FieldPath } from '../../crds/field-path.ts'
import { schemaMessage } from '../../crds/messages.ts'
import { suggest } from '../../crds/suggestion.ts'
import type { YamlDocument } from '../../operator/store/documents.ts'
import type { Problem } from '../../operator/store/problem.ts'
import { errorCatalogue } from '../../sidecar/errors.ts'
import { parseColumnPattern } from '../../operator/compile/patterns.ts'
import { policyTestSchema } from './schema.ts'

export const expectations = ['allow', 'deny', 'hold', 'noLogin'] as const
export type Expected = (typeof expectations)[number]

export interface TestIdentity {
  readonly provider: string
  readonly subject: string
  readonly groups?: readonly string[]
  readonly claims?: Readonly<Record<string, unknown>>
}

/** Where a session stands and what its driver asks for. */
export interface TestSession {
  readonly database?: string
  readonly schema?: string
  readonly role?: string
  readonly warehouse?: string
}

export interface TestCase extends TestSession {
  readonly name: string
  /** A key of `identities`. */
  readonly as: string
  readonly sql: string
  readonly expect: Expected
  readonly error?: string
  /** `policy/rule` */
  readonly rule?: string
  /** Exactly the protected columns of the relations that the statement names. */
  readonly masked?: readonly string[]
  /** A part of the error's text. */
  readonly message?: string
  /** Exactly the columns of the result, by name. */
  readonly columns?: readonly string[]
  /** A part of the statement that runs. */
  readonly emitted?: string
}

export interface PolicyTest {
  readonly metadata?: { readonly name?: string }
  /** Relative to the file. */
  readonly catalog?: string
  /** ISO 8601: what `now` is in conditions of rules. */
  readonly now?: string
  readonly session?: TestSession
  readonly identities: Readonly<Record<string, TestIdentity>>
  readonly cases: readonly TestCase[]
}

const validate = new Ajv({ allErrors: true, verbose: true }).compile(policyTestSchema)

export type ReadTest = { readonly test: PolicyTest } | { readonly problems: readonly Problem[] }

export function readPolicyTest({ value, locate }: YamlDocument): ReadTest {
  const problems: Problem[] = []
  const report = (path: FieldPath, message: string, advice: string): void => {
    problems.push({
      ...locate(path),
      object: undefined,
      field: formatField(path),
      message,
      advice,
    })
  }
  if (!validate(value)) {
    for (const error of validate.errors ?? []) {
      const { field, message, advice } = schemaMessage(error)
      const path = pathOf(error.instancePath)
      report(field === undefined ? path : [...path, field], message, advice)
    }
    return { problems }
  }
  const test = value as unknown as PolicyTest
  checkMeaning(test, report)
  return problems.length > 0 ? { problems } : { test }
}

type Report = (path: FieldPath, message: string, advice: string) => void

/** What no schema says: a case that asks for what cannot be would pass or fail for a wrong reason. */
function checkMeaning(test: PolicyTest, report: Report): void {
  const identities = Object.keys(test.identities)
  const entries = Object.keys(errorCatalogue)
  const names = new Set<string>()
  if (test.now !== undefined && Number.isNaN(Date.parse(test.now)))
    report(['now'], 'is not a time', 'Write it as in 2026-01-31T12:00:00Z.')
  for (const [index, each] of test.cases.entries()) {
    const at = (field: string): FieldPath => ['cases', index, field]
    if (names.has(each.name)) report(at('name'), `"${each.name}" is there twice`, 'Rename one.')
    names.add(each.name)
    if (!identities.includes(each.as)) {
      const meant = suggest(each.as, identities)
      report(
        at('as'),
        `"${each.as}" is not one of identities`,
        meant === undefined ? `There are: ${identities.join(', ')}.` : `Did you mean ${meant}?`,
      )
    }
    if (each.error !== undefined && !entries.includes(each.error)) {
      const meant = suggest(each.error, entries)
      report(
        at('error'),
        `"${each.error}" is not the name of an error`,
        meant === undefined ? 'docs/errors.md lists them.' : `Did you mean ${meant}?`,
      )
    }
    const refused = each.expect !== 'allow'
    for (const field of refused ? onlyAllowed : onlyRefused) {
      if (each[field] !== undefined)
        report(
          at(field),
          `says nothing of a case that expects ${each.expect}`,
          refused ? 'Such a statement does not run; remove it.' : 'There is no error; remove it.',
        )
    }
    for (const [position, column] of (each.masked ?? []).entries()) {
      const parsed = parseColumnPattern(column)
      if ('message' in parsed)
        report(['cases', index, 'masked', position], parsed.message, parsed.advice)
    }
  }
}

const onlyAllowed = ['columns', 'emitted', 'masked'] as const
const onlyRefused = ['error', 'message'] as const

function pathOf(pointer: string): FieldPath {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step))
}
