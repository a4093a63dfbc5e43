/** What becomes of a statement that waits: what the client does, what people do, and what it must get. */

import type { ApprovalRequest } from '../../../crds/types.ts'
import { all, fallsWithin, maskedPatients, ran, refused, type Judge } from '../answer.ts'
import type { Check, Operation } from '../check.ts'
import type { Item } from '../suite.ts'

type Phase = NonNullable<NonNullable<ApprovalRequest['status']>['phase']>

/** What people, and others, can do about a request. */
export interface People {
  approve(request: ApprovalRequest): Promise<void>
  deny(request: ApprovalRequest, reason: string): Promise<void>
  onPage(request: ApprovalRequest): Promise<void>
  inSlack(mark: string): Promise<void>
  /** By somebody else's session. */
  alterTable(): Promise<void>
  /** In the folder of configuration; read again by SIGHUP. */
  changeRule(): Promise<void>
  /** Another statement in the session that the marked one waits in. */
  inSameSession(mark: string, sql: string): Promise<void>
}

export interface Step {
  /** Undefined: it is about no statement that waits. */
  readonly scenario: string | undefined
  readonly check: Check
  /** In the text of its statement. */
  readonly mark: string
  /** Which of the requests for the statement this is about: 0 for the first. */
  readonly place: number
  readonly act?: (request: ApprovalRequest, people: People) => Promise<void>
  /** Of the request, in the end. */
  readonly phase: Phase | readonly Phase[]
  /** From when on the client's delay counts: the decision, or the end that was set. */
  readonly since?: 'decision' | 'expiry'
}

type Words = Partial<Omit<Step, 'check'>> & {
  readonly judge: Judge
  readonly sql?: string
  readonly how?: Pick<Check, 'operation' | 'seconds'>
  /** Where the statement is told by another. */
  readonly name?: string
}

/** Seconds: longer than the gateway lets a first call wait (40), so that the driver has polled. */
const longHold = 42

/** `client`: name in the registry; what the table names are made of. */
export function scenariosOf(client: string) {
  const words = (scenario: string, column: string): { mark: string; sql: string } => {
    const mark = `${scenario} ${client}`
    return {
      mark,
      sql: `SELECT id, ssn FROM health.phi.patients WHERE id <= 3 AND ('${mark}' <> '' OR ${column} IS NULL) ORDER BY id`,
    }
  }
  const step = (
    scenario: string,
    item: Item,
    column: string,
    { judge, sql, how = { operation: 'rows' }, name = scenario, ...rest }: Words,
  ): Step => {
    const statement = words(scenario, column)
    return {
      scenario: name,
      mark: statement.mark,
      place: 0,
      phase: 'Used',
      check: { name, item, sql: sql ?? statement.sql, judge, ...how },
      ...rest,
    }
  }
  const masked = maskedPatients(3)
  const releasedThen = { judge: masked, since: 'decision' } as const
  const approved: Step['act'] = (request, people) => people.approve(request)
  const outdated = (word: string) =>
    ({
      judge: refused('ApprovalOutdated', word),
      // Never used: what changed at Snowflake is seen before a use is taken.
      phase: ['Void', 'Withdrawn'],
      since: 'decision',
    }) as const
  const table = (kind: string): string => `staging.public.${kind}_${client}`
  const plain = (name: string, sql: string, operation: Operation = 'rows'): Step => ({
    scenario: undefined, mark: '', place: 0, phase: 'Used',
    check: { name, item: 'session and close', sql, operation, judge: ran },
  }) // prettier-ignore
  const note = 'Use the monthly totals instead.'
  const gaveUp = { operation: client === 'node' ? 'cancel' : 'timeout', seconds: 3 } as const

  return {
    /** At `frostgate up`, decided by the command line. */
    up: [
      // First: what the session sets later is part of what is approved.
      step('retried', 'hold then deny', 'email', {
        name: 'Retry: refused at once',
        judge: all(refused('ApprovalPending'), soonerThanAPoll),
        act: approved,
        phase: 'Approved',
      }),
      step('approved by the CLI', 'hold then release', 'notes', { ...releasedThen, act: approved }),
      step('denied with a note', 'hold then deny', 'notes', {
        judge: refused('ApprovalDenied', note),
        act: (request, people) => people.deny(request, note),
        phase: 'Denied',
        since: 'decision',
      }),
      step('withdrawn by the client', 'hold then cancel', 'notes', {
        judge: fallsWithin(20_000),
        phase: 'Withdrawn',
        how: gaveUp,
      }),
      step('table altered', 'hold then deny', '', {
        ...outdated('an object that it reaches'),
        sql: `SELECT id FROM ${table('altered')} WHERE 'table altered ${client}' <> ''`,
        act: async (request, people) => {
          await people.alterTable()
          // Another client's change of rules may have had it looked at before.
          await people.approve(request).catch(() => undefined)
        },
      }),
      plain('a variable', 'SET top = 3'),
      step('variable set', 'hold then deny', '', {
        ...outdated('variables'),
        sql: `SELECT id, ssn FROM health.phi.patients WHERE id <= $top AND ('variable set ${client}' <> '' OR notes IS NULL) ORDER BY id`,
        act: async (request, people) => {
          await people.inSameSession(`variable set ${client}`, 'SET top = 100')
          // The gateway sees it at once, and may have withdrawn the request.
          await people.approve(request).catch(() => undefined)
        },
      }),
      step('rule changed, SIGHUP', 'hold then deny', '', {
        ...outdated('rule'),
        sql: `SELECT id FROM ${table('ruled')} WHERE 'rule changed, SIGHUP ${client}' <> ''`,
        act: async (request, people) => {
          await people.changeRule()
          // Nothing may be left to decide by then.
          await people.approve(request).catch(() => undefined)
        },
      }),
      step('window of two', 'hold then release', 'profile', {
        name: 'window of two: first',
        ...releasedThen,
        act: approved,
        phase: 'Used',
      }),
      step('window of two', 'hold then release', 'profile', {
        name: 'window of two: second, at once',
        judge: all(masked, soonerThanAPoll),
      }),
      step('window of two', 'hold then deny', 'profile', {
        name: 'window of two: third waits again',
        judge: refused('ApprovalDenied', note),
        place: 1,
        act: (request, people) => people.deny(request, note),
        phase: 'Denied',
        since: 'decision',
      }),
    ],
    /** There too, in a session of another process, once all of that is over. */
    again: [
      step('retried', 'hold then release', 'email', { name: 'Retry: passes once', judge: masked }),
      step('retried', 'hold then deny', 'email', {
        name: 'Retry: refused again',
        judge: refused('ApprovalPending'),
        place: 1,
        phase: 'Pending',
      }),
    ],
    /** In this process, as `frostgate up` does it. */
    soon: [
      step('expired', 'hold then deny', 'dob', {
        judge: refused('ApprovalExpired'),
        phase: 'Expired',
        since: 'expiry',
      }),
      step(`approved after ${longHold} s`, 'hold then release', 'notes', {
        ...releasedThen,
        act: async (request, people) => {
          const madeAt = Date.parse(request.metadata.creationTimestamp ?? '')
          await new Promise((resolve) => setTimeout(resolve, madeAt + longHold * 1000 - Date.now()))
          await people.approve(request)
        },
      }),
    ],
    /** In this process, over its own desk. */
    people: [
      step('approved on the page', 'hold then release', 'notes', {
        ...releasedThen,
        act: (request, people) => people.onPage(request),
      }),
      step('approved in Slack', 'hold then release', 'notes', {
        ...releasedThen,
        act: (_request, people) => people.inSlack(`approved in Slack ${client}`),
      }),
    ],
    tables: [
      `CREATE TABLE ${table('altered')} (id NUMBER(38,0))`,
      `CREATE TABLE ${table('ruled')} (id NUMBER(38,0))`,
    ],
    alter: `ALTER TABLE ${table('altered')} ADD COLUMN more VARCHAR`,
  }
}

/** Who waits for people comes back after a first call of 40 s, and nobody decides before. */
const soonerThanAPoll: Judge = ({ milliseconds }) =>
  milliseconds > 20_000 ? `it took ${milliseconds} ms, as if it had waited` : undefined
