/**
 * What Slack sends when somebody presses a button or submits a form. Slack waits three seconds for
 * an answer, so that most work goes on after it.
 */

import type { Actor, Interaction } from './payload.ts'
import { readInteraction } from './payload.ts'
import type { SlackAnswers } from './answers.ts'
import type { SlackClient } from './client.ts'
import type { Outcome, SlackDecisions } from './decisions.ts'
import { denialForm } from './form.ts'
import type { Incoming, Verified } from './verify.ts'
import { denial } from './actions.ts'
import { line } from './text.ts'

export interface RouteAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface SlackRoutes {
  /** Undefined for what is none of its paths. Never rejects. */
  handle(
    method: string,
    path: string,
    headers: Incoming['headers'],
    rawBody: Uint8Array,
  ): Promise<RouteAnswer | undefined>
  /** Resolves once what was begun has ended. */
  settled(): Promise<void>
}

export interface SlackRoutesOptions {
  readonly teamId: string
  readonly verify: (incoming: Incoming) => Promise<Verified>
  readonly decisions: SlackDecisions
  readonly client: Pick<SlackClient, 'openForm'>
  readonly answers: SlackAnswers
  readonly onProblem: (problem: string, error: unknown) => void
  /** Interactions that are worked on at once. */
  readonly most?: number
  /** For which the answer to a form waits for the decision. */
  readonly patienceMs?: number
}

export const slackPath = '/slack/interactions'

const unknownOutcome =
  'That did not work, and whether anything was decided is not known. Look at the request on the page, or press again.'

export function slackRoutes(options: SlackRoutesOptions): SlackRoutes {
  const { teamId, verify, decisions, client, answers, onProblem } = options
  const { most = 64, patienceMs = 2_000 } = options
  const underWay = new Set<Promise<unknown>>()

  const begin = <T>(work: Promise<T>): Promise<T> => {
    underWay.add(work)
    const end = () => underWay.delete(work)
    work.then(end, end)
    return work
  }
  const say = (address: string, sentence: string): Promise<void> =>
    answers.say(address, sentence).catch((error: unknown) => {
      onProblem('somebody could not be answered in Slack', error)
    })
  const surely = (work: Promise<Outcome>): Promise<Outcome> =>
    work.catch((error: unknown) => {
      onProblem('a decision made in Slack did not come through', error)
      return { done: false, sentence: unknownOutcome }
    })
  const openForm = async (
    interaction: Extract<Interaction, { kind: 'pressed' }>,
  ): Promise<string | undefined> => {
    const { actor, seen, answerTo, trigger } = interaction
    const why = await decisions.whyNot(actor, seen)
    if (why === undefined) await client.openForm(trigger, denialForm(seen, answerTo))
    return why
  }
  const press = async (interaction: Extract<Interaction, { kind: 'pressed' }>): Promise<void> => {
    const { actor, seen, answerTo, verdict } = interaction
    if (verdict === 'Approve') {
      const { sentence } = await surely(decisions.decide(actor, seen, 'Approve', undefined))
      await say(answerTo, sentence)
      return
    }
    const why = await openForm(interaction).catch((error: unknown) => {
      onProblem('the form for a denial could not be opened in Slack', error)
      return 'The form could not be opened, and nothing was decided. Press again.'
    })
    if (why !== undefined) await say(answerTo, why)
  }
  const deny = async (
    interaction: Extract<Interaction, { kind: 'denied' }>,
  ): Promise<RouteAnswer> => {
    const { actor, seen, reason, answerTo } = interaction
    if (reason === '') return formErrors('Say why; the agent is told.')
    const decided = surely(decisions.decide(actor, seen, 'Deny', reason))
    const outcome = await Promise.race([decided, pause(patienceMs)])
    if (outcome !== undefined && !outcome.done) return formErrors(outcome.sentence)
    void begin(decided.then(({ sentence }) => say(answerTo, sentence)))
    return json({ response_action: 'clear' })
  }

  /** Anybody can send anything: a log is not to be filled by it. */
  const told = new Map<string, number>()
  const refusedOnce = (why: string): void => {
    const now = performance.now()
    if (now - (told.get(why) ?? -Infinity) < 10_000) return
    told.set(why, now)
    onProblem(`what was sent to ${slackPath} was refused: ${why}`, undefined)
  }

  return {
    handle: async (method, path, headers, rawBody) => {
      if (path !== slackPath) return undefined
      if (method !== 'POST') return plain(405, 'Slack posts here.\n', { allow: 'POST' })
      if (underWay.size >= most) return plain(503, 'Too many at once.\n')
      try {
        const verified = await verify({ headers, rawBody })
        if (!verified.verified) {
          refusedOnce(verified.why)
          return plain(verified.status, 'Refused; see the log of the operator.\n')
        }
        const interaction = readInteraction(verified.body)
        if (interaction === undefined) return plain(400, 'Not understood.\n')
        if (!isOf(teamId, interaction.actor)) {
          onProblem('somebody of another Slack workspace was refused', undefined)
          return plain(403, 'Another workspace.\n')
        }
        if (interaction.kind === 'opened') return plain(200, '')
        if (!answers.allowed(interaction.answerTo)) return plain(400, 'Not understood.\n')
        if (interaction.kind === 'denied') return await begin(deny(interaction))
        void begin(press(interaction))
        return plain(200, '')
      } catch (error) {
        onProblem('an interaction of Slack could not be answered', error)
        return plain(500, 'See the log of the operator.\n')
      }
    },
    settled: async () => {
      while (underWay.size > 0) await Promise.allSettled(underWay)
    },
  }
}

function isOf(teamId: string, { teams }: Actor): boolean {
  return teams.every((team) => team === teamId)
}

function pause(ms: number): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms, undefined).unref()
  })
}

/** Shown beside the field of the form, which stays open. */
function formErrors(sentence: string): RouteAnswer {
  const { text } = line(sentence, 1_000)
  return json({ response_action: 'errors', errors: { [denial.block]: text } })
}

function json(value: unknown): RouteAnswer {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' }
  return { status: 200, headers, body: JSON.stringify(value) }
}

function plain(
  status: number,
  body: string,
  more: Readonly<Record<string, string>> = {},
): RouteAnswer {
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    ...more,
  }
  return { status, headers, body }
}
