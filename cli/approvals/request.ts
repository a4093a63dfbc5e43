/** A whole request, for a person who decides. Whatever others wrote is visible, and marked as theirs. */

import { parseDuration } from '../../operator/compile/duration.ts'
import { onlyReads } from '../../operator/approvals/reading.ts'
import { sinceLast } from './last.ts'
import {
  broken,
  columned,
  margin,
  oneLine,
  quoted,
  section,
  shortened,
  span,
  timeOf,
} from './layout.ts'
import type { Screen } from './layout.ts'
import { phaseOf, type ApprovalRequest, type Phase } from './source.ts'
import { layOut } from './statement.ts'

export interface Shown extends Screen {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Lines of the statement; undefined: all. */
  readonly lines: number | undefined
  /** Others, for the difference from the last approved of its kind. */
  readonly others: readonly ApprovalRequest[]
}

/** Everything that is known of it. */
export function* renderRequest(request: ApprovalRequest, shown: Shown): Generator<string> {
  const { spec } = request
  yield headline(request, shown)
  yield* section('who', whoOf(request), shown)
  yield* whatWouldRun(request, shown)
  yield* section('asked by', rulesOf(request), shown)
  yield* section('because', [oneLine(spec.reason)], shown)
  yield* section('approvers', approversOf(request), shown)
  yield* decisionLines(request, shown)
  yield* section('then', deliveryOf(request, shown.now), shown)
  yield* digestLine(request, shown)
  yield* sinceLast(request, shown)
}

/** Whole, so that it can be copied. */
function* digestLine({ spec: { statementDigest } }: ApprovalRequest, shown: Shown) {
  const isDigest = /^sha256:[0-9a-f]{64}$/.test(statementDigest)
  if (isDigest) yield `${shown.marks.faint('digest'.padEnd(margin))}${statementDigest}`
  else yield* section('digest', [statementDigest], shown)
}

/** What must be seen before the answer. */
export function* renderShortly(request: ApprovalRequest, shown: Shown): Generator<string> {
  yield headline(request, shown)
  yield* section('who', whoOf(request).slice(0, 1), shown)
  yield* whatWouldRun(request, shown)
  yield* section('asked by', [...rulesOf(request), oneLine(request.spec.reason)], shown)
  yield* decisionLines(request, shown)
  yield* section('then', deliveryOf(request, shown.now), shown)
}

/** What the decision is about: all of it, wherever a person decides. */
function* whatWouldRun(request: ApprovalRequest, shown: Shown): Generator<string> {
  yield* agentReason(request, shown)
  yield* renderStatement(request, shown)
  yield* section('binds', bindsOf(request), shown)
  yield* section('variables', variablesOf(request), shown)
  yield* section('runs as', [placeOf(request)], shown)
  yield* objectLines(request, shown)
  yield* changeLines(request, shown)
  yield* maskedLines(request, shown)
}

function headline(request: ApprovalRequest, { now, marks, width }: Shown): string {
  const phase = phaseOf(request)
  const { approvals = 0 } = request.status ?? {}
  const { count } = request.spec.approvers
  const more = [
    `${approvals} of ${count} approval${count === 1 ? '' : 's'}`,
    ...(phase === 'Pending' ? [expiry(request, now)] : []),
  ].join(', ')
  const mark = phase === 'Pending' ? marks.strong : ended.has(phase) ? marks.bad : marks.good
  const name = oneLine(request.metadata.name)
  return `${mark(phase.toUpperCase())}  ${shortened(`${name}  ${more}`, width - phase.length - 2)}`
}

const ended: ReadonlySet<Phase> = new Set(['Denied', 'Expired', 'Withdrawn', 'Void'])

function expiry({ spec: { expiresAt } }: ApprovalRequest, now: number): string {
  const left = timeOf(expiresAt) - now
  return left > 0 ? `expires in ${span(left)}` : `expired ${span(-left)} ago`
}

function whoOf({ spec: { principal, pod, connectionRef } }: ApprovalRequest): readonly string[] {
  const { provider, issuer, subject, groups = [], run, aliases = [] } = principal
  return [
    `${provider}:${subject}${run === undefined ? '' : `, run ${run}`}`,
    `issuer ${issuer}`,
    `groups: ${groups.length === 0 ? 'none' : groups.join(', ')}`,
    ...(aliases.length === 0 ? [] : [`also known as ${aliases.join(', ')}`]),
    ...(pod === undefined
      ? []
      : [`pod ${pod.namespace}/${pod.name} (${pod.uid}), service account ${pod.serviceAccountName ?? 'not told'}`]), // prettier-ignore
    `connection ${connectionRef.name}`,
  ].map(oneLine)
}

function* agentReason({ spec: { agentReason: reason } }: ApprovalRequest, shown: Shown) {
  if (reason === undefined) {
    yield* section('wants', ['The agent gives no reason.'], shown)
    return
  }
  const warning = 'UNCHECKED: the agent’s own words; nobody has verified them.'
  yield* section('wants', [warning], shown)
  yield* quoted(reason, shown)
}

const gutter = 7

/** Numbered; a number never stands before what is still the line above. */
export function* renderStatement({ spec }: ApprovalRequest, shown: Shown): Generator<string> {
  const { lines, laidOut } = layOut(spec.statement)
  const { marks, width } = shown
  const kind = spec.class === undefined ? '' : `${oneLine(spec.class)}, `
  const notes = [
    `${kind}${lines.length} line${lines.length === 1 ? '' : 's'}`,
    ...(laidOut ? [] : ['Its lexemes cannot be told apart here: it stands as it was asked.']),
    ...(spec.truncated ? ['CUT: it is longer than what is kept here. What is missing would run too.'] : []), // prettier-ignore
    ...(rightToLeft.test(spec.statement) ? ['It has right-to-left letters: a terminal may show parts of such a line in another order.'] : []), // prettier-ignore
  ]
  yield* section('statement', notes, shown)
  const shownLines = lines.slice(0, shown.lines ?? lines.length)
  for (const [index, line] of shownLines.entries()) {
    for (const [piece, text] of broken(line, width - gutter).entries()) {
      const number = piece === 0 ? String(index + 1) : '·'
      yield `${marks.faint(`${number.padStart(4)} │`)} ${text}`.trimEnd()
    }
  }
  const left = lines.length - shownLines.length
  if (left > 0) {
    yield marks.bad(`     │ … ${left} more are NOT shown here; all of them with --full.`)
  }
}

const rightToLeft = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u // prettier-ignore

function bindsOf({ spec: { binds = [] } }: ApprovalRequest): readonly string[] {
  return binds.map(({ name, type, value, note }) => {
    return oneLine(`:${name} ${type} = ${bound(value, note)}`)
  })
}

function variablesOf({ spec: { variables = [] } }: ApprovalRequest): readonly string[] {
  return variables.map(({ name, value }) => `$${oneLine(name)} = ${oneLine(value)}`)
}

function bound(value: string | undefined, note: string | undefined): string {
  if (note === 'Null') return 'NULL'
  if (value === undefined || note === 'Withheld') {
    return '(withheld: it goes where values are protected)'
  }
  return `${JSON.stringify(value)}${note === 'Truncated' ? '… (cut)' : ''}`
}

function placeOf({ spec: { role, warehouse, database, schema } }: ApprovalRequest): string {
  const names = [database, schema].filter((name) => name !== undefined).join('.')
  return oneLine(
    [
      `role ${role}`,
      ...(warehouse === undefined ? [] : [`warehouse ${warehouse}`]),
      ...(names === '' ? [] : [`names completed by ${names}`]),
    ].join(', '),
  )
}

function* objectLines({ spec: { objects = [], estimatedRows } }: ApprovalRequest, shown: Shown) {
  const rows = objects.map(({ name, access, lastDDL }) => [
    access,
    name,
    lastDDL === undefined ? '' : `last altered ${lastDDL}`,
  ])
  const fits = columned(rows, 10_000, 10_000)
  yield* section('objects', rows.length === 0 ? ['none'] : fits, shown)
  if (estimatedRows === undefined) return
  const count = new Intl.NumberFormat('en').format(estimatedRows)
  yield* section('rows', [`${count} in the largest of them`], shown)
}

function* changeLines({ spec }: ApprovalRequest, shown: Shown): Generator<string> {
  const { class: kind, objects = [] } = spec
  const changed = objects.filter(({ access }) => !onlyReads(access))
  if (changed.length === 0 && kind !== undefined && onlyReads(kind)) {
    yield* section('changes', ['Nothing: it only reads.'], shown)
    return
  }
  const what = changed.map(({ name, access }) => `${access} of ${name}`)
  const unnamed = [`${kind ?? 'Its class is not told'}: it may change more than is named here.`]
  const lines = what.length === 0 ? unnamed : what
  for (const line of section('changes', lines.map(oneLine), shown)) yield shown.marks.bad(line)
}

function* maskedLines({ spec: { maskedColumns = [] } }: ApprovalRequest, shown: Shown) {
  const lines =
    maskedColumns.length === 0
      ? ['No column that it reads is masked for this agent: values leave as they are.']
      : [
          maskedColumns.map(oneLine).join(', '),
          'They leave masked, whoever approves: an approval never unmasks.',
        ]
  yield* section('masked', lines, shown)
}

export function rulesOf({ spec: { rules } }: ApprovalRequest): readonly string[] {
  return rules.map(({ policy, rule }) => oneLine(`rule ${rule} of AgentPolicy ${policy}`))
}

function approversOf({ spec: { approvers } }: ApprovalRequest): readonly string[] {
  const { groups = [], users = [], count } = approvers
  const whom = [...groups.map((group) => `group ${group}`), ...users.map((user) => `user ${user}`)]
  return [oneLine(`${count} of ${whom.join(', ')}`)]
}

function* decisionLines({ status }: ApprovalRequest, shown: Shown): Generator<string> {
  const { decisions = [] } = status ?? {}
  if (decisions.length === 0) yield* section('decided', ['by nobody yet'], shown)
  for (const [index, { username, verdict, via, reason, time }] of decisions.entries()) {
    const how = via === undefined ? '' : ` (${via})`
    const word = verdict === 'Deny' ? 'denied' : 'approved'
    const line = oneLine(
      `${word} by ${username}${how} at ${time}${reason === undefined ? '' : ':'}`,
    )
    yield* section(index === 0 ? 'decided' : '', [line], shown)
    if (reason !== undefined) yield* quoted(reason, shown)
  }
}

/** As written where it is no duration. */
function validityOf(written: string): string {
  const seconds = parseDuration(written)
  return seconds === undefined ? oneLine(written) : span(seconds * 1_000)
}

function deliveryOf({ spec, status }: ApprovalRequest, now: number): readonly string[] {
  const { delivery, uses, validFor } = spec
  const { uses: used = [], usableUntil } = status ?? {}
  const often = uses === 1 ? 'once' : `${uses} times`
  const until = timeOf(usableUntil)
  return [
    delivery === 'Wait'
      ? 'A client waits: the statement runs as soon as it is approved.'
      : 'No client waits: it was told to send the statement again.',
    `It may run ${often}, within ${validityOf(validFor)} of the approval.`,
    ...(Number.isNaN(until) || until < now
      ? []
      : [`It can be used for ${span(until - now)} more.`]),
    ...used.map(({ id, time }) => `Let through at ${time} (use ${id}).`),
  ].map(oneLine)
}
