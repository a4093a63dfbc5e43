/** A judgement for people: the verdict first, then what it rests on, then what to do. */

import type { Principal } from '../../sidecar/identity/principal.ts'
import { alignedRows, type Marks } from '../../sidecar/recording/render.ts'
import type { RuleReference } from '../../sidecar/policy/decision.ts'
import type { JudgedMask, JudgedVerdict, Judgement } from '../../sidecar/statement/judgement.ts'
import { describeMethod } from './methods.ts'
import { printName } from '../../sidecar/sql/names.ts'
import { visible, wrapSql, wrapText } from './wrap.ts'

const width = 88

export const verdictWords: Readonly<Record<JudgedVerdict, string>> = {
  allow: 'ALLOWED',
  deny: 'DENIED',
  hold: 'HELD',
  noLogin: 'NOT LOGGED IN',
  undecided: 'UNDECIDED',
}

export interface Explained {
  readonly judgement: Judgement
  readonly principal: Principal
  readonly sql: string
}

/** Line by line, without newlines. */
export function* renderExplained(explained: Explained, marks: Marks): Generator<string> {
  const { judgement, principal } = explained
  const { verdict, error, grant } = judgement
  const mark = verdict === 'allow' ? marks.good : marks.bad
  yield `${mark(verdictWords[verdict])}  ${headline(judgement)}`
  yield* section('why', whyOf(explained), marks)
  yield* section('who', [whoOf(principal)], marks)
  if (grant !== null) yield* section('session', sessionOf(grant), marks)
  yield* section('objects', objectsOf(judgement), marks)
  yield* section('columns', columnsOf(judgement), marks)
  yield* section('functions', listed(judgement.functions), marks)
  yield* section('masked', judgement.masks.flatMap(maskOf), marks)
  yield* section('runs', judgement.emitted === null ? [] : wrapSql(judgement.emitted, width), marks)
  yield* section('result', outputsOf(judgement), marks)
  yield* section('observed', judgement.observed, marks)
  yield* section('do', error === null ? [] : nextSteps(judgement), marks)
}

const margin = 11

function* section(title: string, lines: readonly string[], marks: Marks): Generator<string> {
  for (const [index, line] of lines.entries()) {
    const head = index === 0 ? marks.faint(title.padEnd(margin)) : ' '.repeat(margin)
    yield `${head}${visible(line)}`
  }
}

function headline({ verdict, statement, rules, error, masks, approval }: Judgement): string {
  const what = statement === null ? 'this text' : statement.kind
  if (verdict === 'undecided')
    return `${what}: not refused by its text alone; the rest takes a catalogue`
  if (verdict === 'allow') {
    const by = rules.map(ruleName).join(', ')
    const count =
      masks.length === 0 ? '' : `, ${masks.length} masked column${masks.length === 1 ? '' : 's'}`
    return `${what} by ${by}${count}`
  }
  if (verdict === 'hold' && approval !== null) {
    return `${what} waits for ${approval.count} of ${approval.approvers.join(', ')}, by ${rules.map(ruleName).join(', ')}`
  }
  const by = rules.length === 0 ? '' : ` by ${rules.map(ruleName).join(', ')}`
  return `${verdict === 'noLogin' ? 'no session' : what}${by} (${error?.name ?? ''})`
}

function ruleName({ policy, rule }: RuleReference): string {
  return policy === 'baseline' ? `the baseline (${rule})` : `${policy}/${rule}`
}

function whyOf({ judgement, sql }: Explained): readonly string[] {
  const { error, missing } = judgement
  if (error !== null) return [...wrapText(error.message, width), ...caret(sql, error)]
  if (missing.length === 0) return []
  return [
    `What is in ${missing.join(', ')} is not known: columns, views' bodies, and so masks.`,
    'Add --catalog FILE (docs/cli.md shows one), or --live.',
  ]
}

/** The line of the text, and the place under it. */
function caret(
  sql: string,
  { line, column }: { readonly line: number | null; readonly column: number | null },
): readonly string[] {
  if (line === null || column === null) return []
  const source = sql.split('\n')[line - 1] ?? ''
  const from = Math.max(0, column - 1 - width / 2)
  const shown = source.slice(from, from + width).replaceAll('\t', ' ')
  return [`  ${shown}`, `  ${' '.repeat(column - 1 - from)}^`]
}

function whoOf({ provider, subject, groups }: Principal): string {
  return `${provider}:${subject}, groups: ${groups.length === 0 ? 'none' : groups.join(', ')}`
}

function sessionOf(grant: NonNullable<Judgement['grant']>): readonly string[] {
  const { role, warehouse, policies, limits, recording } = grant
  const limited = Object.entries(limits).flatMap(([name, limit]: [string, number | undefined]) =>
    limit === undefined ? [] : [`${name} ${limit}`],
  )
  return [
    `role ${role}, warehouse ${warehouse}, policies: ${policies.join(', ')}`,
    ...(limited.length === 0 ? [] : [`limits: ${limited.join(', ')}`]),
    `recording: ${recording}`,
  ].flatMap((line) => wrapText(line, width))
}

function objectsOf({ objects }: Judgement): readonly string[] {
  return alignedRows(
    objects.map(({ name, kind, access, rules }) => [
      name,
      kind === 'unknown' ? access : `${kind} ${access}`,
      rules.length === 0 ? '' : `by ${rules.map(ruleName).join(', ')}`,
    ]),
  ).map((line) => line.trimEnd())
}

function columnsOf({ columns }: Judgement): readonly string[] {
  return listed(
    columns.map(({ relation, column, privilege }) => {
      const { database, schema, name } = relation
      const written = privilege === 'WRITE' ? ' (written)' : ''
      return `${printName([database, schema, name, column])}${written}`
    }),
  )
}

function listed(names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : wrapText([...new Set(names)].join(', '), width)
}

function maskOf({ column, rules, method, usage, why }: JudgedMask): readonly string[] {
  return [
    `${column}  ${describeMethod(method)}`,
    `  ${wrapText(`usage ${usage}, by ${rules.join(', ')}: ${why}`, width - 2).join('\n  ')}`,
  ].flatMap((text) => text.split('\n'))
}

function outputsOf({ outputs, emitted }: Judgement): readonly string[] {
  if (outputs === null) return emitted === null ? [] : ['its columns cannot be told beforehand']
  const names = outputs.map(
    ({ name, masked }) => `${name ?? '(named by its text)'}${masked ? ' (masked)' : ''}`,
  )
  return names.length === 0 ? [] : wrapText(names.join(', '), width)
}

/** Who can change it, and where. The error's own advice, for the agent, is in its message. */
const steps: Readonly<Record<string, string>> = {
  PrincipalUnmatched:
    'Policy owner: add this provider and group to the subjects of an AgentPolicy, if it should have access.',
  SessionAmbiguous: 'Say --role or --warehouse, as the driver would.',
  PolicyUncovered:
    'Policy owner: to allow it, add a rule with action Allow that names the object and the class of statement.',
  PolicyDenied:
    'Policy owner: a Deny rule wins over every Allow; narrow it, if this was not meant.',
  ColumnUseRefused:
    'Rule owner: "usage: AtRead" would let it run on masked values, with answers about masks.',
  ObjectUnknown:
    'It is not in the catalogue that was asked: check the name, --database and --schema.',
  ObjectUnqualified: 'Say --database and --schema, as the session would have them.',
  MaskUnmatched: 'Rule owner: correct the columns of the rule; "frostgate lint" lists all such.',
  MaskImpossible:
    'Rule owner: choose a method that fits the type; "frostgate lint" lists all such.',
  FunctionNotAllowed: 'Policy owner: list the function under functions of an Allow rule.',
}

function nextSteps({ error }: Judgement): readonly string[] {
  const step = steps[error?.name ?? '']
  return step === undefined ? [] : wrapText(step, width)
}
