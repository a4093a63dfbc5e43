import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { nextLine, type ChainHead } from '../../../sidecar/recording/chain.ts'
import type { RecordedEvent, RecordedLine } from '../../../sidecar/recording/events.ts'
import { printable, renderTimeline, type Marks } from '../../../sidecar/recording/render.ts'
import { replay } from '../../../sidecar/recording/replay.ts'
import type { Session, Statement } from '../../../sidecar/recording/timeline.ts'
import { chunkDigest, received, sampleEvents, steadyClock } from './sample.ts'

function linesFor(events: readonly RecordedEvent[]): readonly RecordedLine[] {
  const now = steadyClock()
  let head: ChainHead | null = null
  return events.map((event) => {
    const line: RecordedLine = nextLine(head, event, new Date(now()).toISOString())
    head = line
    return line
  })
}

function sessionOf(events: readonly RecordedEvent[], rows = 5): Session {
  const { items } = replay(linesFor(events), { rows })
  const session = items.find((item) => item.kind === 'session')
  if (session === undefined) throw new Error('the timeline has no session')
  return session
}

function statementOf(events: readonly RecordedEvent[]): Statement {
  const [item] = sessionOf(events).items
  if (item?.kind !== 'statement') throw new Error('the session has no statement')
  return item
}

function textOf(events: readonly RecordedEvent[], rows = 5, marks?: Marks): string {
  return [...renderTimeline(replay(linesFor(events), { rows }), marks)].join('\n')
}

const held = {
  type: 'statement.decided',
  session: 's1',
  statement: 'h1',
  verdict: 'hold',
  kind: 'Select',
  class: 'Query',
  objects: [],
  maskedColumns: [],
  maskingRules: [],
  rules: ['agents/phi'],
  observed: [],
  emitted: null,
  error: null,
} as const satisfies RecordedEvent

const asked = {
  type: 'approval.requested',
  session: 's1',
  statement: 'h1',
  request: 'ab12'.repeat(4),
  digest: 'ab12'.repeat(16),
  rule: 'agents/phi',
  approvers: ['stewards'],
  count: 2,
  expiresAt: '2026-11-22T13:00:00.000Z',
} as const satisfies RecordedEvent

const answered = {
  type: 'approval.decided',
  session: 's1',
  statement: 'h1',
  request: asked.request,
  outcome: 'approved',
  approval: 'a1',
  by: ['ann', 'bob'],
  note: 'for case 7\u001b[2J',
  milliseconds: 61_400,
} as const satisfies RecordedEvent

describe('a statement that waited for an approval', () => {
  const before = [received('h1'), held, asked]
  const allowed = { ...held, verdict: 'allow', approval: 'a1', approvedBy: ['ann', 'bob'] } as const

  test('has one verdict, the last, and what came of asking', () => {
    expect(statementOf([...before, answered, allowed])).toMatchObject({
      verdict: 'allow',
      approval: {
        request: asked.request,
        approvers: ['stewards'],
        decided: { outcome: 'approved', by: ['ann', 'bob'], milliseconds: 61_400 },
      },
    })
  })

  test('is shown with who approved it, when and why, harmless to print', () => {
    const text = textOf([...before, answered, allowed])
    expect(text).toContain(
      'request ab12ab12ab12ab12, 2 of stewards by rule agents/phi: approved by ann, bob after 61 s: for case 7',
    )
    expect(text).not.toContain('\u001b')
  })

  test('is shown as open where the recording ends', () => {
    expect(statementOf(before)).toMatchObject({ verdict: 'hold', approval: { decided: null } })
    expect(textOf(before)).toContain('open until 2026-11-22T13:00:00.000Z')
  })

  test('of whose answer alone there is a line, has no approval', () => {
    expect(statementOf([answered]).approval).toBeNull()
  })

  test.each([
    [{ ...asked, count: '2' }],
    [{ ...asked, approvers: 'all' }],
    [{ ...answered, outcome: 'maybe' }],
    [{ ...answered, by: [1] }],
  ])('is not believed of an event that does not fit: %j', (event) => {
    const { items } = replay(linesFor([event as unknown as RecordedEvent]), { rows: 0 })
    expect(items).toMatchObject([{ what: 'unknown event' }])
  })
})

const relay = { type: 'chunk.relayed', session: 's1', statement: 'q1', chunk: 0 } as const

describe('putting a recording back together', () => {
  test('events of one statement become one statement of its session', () => {
    const session = sessionOf(sampleEvents, 2)
    expect(session).toMatchObject({
      session: 's1',
      login: { role: 'AGENT_READER', principal: { subject: 'agent-7' } },
      closed: { reason: 'logout' },
    })
    expect(session.items).toMatchObject([
      {
        statement: 'q1',
        verdict: 'allow',
        rules: ['agents/read-analytics'],
        maskedColumns: ['HEALTH.PHI.PATIENTS.SSN'],
        result: { totalRows: 3, inlineRows: 3, rows: { length: 2 } },
        error: null,
        chunks: [{ chunk: 0, requested: 1, sha256: chunkDigest, complete: true }],
      },
      { statement: 'q2', verdict: 'deny', error: { name: 'PolicyDenied' }, result: null },
      { kind: 'refusal', what: 'POST /api/v2/statements' },
    ])
  })

  test('statements of sessions that run at the same time stay apart', () => {
    const other = { ...received('q1', 'SELECT 2'), session: 's2' }
    const { items } = replay(linesFor([received('q1'), other]), { rows: 5 })
    expect(items).toMatchObject([
      { session: 's1', login: null, items: [{ sql: 'SELECT 1' }] },
      { session: 's2', login: null, items: [{ sql: 'SELECT 2' }] },
    ])
  })

  test('one session can be asked for, and only that is shown', () => {
    const other = { ...received('q1'), session: 's2' }
    const lines = linesFor([...sampleEvents, other])
    const { items } = replay(lines, { rows: 5, session: 's2' })
    expect(items).toMatchObject([{ kind: 'session', session: 's2' }])
    expect(replay(lines, { rows: 5, session: 's3' }).items).toEqual([])
    expect(replay(lines, { rows: 5, session: '2' }).items).toEqual([])
  })

  test('the beginning of a session id is enough to ask for it', () => {
    const events = ['7d0c2f31', '7e'].map((session) => ({ ...received('q1'), session }))
    const { items } = replay(linesFor(events), { rows: 5, session: '7d0' })
    expect(items).toMatchObject([{ kind: 'session', session: '7d0c2f31' }])
  })

  test('a chunk asked for again after a broken relay is shown whole, with the number of tries', () => {
    const asked = { type: 'chunk.requested', session: 's1', statement: 'q1', chunk: 0 } as const
    const cut = { ...relay, bytes: 3, sha256: 'cd'.repeat(32), stored: false, complete: false }
    const whole = { ...relay, bytes: 9, sha256: chunkDigest, stored: true, complete: true }
    const { chunks } = statementOf([asked, cut, asked, whole, asked, cut])
    expect(chunks).toEqual([
      { chunk: 0, requested: 3, bytes: 9, sha256: chunkDigest, stored: true, complete: true },
    ])
  })

  test('a statement without a decision is undecided, one without an end has no outcome', () => {
    expect(statementOf([received('q1')]).verdict).toBe('undecided')
    const untilDecided = sampleEvents.slice(0, 5)
    expect(textOf(untilDecided)).toContain('(no outcome is recorded)')
    expect(textOf(untilDecided)).toContain('(the session was open when the recording ended)')
  })

  test('an event that this version does not know is shown as such, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.record({ type: fc.string() }),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (type, more) => {
          const event = { ...more, ...type } as unknown as RecordedEvent
          expect(textOf([event])).toContain('unknown event')
        },
      ),
    )
    const hostile = [
      { type: 'toString' },
      { type: 'statement.finished', session: 's1', statement: 'q1', rows: [[{}]] },
      { type: 'login.accepted', session: 's1', principal: null },
    ] as unknown as RecordedEvent[]
    expect(textOf(hostile).match(/unknown event/g)).toHaveLength(3)
  })
})

test('a session that was re-established says where, between its statements', () => {
  const events: readonly RecordedEvent[] = [
    received('q1', 'SELECT 1'),
    { type: 'session.reestablished', session: 's1', reason: 'Snowflake had ended it' },
    received('q2', 'SELECT 2'),
  ]
  expect(sessionOf(events).items).toMatchObject([
    { kind: 'statement', statement: 'q1' },
    { kind: 'note', what: 're-established', details: 'Snowflake had ended it' },
    { kind: 'statement', statement: 'q2' },
  ])
  expect(textOf(events)).toMatch(/SELECT 1[^]*re-established {2}Snowflake had ended it[^]*SELECT 2/)
})

describe('bundles that change', () => {
  const decided = (statement: string, bundle?: string): RecordedEvent => ({
    type: 'statement.decided', session: 's1', statement, verdict: 'allow', kind: 'Select',
    class: 'Query', objects: [], maskedColumns: [], maskingRules: [], rules: [], observed: [],
    emitted: 'SELECT 1', error: null, ...(bundle === undefined ? {} : { bundle }),
  }) // prettier-ignore
  const events: readonly RecordedEvent[] = [
    { type: 'gateway.started', version: '0.1.0', connection: 'a/b', bundle: 'sha256:1' },
    decided('q0'),
    { type: 'bundle.applied', digest: 'sha256:2', previous: 'sha256:1' },
    decided('q1', 'sha256:1'),
    decided('q2', 'sha256:2'),
    { type: 'connection.closed', reason: 'stale' },
    { type: 'connection.reopened', reason: 'bundle sha256:2 was applied' },
    decided('q3', 'sha256:2'),
  ]

  test('each decision is of its own bundle, whatever was in force when it was written', () => {
    const judged = sessionOf(events).items.map((item) => item.kind === 'statement' && item.bundle)
    expect(judged).toEqual(['sha256:1', 'sha256:1', 'sha256:2', 'sha256:2'])
  })

  test('are told where they come, and in a session where its statements change over', () => {
    const text = textOf(events)
    expect(text).toContain('bundle applied  sha256:2, after sha256:1')
    expect(text).toContain('connection closed  stale')
    expect(text).toContain('connection reopened  bundle sha256:2 was applied')
    expect(text.match(/judged by bundle .* from here/g)).toEqual([
      'judged by bundle sha256:2 from here',
    ])
  })
})

describe('the timeline as text', () => {
  test('it reads from login to end', () => {
    expect(textOf(sampleEvents, 2)).toBe(golden.trim())
  })

  test('rows that were not recorded are said to be so, and none are shown where none are asked for', () => {
    const unrecorded = sampleEvents.map((event) =>
      event.type === 'statement.finished' ? { ...event, rows: null } : event,
    )
    expect(textOf(unrecorded)).toContain('(rows are not recorded)')
    expect(textOf(sampleEvents, 0)).not.toContain('6789')
  })

  test('repairs and outages of the recording stand in it', () => {
    const text = textOf([
      { type: 'recording.repaired', bytes: 7, sha256: chunkDigest, keptIn: 'a.jsonl.torn-1' },
      {
        type: 'recording.resumed',
        since: '2026-03-01T09:00:00.000Z',
        rejected: 2,
        reason: 'ENOSPC',
      },
    ])
    expect(text).toContain('7 bytes of an unfinished line were set aside in a.jsonl.torn-1')
    expect(text).toContain('2 events since 2026-03-01T09:00:00.000Z were rejected: ENOSPC')
  })

  test('verdicts are marked, so that a terminal can colour them', () => {
    const tag = (name: string) => (text: string) => `<${name}>${text}</${name}>`
    const marks = { good: tag('good'), bad: tag('bad'), strong: tag('b'), faint: tag('i') }
    const text = textOf(sampleEvents, 0, marks)
    expect(text).toContain('<good>ALLOWED</good>')
    expect(text).toContain('<bad>DENIED</bad>')
  })

  test('nothing that a client sent can steer the terminal or turn text around', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(
          /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]/,
        )
      }),
    )
    const text = textOf([received('q\u009b2J', '\u001b]0;gotcha\u0007\u202eDROP')])
    expect(text).toContain('�]0;gotcha��DROP')
  })

  test('long SQL and long cells are cut', () => {
    const text = textOf([received('q1', `SELECT ${'x'.repeat(100_000)}`)])
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(230)
    expect(text).toContain('…')
  })
})

const golden = `
09:14:02.250  gateway started  version 0.1.0, connection acme, bundle sha256:${'ab'.repeat(32)}
09:14:02.500  REFUSED  login
                TokenExpired 390318 (28000)
                The login token of identity provider "local" expired.

Session s1, 2026-03-01 UTC
  09:14:02.750  login  agent-7 (groups: ai-coding-agents; provider local, run run-42)
                role AGENT_READER, warehouse AGENT_WH, policies: agents
                client JavaScript 3.3.0
  09:14:03.000  ALLOWED  Select, rule agents/read-analytics, 3 rows, 1 chunk, 12 ms
                SELECT id, name, ssn FROM health.phi.patients LIMIT 3
                masked: HEALTH.PHI.PATIENTS.SSN
                ID  NAME   SSN
                1   Ada Æ  *******6789
                2   NULL   *******0001
                … 1 more row (3 came inline)
                chunk 0: relayed 32 bytes, sha256 ${chunkDigest.slice(0, 12)}…, stored
  09:14:04.250  DENIED  DropTable, rule agents/never
                DROP TABLE health.phi.patients
                PolicyDenied 003001 (42501)
                DROP TABLE is denied by rule "never" of AgentPolicy "agents". Ask #data-platform.
  09:14:04.750  REFUSED  POST /api/v2/statements
                RouteUnknown 390404 (08P01)
                POST /api/v2/statements is not an endpoint of this gateway.
  09:14:05.000  closed  logout

09:14:05.250  gateway stopped  SIGTERM
`
