import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { compile } from '../../../operator/compile/compile.ts'
import { readDocuments } from '../../../operator/store/documents.ts'
import { groupByKind } from '../../../operator/store/directory-store.ts'
import { formatProblem } from '../../../operator/store/problem.ts'
import { recognise } from '../../../operator/store/recognise.ts'
import { digestOf } from '../../../sidecar/control/digest.ts'
import { parseBundle } from '../../../sidecar/control/load.ts'
import { valid } from './folder.ts'

/** From YAML text to a bundle or problems, as `compileDirectory` goes, without a disk. */
function run(texts: readonly string[]) {
  const read = texts.map((text, index) => readDocuments(`f${index}.yaml`, text))
  const recognised = read.flatMap(({ documents }) => documents).map(recognise)
  const problems = [
    ...read.flatMap((each) => each.problems),
    ...recognised.flatMap((each) => ('problems' in each ? each.problems : [])),
  ]
  if (problems.length > 0) return { problems }
  return compile(
    groupByKind(recognised.flatMap((each) => ('located' in each ? [each.located] : []))),
  )
}

/** Every place of a value at which something can be put. */
function placesOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [
    path,
    ...Object.entries(value).flatMap(([name, child]) => placesOf(child, [...path, name])),
  ]
}

function withValueAt(root: unknown, path: readonly string[], value: unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined) return value
  const copy = Array.isArray(root) ? [...(root as unknown[])] : { ...(root as object) }
  const fields = copy as Record<string, unknown>
  fields[step] = withValueAt(fields[step], rest, value)
  return copy
}

const kinds = Object.values(valid).map((text): unknown => parse(text))
const replacement = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(
    ...['A.B.*', 'A.B.C.{D}', 'okta', 'acme', '8h', 'Deny', 'RequireApproval', 'Joinable'],
    ...['__proto__', 'constructor', 0, -1, 1e300, [], {}, null, ['x'], { name: 'x' }],
    ...[{ partial: { keepLast: 8 } }, { null: {} }, { oidc: {} }],
  ),
)
const mutated = fc
  .constantFrom(...kinds)
  .chain((object) =>
    fc
      .tuple(fc.constantFrom(...placesOf(object)), replacement)
      .map(([path, value]) => ({ object, text: stringify(withValueAt(object, path, value)) })),
  )

describe('Configuration with any value at any place', () => {
  test('gives a bundle or problems with advice, and never throws', () => {
    fc.assert(
      fc.property(mutated, ({ object, text }) => {
        const rest = kinds.filter((each) => each !== object).map((each) => stringify(each))
        const result = run([...rest, text])
        if ('problems' in result) {
          expect(result.problems).not.toEqual([])
          for (const problem of result.problems) expect(formatProblem(problem)).toMatch(/[.?]$/)
          return
        }
        const { digest, ...content } = result.bundle
        expect(digest).toBe(digestOf(content))
        // Whatever compiles is also what a sidecar takes.
        expect(parseBundle(JSON.stringify(result.bundle), 'bundle')).toEqual(result.bundle)
      }),
      { numRuns: 500 },
    )
  })

  test('is never half read: any text is YAML, or a problem', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('ab:-? \n\t{}[],"\'&*!|>#%@`0')) }),
        (text) => {
          const { documents, problems } = readDocuments('f.yaml', text)
          for (const { value, locate } of documents) {
            expect(value).not.toBeNull()
            expect(locate(['a', 0, 'b']).line).toBeGreaterThan(0)
          }
          for (const { line } of problems) expect(line).toBeGreaterThan(0)
        },
      ),
      { numRuns: 500 },
    )
  })
})
