/** The method of a MaskingRule → how the sidecar masks. */

import type { FieldPath } from '../../crds/field-path.ts'
import type { MaskingRule, MaskKeySource } from '../../crds/types.ts'
import type { MaskKey, MaskMethod } from '../../sidecar/control/bundle.ts'
import { leastKeyBytes, maskKeyId } from '../../sidecar/control/mask-keys.ts'
import { readPattern, replacementProblem } from '../../sidecar/masking/portable-pattern.ts'
import { keyBytes } from '../store/mask-keys.ts'
import { compileParsed } from './names.ts'
import { parseQualifiedName } from './patterns.ts'
import type { Report } from './report.ts'
import type { SecretsByName } from './trust.ts'

type Mask = MaskingRule['spec']['mask']

interface Context {
  readonly rule: string
  readonly path: FieldPath
  readonly report: Report
  readonly secrets: SecretsByName
}

type Given = { readonly [K in keyof Mask]-?: NonNullable<Mask[K]> }

type Compilers = {
  readonly [K in keyof Given]: (given: Given[K], context: Context) => MaskMethod
}

/** More than this is no mask any more: the values that need one are rarely twice as long. */
const maxKept = 8

const compilers: Compilers = {
  redact: () => ({ kind: 'redact' }),
  null: () => ({ kind: 'null' }),
  partial: ({ keepFirst = 0, keepLast = 0 }, { path, report }) => {
    if (keepFirst + keepLast > maxKept || keepFirst + keepLast === 0) {
      report(
        path,
        `keeps ${keepFirst + keepLast} characters`,
        `keepFirst and keepLast together must be from 1 to ${maxKept}; to keep nothing use redact.`,
      )
    }
    return { kind: 'partial', keepFirst, keepLast }
  },
  email: () => ({ kind: 'email' }),
  hash: ({ key }, context) => ({ kind: 'hash', key: compileKey(key, context) }),
  token: ({ key, format, domain }, context) => ({
    kind: 'token',
    key: compileKey(key, context),
    format,
    domain: domain ?? context.rule,
  }),
  dateTruncate: ({ to }) => ({ kind: 'dateTruncate', to }),
  bucket: ({ size }) => ({ kind: 'bucket', size }),
  regex: ({ pattern, replacement, unmatched }, context) => {
    checkRegex(pattern, replacement, context)
    return { kind: 'regex', pattern, replacement, unmatched }
  },
}

/** The schema sees to it that exactly one is given. `rule`: name of the MaskingRule. */
export function compileMethod(
  mask: Mask,
  rule: string,
  secrets: SecretsByName,
  report: Report,
): MaskMethod {
  // Generic, so that the compiler sees that method and fields belong together.
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
  const compileOne = <K extends keyof Given>(kind: K): readonly MaskMethod[] => {
    const given: Partial<Given>[K] = mask[kind]
    const context = { rule, path: ['spec', 'mask', kind], report, secrets }
    return given === undefined ? [] : [compilers[kind](given, context)]
  }
  const kinds = Object.keys(compilers) as readonly (keyof Given)[]
  return kinds.flatMap((kind) => compileOne(kind))[0] ?? { kind: 'null' }
}

function compileKey(key: MaskKeySource, { path, report, secrets }: Context): MaskKey {
  if (key.function !== undefined) {
    const place = [...path, 'key', 'function']
    const name = compileParsed(key.function, parseQualifiedName, place, report)
    return { kind: 'function', ...(name ?? { database: '', schema: '', name: '' }) }
  }
  if (key.inStatements === undefined) {
    report(
      [...path, 'key', 'secretRef'],
      'is not enough: the key would have to go into the text of statements, which Snowflake logs, and masking of results as they pass is not there yet',
      'Name a secure function of the account under key.function; or accept that query history shows the derived key, with inStatements: Allow.',
    )
  }
  const secretName = key.secretRef?.name ?? ''
  const secret = secrets.get(secretName)
  const bytes = secret === undefined ? undefined : keyBytes(secret)
  // What is wrong with the Secret, its own reading tells: a bundle may be compiled without it.
  const known = bytes !== undefined && bytes.length >= leastKeyBytes
  return { kind: 'inStatement', secretName, ...(known ? { keyId: maskKeyId(bytes) } : {}) }
}

function checkRegex(pattern: string, replacement: string, { path, report }: Context): void {
  const read = readPattern(pattern)
  if ('problem' in read) {
    const { message, advice, at } = read.problem
    report([...path, 'pattern'], `character ${at + 1}: ${message}`, advice)
    return
  }
  const problem = replacementProblem(replacement, read.groups)
  if (problem === undefined) return
  report([...path, 'replacement'], problem, 'Write \\1 to \\9 for groups, and no other backslash.')
}
