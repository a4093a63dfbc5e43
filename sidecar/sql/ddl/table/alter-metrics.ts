/** Data metric functions: https://docs.snowflake.com/en/sql-reference/sql/alter-table */

import type { AlterAction, Expression, Identifier, TableReference } from '../../ast.ts'
import { targetName } from '../../parser/names.ts'
import type { Parser } from '../../parser/parser.ts'
import { action } from '../actions.ts'
import { attachment } from '../attachments.ts'
import { property } from '../properties.ts'
import type { Changes, ReadChange } from './alter.ts'

/** What a metric is given; the parts of its action, as they are found. */
interface Draft {
  readonly names: Identifier[]
  readonly tables: TableReference[]
  readonly expressions: Expression[]
  readonly attachments: AlterAction['attachments'][number][]
  readonly properties: AlterAction['properties'][number][]
}

type MetricTail = (p: Parser, draft: Draft) => void

export const metricChanges: Changes = {
  'ADD DATA METRIC FUNCTION': metrics(additions),
  'DROP DATA METRIC FUNCTION': metrics(() => undefined),
  'MODIFY DATA METRIC FUNCTION': metrics(modifications),
}

function metrics(tail: MetricTail): ReadChange {
  return (p, start, words) => {
    const found: AlterAction[] = []
    do found.push(metric(p, found.length === 0 ? start : p.index, words, tail))
    while (p.accept(','))
    return found
  }
}

/** `f ON (a, b, TABLE (t (c)))`: what the function will be called with. */
function metric(p: Parser, start: number, words: string, tail: MetricTail): AlterAction {
  const draft: Draft = { names: [], tables: [], expressions: [], attachments: [], properties: [] }
  const target = targetName(p, 'the name of a data metric function')
  p.expect('ON', '(')
  if (!p.at(')')) {
    p.list(() => {
      argument(p, draft)
    })
  }
  p.expect(')')
  tail(p, draft)
  return action(p, start, words, { target, targetClass: 'FUNCTION', ...draft })
}

function argument(p: Parser, { names, tables }: Draft): void {
  if (!p.accept('TABLE', '(')) {
    names.push(p.identifier('a column'))
    return
  }
  const start = p.index
  const name = p.objectName('the name of a table')
  const none = { alias: undefined, columnAliases: [], sample: [], timeTravel: [] }
  tables.push({ kind: 'TableReference', span: p.span(start), name, ...none })
  p.expect('(')
  names.push(...p.list(() => p.identifier('a column')))
  p.expect(')', ')')
}

/** `EXPECTATION …`, `EXECUTE AS ROLE r`, `ANOMALY_DETECTION = TRUE`. */
function additions(p: Parser, draft: Draft): void {
  for (;;) {
    const comma = p.at(',') && p.at('EXPECTATION', 1) && !p.at('ON', 2) && !p.at('.', 2) ? 1 : 0
    if (p.at('EXPECTATION', comma)) {
      p.keywords(comma)
      expectation(p, draft, true)
      continue
    }
    const start = p.index
    if (p.accept('EXECUTE', 'AS', 'ROLE')) {
      draft.attachments.push(attachment(p, start, 'ROLE', targetName(p, 'the name of a role')))
      continue
    }
    const read = p.at('ANOMALY_DETECTION') ? property(p) : undefined
    if (read === undefined) return
    draft.properties.push(read)
  }
}

const steps = ['ADD', 'MODIFY', 'DROP'] as const

function modifications(p: Parser, draft: Draft): void {
  if (p.accept('SUSPEND') || p.accept('RESUME')) return
  if (p.accept('SET')) {
    draft.properties.push(property(p) ?? p.fail('a property'))
    return
  }
  const step = steps.find((word) => p.accept(word))
  if (step === undefined) p.fail('SUSPEND, RESUME or ADD EXPECTATION')
  do expectation(p, draft, step !== 'DROP')
  while (p.accept(','))
}

/** `EXPECTATION name (condition)`. */
function expectation(p: Parser, { names, expressions }: Draft, defined: boolean): void {
  p.expect('EXPECTATION')
  names.push(p.identifier('the name of an expectation'))
  if (!defined) return
  p.expect('(')
  expressions.push(p.rules.expression(p))
  p.expect(')')
}
