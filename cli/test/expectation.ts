/** What is not as a case expects. */

import { parseColumnPattern } from '../../operator/compile/patterns.ts'
import type { Judgement } from '../../sidecar/statement/judgement.ts'
import { printName } from '../../sidecar/sql/names.ts'
import type { TestCase } from './policy-test.ts'

export interface Difference {
  readonly what: string
  readonly expected: string
  readonly actual: string
}

/** Empty where all is as expected. */
export function differences(expected: TestCase, judged: Judgement): readonly Difference[] {
  const found: Difference[] = []
  const same = (what: string, wanted: string | undefined, actual: string): void => {
    if (wanted !== undefined && wanted !== actual) found.push({ what, expected: wanted, actual })
  }
  same('verdict', expected.expect, judged.verdict)
  same('error', expected.error, judged.error?.name ?? 'none')
  const rules = judged.rules.map(({ policy, rule }) => `${policy}/${rule}`)
  if (expected.rule !== undefined && !rules.includes(expected.rule)) {
    found.push({ what: 'rule', expected: expected.rule, actual: list(rules) })
  }
  // Of a statement that does not run, these would only repeat that it does not.
  if (judged.verdict === 'allow') {
    same('masked', sorted(expected.masked?.flatMap(columnNames)), sorted(masked(judged)) ?? '')
    same('columns', expected.columns && list(expected.columns), list(outputs(judged)))
  }
  const contains = (what: string, part: string | undefined, actual: string | null): void => {
    if (part !== undefined && actual?.includes(part) !== true) {
      found.push({ what, expected: `… ${part} …`, actual: actual ?? 'none' })
    }
  }
  contains('message', expected.message, judged.error?.message ?? null)
  if (judged.verdict === 'allow') contains('emitted', expected.emitted, judged.emitted)
  return found
}

function masked({ masks }: Judgement): readonly string[] {
  return masks.map(({ column }) => column)
}

function outputs({ outputs: columns }: Judgement): readonly string[] {
  return columns?.map(({ name }) => name ?? '(named by its text)') ?? ['(not known beforehand)']
}

/** As the judgement spells them. Its form was checked when the file was read. */
function columnNames(written: string): readonly string[] {
  const parsed = parseColumnPattern(written)
  return 'value' in parsed
    ? parsed.value.map(({ database, schema, name, column }) =>
        printName([database ?? '*', schema ?? '*', name ?? '*', column ?? '*']),
      )
    : [written]
}

function sorted(names: readonly string[] | undefined): string | undefined {
  return names && list([...new Set(names)].toSorted())
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ')
}
