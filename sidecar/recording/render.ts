/** Timeline → text for a terminal. Whatever came from a client is made harmless to print. */

import type { RecordedError, RecordedStream } from './events.ts'
import type {
  Approval,
  Chunk,
  Note,
  Refusal,
  Result,
  Session,
  Statement,
  Timeline,
} from './timeline.ts'

/** How to mark a word; the identity for plain text. */
export interface Marks {
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly strong: (text: string) => string
  readonly faint: (text: string) => string
}

export const plainMarks: Marks = {
  good: (text) => text,
  bad: (text) => text,
  strong: (text) => text,
  faint: (text) => text,
}

const sqlWidth = 200
const cellWidth = 40
const indent = ' '.repeat(16)

/** The whole timeline, line by line, without newlines. */
export function* renderTimeline(timeline: Timeline, marks = plainMarks): Generator<string> {
  for (const item of timeline.items) {
    if (item.kind === 'note') yield renderNote(item, marks)
    else if (item.kind === 'refusal') yield* renderRefusal(item, '', marks)
    else yield* renderSession(item, marks)
  }
}

function renderNote({ time, what, details }: Note, marks: Marks): string {
  return `${marks.faint(clock(time))}  ${what}  ${marks.faint(printable(details))}`
}

function* renderRefusal(refusal: Refusal, margin: string, marks: Marks): Generator<string> {
  const what = printable(refusal.what)
  yield `${margin}${marks.faint(clock(refusal.time))}  ${marks.bad('REFUSED')}  ${what}`
  yield* renderError(refusal.error, marks)
}

function* renderSession(session: Session, marks: Marks): Generator<string> {
  const { login, closed } = session
  const day = login === null ? '' : `, ${printable(login.time.slice(0, 10))} UTC`
  yield ''
  yield marks.strong(`Session ${printable(session.session)}${day}`)
  if (login === null) {
    yield `  ${marks.faint('(its login is not in this recording)')}`
  } else {
    const { principal, client } = login
    const run = principal.run === null ? '' : `, run ${principal.run}`
    const who = `${principal.subject} (groups: ${list(principal.groups)}; provider ${principal.provider}${run})`
    yield `  ${marks.faint(clock(login.time))}  login  ${printable(who)}`
    yield `${indent}${printable(`role ${login.role}, warehouse ${login.warehouse}, policies: ${list(login.policies)}`)}`
    yield `${indent}${printable(`client ${client.name} ${client.version}`)}`
  }
  let bundle: string | null = null
  for (const item of session.items) {
    if (item.kind === 'refusal') yield* renderRefusal(item, '  ', marks)
    else if (item.kind === 'note') yield `  ${renderNote(item, marks)}`
    else {
      // Said where it changes: most sessions live under one.
      if (bundle !== null && item.bundle !== null && item.bundle !== bundle)
        yield `  ${marks.faint(clock(item.time))}  judged by bundle ${printable(item.bundle)} from here`
      bundle = item.bundle ?? bundle
      yield* renderStatement(item, marks)
    }
  }
  yield closed === null
    ? `  ${marks.faint('(the session was open when the recording ended)')}`
    : `  ${marks.faint(clock(closed.time))}  closed  ${closed.reason}`
  yield ''
}

const verdictWords = {
  allow: 'ALLOWED',
  deny: 'DENIED',
  hold: 'HELD',
  undecided: 'UNDECIDED',
} as const

function* renderStatement(statement: Statement, marks: Marks): Generator<string> {
  const { verdict, result, error } = statement
  const mark = verdict === 'allow' ? marks.good : marks.bad
  const head = [
    statement.statementKind ?? 'not understood',
    statement.rules.length === 0 ? 'no rule' : `rule ${statement.rules.join(', ')}`,
    ...(statement.describeOnly ? ['describe only'] : []),
    ...(result === null ? [] : [measure(result)]),
  ]
  const when = marks.faint(clock(statement.time))
  yield `  ${when}  ${mark(verdictWords[verdict])}  ${printable(head.join(', '))}`
  yield `${indent}${shorten(statement.sql ?? '(its text is not in this recording)', sqlWidth)}`
  if (statement.maskedColumns.length > 0) {
    yield `${indent}masked: ${printable(statement.maskedColumns.join(', '))}`
  }
  if (statement.observed.length > 0) {
    yield `${indent}observed: ${printable(statement.observed.join('; '))}`
  }
  if (statement.approval !== null) yield `${indent}${renderApproval(statement.approval)}`
  if (error !== null) yield* renderError(error, marks)
  else if (verdict === 'allow' && result === null) yield `${indent}(no outcome is recorded)`
  if (result !== null) yield* renderRows(result)
  yield* statement.chunks.map((chunk) => `${indent}${renderChunk(chunk)}`)
}

function renderApproval({ request, rule, approvers, count, expires, decided }: Approval): string {
  const asked = `request ${request}, ${count} of ${list(approvers)} by rule ${rule}`
  if (decided === null) return printable(`${asked}: open until ${expires}`)
  const { outcome, by, note, milliseconds } = decided
  const who = by.length === 0 ? '' : ` by ${list(by)}`
  const why = note === '' ? '' : `: ${shorten(note, cellWidth * 3)}`
  const seconds = (milliseconds / 1_000).toFixed(0)
  return printable(`${asked}: ${outcome}${who} after ${seconds} s${why}`)
}

function measure({ totalRows, milliseconds, chunks }: Result): string {
  const more = chunks === 0 ? '' : `, ${plural(chunks, 'chunk')}`
  return `${plural(totalRows, 'row')}${more}, ${milliseconds.toFixed(0)} ms`
}

function* renderError({ name, code, sqlState, message }: RecordedError, marks: Marks) {
  yield `${indent}${marks.bad(printable(`${name} ${code} (${sqlState})`))}`
  yield `${indent}${printable(message)}`
}

function* renderRows({ columns, rows, inlineRows, arrow, totalRows }: Result): Generator<string> {
  if (arrow !== null) {
    yield `${indent}first rows, in Arrow: ${renderBytes(arrow)}`
    return
  }
  if (rows === null) {
    yield `${indent}(rows are not recorded)`
    return
  }
  if (rows.length === 0) return
  const table = [columns.map(({ name }) => name), ...rows].map((row) =>
    row.map((cell) => (cell === null ? 'NULL' : shorten(cell, cellWidth))),
  )
  for (const line of alignedRows(table)) yield `${indent}${line}`
  const hidden = totalRows - rows.length
  if (hidden > 0) yield `${indent}… ${plural(hidden, 'more row')} (${inlineRows} came inline)`
}

function renderChunk({ chunk, requested, bytes, sha256, stored, complete }: Chunk): string {
  const outcome =
    bytes === null
      ? 'not relayed'
      : `${complete ? 'relayed' : 'cut off after'} ${renderBytes({ bytes, sha256: sha256 ?? '', stored })}`
  return `chunk ${chunk}: ${outcome}${requested > 1 ? `, asked for ${requested} times` : ''}`
}

function renderBytes({ bytes, sha256, stored }: RecordedStream): string {
  return `${bytes} bytes, sha256 ${printable(sha256.slice(0, 12))}…${stored ? ', stored' : ''}`
}

/** Columns padded to the widest cell, two spaces apart. */
export function alignedRows(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)))
  }
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** On one line, without anything that could steer a terminal or turn text around. */
export function printable(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\u{fffd}')
}

function shorten(text: string, width: number): string {
  const clean = printable(text.slice(0, width * 4))
  return clean.length <= width && text.length <= width * 4 ? clean : `${clean.slice(0, width - 1)}…`
}

/** Time of day, UTC; the date stands at the session's head and in the JSON form. */
function clock(time: string): string {
  return printable(time.slice(11, 23))
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ')
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
