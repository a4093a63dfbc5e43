/** A story for people: the verdict first, then what it rests on, then what to change. */

import type { RecordedError, RecordedEvent } from '../../sidecar/recording/events.ts'
import { columned, oneLine, quoted, section, span, type Screen } from '../approvals/layout.ts'
import { layOut } from '../approvals/statement.ts'
import { advised, placeOf } from './advice.ts'
import type { Story, Timed } from './find.ts'

type EventOf<T extends RecordedEvent['type']> = Extract<RecordedEvent, { readonly type: T }>

export interface Told {
  readonly verdict: 'ALLOWED' | 'DENIED' | 'HELD' | 'UNDECIDED'
  /** When it was received, or else what is told of it first. */
  readonly time: string
  readonly received: EventOf<'statement.received'> | undefined
  /** The last one: a statement that was held is decided twice. */
  readonly decided: EventOf<'statement.decided'> | undefined
  readonly held: EventOf<'statement.decided'> | undefined
  readonly requested: At<EventOf<'approval.requested'>> | undefined
  readonly answered: At<EventOf<'approval.decided'>> | undefined
  readonly finished: At<EventOf<'statement.finished'>> | undefined
  readonly failed: At<EventOf<'statement.failed'>> | undefined
  /** A result that the gateway cut off. */
  readonly cut: RecordedError | undefined
}

interface At<T> {
  readonly time: string
  readonly event: T
}

const verdicts = { allow: 'ALLOWED', deny: 'DENIED', hold: 'HELD' } as const

/** The last event of each kind; of verdicts also the hold. */
export function told({ events }: Story): Told {
  const all = <T extends Timed['event']['type']>(type: T) =>
    events.filter(
      (each): each is Timed & At<EventOf<T> & Timed['event']> => each.event.type === type,
    )
  const decisions = all('statement.decided').map(({ event }) => event)
  const decided = decisions.at(-1)
  const received = all('statement.received').at(-1)
  return {
    verdict: decided === undefined ? 'UNDECIDED' : verdicts[decided.verdict],
    time: (received ?? events[0])?.time ?? '',
    received: received?.event,
    decided,
    held: decisions.findLast(({ verdict }) => verdict === 'hold'),
    requested: all('approval.requested').at(-1),
    answered: all('approval.decided').at(-1),
    finished: all('statement.finished').at(-1),
    failed: all('statement.failed').at(-1),
    cut: all('chunk.relayed').findLast(({ event }) => event.error !== undefined)?.event.error,
  }
}

/** Line by line, without newlines. */
export function* renderStory(story: Story, screen: Screen): Generator<string> {
  const known = told(story)
  const { verdict, decided, received } = known
  const mark = verdict === 'ALLOWED' ? screen.marks.good : screen.marks.bad
  const what = decided?.kind ?? 'a statement that was not understood'
  yield `${mark(verdict)}  ${oneLine(what).slice(0, screen.width - 12)}`
  yield* section('when', [oneLine(known.time)], screen)
  yield* section('who', whoOf(story), screen)
  yield* section('ids', idsOf(story, known), screen)
  yield* statement(received?.sql, screen)
  yield* section('why', whyOf(known), screen)
  yield* section('rule', rulesOf(known), screen)
  yield* section('observed', (decided?.observed ?? []).map(oneLine), screen)
  yield* section('objects', [listed(decided?.objects ?? known.held?.objects ?? [])], screen)
  yield* section('masked', maskedOf(known), screen)
  yield* asking(known, screen)
  yield* section('outcome', outcomeOf(known), screen)
  yield* section('change', changeOf(story, known), screen)
}

function whoOf({ login, session }: Story): readonly string[] {
  if (login === undefined) {
    return [oneLine(`session ${session}, whose login is not in this recording`)]
  }
  const { provider, issuer, subject, groups, run } = login.principal
  return [
    `${provider}:${subject}${run === null ? '' : `, run ${run}`} (groups: ${listed(groups)})`,
    `issuer ${issuer}, session ${session}, policies: ${listed(login.policies)}`,
  ].map(oneLine)
}

function idsOf({ statement, recording }: Story, { received, finished, failed }: Told) {
  const upstream = finished?.event.upstreamQueryId ?? failed?.event.upstreamQueryId
  return [
    `query ${statement}${upstream === undefined || upstream === null || upstream === statement ? '' : `, at Snowflake ${upstream}`}`,
    ...(received?.parent === undefined ? [] : [`one of the statements of ${received.parent}`]),
    `in ${recording}`,
  ].map(oneLine)
}

function* statement(sql: string | undefined, screen: Screen): Generator<string> {
  if (sql === undefined) {
    yield* section('statement', ['Its text is not in this recording.'], screen)
    return
  }
  yield* section('statement', ['as the client sent it:'], screen)
  yield* quoted(layOut(sql).lines.join('\n'), screen)
}

function errorOf({ decided, failed, cut }: Told): RecordedError | undefined {
  return cut ?? failed?.event.error ?? decided?.error ?? undefined
}

function whyOf(known: Told): readonly string[] {
  const error = errorOf(known)
  if (error !== undefined) {
    const { name, code, sqlState } = error
    return [oneLine(advised(error).reason), oneLine(`${name}, code ${code}, SQLSTATE ${sqlState}`)]
  }
  if (known.verdict === 'HELD') return ['A rule wants people to approve it first.']
  if (known.verdict === 'UNDECIDED') return ['The recording ends before it was decided.']
  const by = known.decided?.approvedBy
  if (by !== undefined) return [oneLine(`People approved it: ${listed(by)}.`)]
  return ['Rules allow it.']
}

function rulesOf({ decided, held }: Told): readonly string[] {
  const rules = [...new Set([...(held?.rules ?? []), ...(decided?.rules ?? [])])]
  if (rules.length > 0) return rules.map((rule) => oneLine(placeOf(rule)))
  return decided === undefined ? [] : ['none: it was not decided by a rule of a policy']
}

function maskedOf({ decided, held }: Told): readonly string[] {
  const { maskedColumns = [], maskingRules = [] } =
    decided?.verdict === 'allow' ? decided : (held ?? decided ?? {})
  if (maskedColumns.length === 0) return []
  const by = maskingRules.length === 0 ? '' : ` by MaskingRule ${listed(maskingRules)}`
  return [oneLine(`${listed(maskedColumns)}${by}`)]
}

/** Asked, decided by whom with which note after how long. */
function* asking({ requested, answered }: Told, screen: Screen): Generator<string> {
  if (requested !== undefined) {
    const { time, event } = requested
    const { request, approvers, count, expiresAt } = event
    const whom = `asked at ${time}: request ${request}, ${count} of ${listed(approvers)}, until ${expiresAt}`
    yield* section('approval', [oneLine(whom)], screen)
  }
  if (answered === undefined) {
    if (requested !== undefined) yield* section('', ['The recording ends while it waits.'], screen)
    return
  }
  const { outcome, by, note, milliseconds, approval } = answered.event
  const who = by.length === 0 ? '' : ` by ${listed(by)}`
  const use = approval === null ? '' : ` (use ${approval})`
  const line = `${outcome}${who} at ${answered.time}, after ${span(milliseconds)}${use}`
  yield* section(requested === undefined ? 'approval' : '', [oneLine(line)], screen)
  if (note !== '') yield* quoted(note, screen)
}

function outcomeOf({ finished, failed, cut, decided, answered }: Told): readonly string[] {
  if (finished !== undefined) {
    const { totalRows, milliseconds } = finished.event
    const ran = `It ran: ${totalRows} row${totalRows === 1 ? '' : 's'} in ${milliseconds.toFixed(0)} ms.`
    return [ran, ...(cut === undefined ? [] : ['Its result was cut off on the way to the client.'])]
  }
  if (failed !== undefined) {
    return failed.event.upstreamQueryId === null
      ? ['It was let through and failed; that it reached Snowflake is not recorded.']
      : ['It was sent to Snowflake and failed.']
  }
  if (decided?.verdict === 'allow') return ['It was let through; no outcome is recorded.']
  return [answered?.event.outcome === 'approved' ? 'It was approved, and did not run.' : 'It did not run.'] // prettier-ignore
}

function changeOf({ login }: Story, known: Told): readonly string[] {
  const error = errorOf(known)
  const { decided, verdict } = known
  if (error === undefined) return verdict === 'HELD' ? ['Whoever may decide: frostgate pending lists what waits.'] : [] // prettier-ignore
  const { advice } = advised(error)
  const rules = decided?.verdict === 'allow' ? [] : (decided?.rules ?? [])
  const policies = login?.policies ?? []
  const owner =
    rules.length > 0
      ? [`Policy owner: the answer is given by ${listed(rules)} (spec.rules, by name).`]
      : decided?.verdict === 'deny' && policies.length > 0
        ? [`Policy owner: what this agent may do is in AgentPolicy ${listed(policies)}; frostgate explain tells what a change would do.`]
        : [] // prettier-ignore
  return [...(advice === undefined ? [] : [advice]), ...owner].map(oneLine)
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ')
}

/** Where an id is of several statements: which ones. */
export function renderOverview(stories: readonly Story[], screen: Screen): readonly string[] {
  const rows = stories.map((story) => {
    const { verdict, time, answered } = told(story)
    return [time, verdict, answered?.event.outcome ?? '', story.statement]
  })
  return columned(rows, screen.width, 60)
}
