/** One client through its steps at one gateway, and the people who decide meanwhile. */

import type { Truth } from '../answer.ts'
import type { Driver } from '../driver.ts'
import type { Verdict } from '../suite.ts'
import { requestFor, type Keeper } from './keeper.ts'
import type { People, Step } from './scenarios.ts'
import { startWaiting, type Returned, type WaitingClient } from './waiting.ts'

export interface Followed {
  readonly scenario: string
  readonly verdict: Verdict
  /** From the decision until the client's call returned; undefined where nobody decides. */
  readonly delayMs: number | undefined
  readonly returned: Returned | undefined
}

export interface Following {
  readonly driver: Driver
  readonly gateway: string
  readonly token: string
  readonly keeper: Keeper
  readonly people: People
  readonly truth: Truth
  readonly folder: string
  readonly steps: readonly Step[]
}

export async function follow(following: Following): Promise<readonly Followed[]> {
  const { driver, gateway, token, folder, steps } = following
  const client = await startWaiting(driver, {
    gateway,
    folder,
    tokens: { good: token, forged: '', expired: '' },
    logins: [
      {
        name: 'a session', item: 'session and close', by: 'token', token: 'good',
        judge: () => undefined, checks: steps.map(({ check }) => check),
      },
    ],
  }) // prettier-ignore
  const found = await Promise.all(steps.map((step) => followStep(step, client, following)))
  const end = await client.ended.then(
    () => undefined,
    (error: unknown) => messageOf(error),
  )
  const ending: Followed = {
    scenario: 'the client',
    verdict: { name: 'it ends well', item: 'session and close', complaint: end },
    delayMs: undefined,
    returned: undefined,
  }
  return end === undefined ? found.flat() : [...found.flat(), ending]
}

async function followStep(
  step: Step,
  client: WaitingClient,
  { driver, keeper, people, truth }: Following,
): Promise<readonly Followed[]> {
  const { check, scenario, mark, place, act, phase, since } = step
  const { name, item } = check
  try {
    const coming = client.returned(name)
    if (scenario !== undefined && act !== undefined)
      await Promise.race([requestFor(keeper, mark, place), neverWell(coming, name)]).then((asked) =>
        act(asked, people),
      )
    const returned = await coming
    const complaint = check.judge(returned.answer, { truth, driver, direct: undefined })
    if (complaint !== undefined && scenario !== undefined)
      return [{ scenario, verdict: { name, item, complaint }, delayMs: undefined, returned }]
    if (scenario === undefined)
      return complaint === undefined
        ? []
        : [{ scenario: name, verdict: { name, item, complaint }, delayMs: undefined, returned }]
    const last = await requestFor(keeper, mark, place, ({ status }) => [phase].flat().includes(status?.phase ?? 'Pending')) // prettier-ignore
    const from =
      since === 'expiry' ? Date.parse(last.spec.expiresAt) : since && keeper.decidedAt(last.metadata.name) // prettier-ignore
    const delayMs = from === undefined ? undefined : returned.at - from
    return [{ scenario, verdict: { name, item, complaint }, delayMs, returned }]
  } catch (error) {
    // What comes after it would wait in vain.
    client.kill()
    const verdict = { name, item, complaint: messageOf(error) }
    return [{ scenario: scenario ?? name, verdict, delayMs: undefined, returned: undefined }]
  }
}

/** An answer before there is a request: then nobody needs to wait for one. */
async function neverWell(coming: Promise<Returned>, name: string): Promise<never> {
  const { answer } = await coming
  // A refusal with the request's id comes as soon as there is one.
  if (answer.error?.message.includes('ApprovalPending') === true)
    return new Promise(() => undefined)
  throw new Error(
    `${name} came back before anybody was asked: ${JSON.stringify(answer).slice(0, 600)}`,
  )
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
