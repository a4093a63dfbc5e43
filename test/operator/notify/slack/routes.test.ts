import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { approvalDesk, type RunningDesk } from '../../../../operator/approvals/desk.ts'
import { readNotifySettings } from '../../../../operator/notify/settings.ts'
import { startNotifications, type Notifications } from '../../../../operator/notify/start.ts'
import type { ApprovalSpec } from '../../../../sidecar/control/bundle.ts'
import { MemoryServer } from '../../approvals/memory-store.ts'
import { kept, request, settle, start } from '../support.ts'
import {
  interaction,
  pressed,
  signedBody,
  slackStandIn,
  submitted,
  type SignedInteraction,
  type SlackStandIn,
} from './slack-stand-in.ts'

const approver = 'U0APPROVER'
const second = 'U0SECOND'
const outsider = 'U0OUTSIDER'
const asker = 'U0ASKER'
const rule: ApprovalSpec = { approvers: ['data-stewards'], count: 1 } as unknown as ApprovalSpec

let folder = ''
let slack: SlackStandIn
let server: MemoryServer
let desk: RunningDesk
let notes: Notifications
let problems: string[] = []
let now = start

beforeEach(async () => {
  now = start
  problems = []
  folder = await mkdtemp(join(tmpdir(), 'slack-'))
  await writeFile(join(folder, 'token'), 'xoxb-1234567890-abcdef\n')
  await writeFile(join(folder, 'signing'), `${'a'.repeat(32)}\n`)
  slack = await slackStandIn()
  server = new MemoryServer(() => now)
  const store = server.store()
  desk = approvalDesk({ store, ruleOf: () => rule, isLeader: () => true, now: () => now })
  const text = `
slack:
  teamId: T0123456789
  apiUrl: ${slack.api.url}/api/
  tokenFile: ${folder}/token
  signingSecretFile: ${folder}/signing
  channels: [{ name: stewards, channel: C0123456789 }]
  people:
    ${approver}:
      { issuer: https://idp.example, subject: alice, groups: [data-stewards], aliases: [a.lee@corp] }
    ${second}: { issuer: https://idp.example, subject: bob, groups: [data-stewards] }
    ${outsider}: { issuer: https://idp.example, subject: carol, groups: [others] }
    ${asker}: { issuer: https://idp.example, subject: agent-7, groups: [data-stewards] }
`
  notes = startNotifications({
    settings: readNotifySettings('notify.yaml', text),
    desk,
    store,
    isLeader: () => true,
    now: () => new Date(now),
    onProblem: (problem, error) => {
      problems.push(
        `${problem}${error === undefined ? '' : ` ${error instanceof Error ? error.message : '?'}`}`,
      )
    },
  })
})
afterEach(async () => {
  await notes.stop()
  await desk.stop()
  await slack.api.close()
  await rm(folder, { recursive: true })
})

async function until(fact: () => boolean): Promise<void> {
  for (let turn = 0; turn < 400 && !fact(); turn += 1) {
    await settle()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  expect(fact()).toBe(true)
}

interface Button {
  readonly action_id: string
  readonly value?: string
  readonly confirm?: unknown
}

/** The value of the buttons, as it was posted. */
async function posted(more: Parameters<typeof request>[2] = {}): Promise<readonly Button[]> {
  server.put(request(1, {}, more))
  desk.trigger()
  await until(() => slack.calls('chat.postMessage').length === 1)
  const blocks = JSON.parse(slack.calls('chat.postMessage')[0]?.['blocks'] ?? '') as readonly {
    readonly type: string
    readonly elements: readonly Button[]
  }[]
  return blocks.find(({ type }) => type === 'actions')?.elements ?? []
}

const hooks = () => `${slack.api.url}/hooks/T/1/abc`
const seconds = () => Math.floor(now / 1000)
const goodValue = `frostgate/0000000000000001 sha256:${'0'.repeat(63)}1`

function press(action: 'approve' | 'deny' | 'open', user: string, value = goodValue) {
  return pressed({ action: `frostgate_${action}`, value, user, responseUrl: hooks() })
}

async function send({ headers, rawBody }: SignedInteraction) {
  const answer = await notes.slack?.handle('POST', '/slack/interactions', headers, rawBody)
  await notes.slack?.settled()
  return answer
}

const decisions = () => [...server.decisions.values()]
const phase = () => kept(server, request(1)).status?.phase

describe('A request in Slack', () => {
  test('is posted with its buttons, and approved by one of them', async () => {
    const buttons = await posted()
    expect(buttons.map(({ action_id }) => action_id)).toEqual([
      'frostgate_approve',
      'frostgate_deny',
    ])
    expect(buttons[0]?.value).toBe(goodValue)
    expect(buttons[0]?.confirm).toBeDefined()
    const { headers } = slack.api.received[0] ?? {}
    expect(headers?.authorization).toBe('Bearer xoxb-1234567890-abcdef')
    const answer = await send(interaction(press('approve', approver, buttons[0]?.value), seconds()))
    expect(answer).toMatchObject({ status: 200, body: '' })
    expect(decisions()).toMatchObject([
      {
        spec: {
          verdict: 'Approve',
          via: 'Slack',
          decidedBy: {
            username: 'https://idp.example#alice',
            issuer: 'https://idp.example',
            subject: 'alice',
            aliases: ['a.lee@corp'],
            slack: { team: 'T0123456789', user: approver },
          },
        },
      },
    ])
    expect(slack.answers()).toEqual(['You have approved request 0000000000000001.'])
    await until(() => slack.calls('chat.update').length === 1)
    const [update] = slack.calls('chat.update')
    expect(update).toMatchObject({ channel: 'C0123456789', ts: '1700000000.1' })
    expect(update?.['blocks']).toContain('approved by https://idp.example#alice (Slack)')
    expect(update?.['blocks']).not.toContain('frostgate_approve')
    expect(phase()).toBe('Approved')
  })

  test('is denied through the form, with a reason that cannot be left out', async () => {
    await posted()
    await send(interaction(press('deny', approver), seconds()))
    const [opened] = slack.calls('views.open')
    expect(opened?.['trigger_id']).toBe('1.2.trigger')
    const view = JSON.parse(opened?.['view'] ?? '') as { readonly private_metadata: string }
    expect(decisions()).toEqual([])
    const without = await send(
      interaction(submitted(view.private_metadata, '  ', approver), seconds()),
    )
    expect(without?.body).toBe(
      '{"response_action":"errors","errors":{"frostgate_reason":"Say why; the agent is told."}}',
    )
    const answer = await send(
      interaction(submitted(view.private_metadata, 'not now', approver), seconds()),
    )
    expect(answer?.body).toBe('{"response_action":"clear"}')
    expect(slack.answers()).toEqual(['You have denied request 0000000000000001.'])
    await until(() => slack.calls('chat.update').length === 1)
    expect(slack.calls('chat.update')[0]?.['blocks']).toContain('not now')
    expect(phase()).toBe('Denied')
  })

  test('that ends elsewhere loses its buttons', async () => {
    await posted()
    const { namespace = '', name } = request(1).metadata
    await desk.withdraw({ namespace, name }, '0'.repeat(63) + '1')
    await until(() => slack.calls('chat.update').length === 1)
    expect(slack.calls('chat.update')[0]?.['blocks']).toContain('Withdrawn')
    expect(slack.calls('chat.update')[0]?.['blocks']).not.toContain('actions')
  })

  test('whose statement does not fit cannot be approved here, not even by a button of one’s own', async () => {
    const buttons = await posted({ statement: `SELECT 1${' '.repeat(4_000)}, 2` })
    expect(buttons.map(({ action_id }) => action_id)).toEqual(['frostgate_deny'])
    await send(interaction(press('approve', approver), seconds()))
    expect(slack.answers()[0]).toContain('too long to be shown here whole')
    expect(decisions()).toEqual([])
  })
})

describe('What does not come from Slack, just now, is refused', () => {
  const refused = async (sent: SignedInteraction, status = 401): Promise<void> => {
    await posted()
    const answer = await send(sent)
    expect(answer?.status).toBe(status)
    expect(decisions()).toEqual([])
    expect(slack.answers()).toEqual([])
  }

  test('signed by another secret', () =>
    refused(interaction(press('approve', approver), seconds(), 'b'.repeat(32))))
  test('not signed', async () => {
    const { headers, rawBody } = interaction(press('approve', approver), seconds())
    await refused({ headers: { ...headers, 'x-slack-signature': '' }, rawBody })
  })
  test('changed after it was signed', async () => {
    const { headers, rawBody } = interaction(press('deny', approver), seconds())
    const other = Buffer.from(rawBody.toString().replace('frostgate_deny', 'frostgate_approve'))
    await refused({ headers, rawBody: other })
  })
  test('six minutes old', () => refused(interaction(press('approve', approver), seconds() - 360)))
  test('six minutes ahead', () => refused(interaction(press('approve', approver), seconds() + 360)))
  test('with a time that is no number', async () => {
    const { headers, rawBody } = interaction(press('approve', approver), seconds())
    await refused({ headers: { ...headers, 'x-slack-request-timestamp': 'NaN' }, rawBody })
  })
  test('a signed time that is no number', () =>
    refused(interaction(press('approve', approver), NaN)))
  test('of another workspace', () =>
    refused(
      interaction({ ...press('approve', approver), team: { id: 'T0FOREIGN' } }, seconds()),
      403,
    ))
  test('by a person of another workspace in a shared channel', () =>
    refused(
      interaction(
        { ...press('approve', approver), user: { id: approver, team_id: 'T0FOREIGN' } },
        seconds(),
      ),
      403,
    ))
  test('that wants its answer elsewhere', () =>
    refused(
      interaction(
        { ...press('approve', approver), response_url: 'https://evil.example/' },
        seconds(),
      ),
      400,
    ))
  test('two payloads', async () => {
    const { rawBody } = interaction(press('deny', approver), seconds())
    await refused(signedBody(`${rawBody.toString()}&${rawBody.toString()}`, seconds()), 400)
  })
  test.each(['', 'frostgate/x', 'a/../b sha256:0', goodValue.toUpperCase(), `${goodValue}\n`])(
    'a button with the value %j',
    (value) => refused(interaction(press('approve', approver, value), seconds()), 400),
  )
  test.each([null, 7, [], { type: 'block_actions' }, { type: '__proto__', team: {}, user: {} }])(
    'a payload that is %j',
    (payload) => refused(interaction(payload, seconds()), 400),
  )
  test('too long', () => refused(signedBody('x'.repeat(600_000), seconds()), 413))

  test('the same again, also with something after the signature', async () => {
    await posted()
    const first = interaction(press('approve', outsider), seconds())
    expect((await send(first))?.status).toBe(200)
    expect((await send(first))?.status).toBe(401)
    const signature = `${first.headers['x-slack-signature'] ?? ''}=again`
    const headers = { ...first.headers, 'x-slack-signature': signature }
    expect((await send({ ...first, headers }))?.status).toBe(401)
    expect(slack.answers()).toHaveLength(1)
    now += 299_000
    expect((await send(first))?.status).toBe(401)
  })

  test('another path is nobody’s, another method refused', async () => {
    const { headers, rawBody } = interaction(press('approve', approver), seconds())
    expect(await notes.slack?.handle('POST', '/slack', headers, rawBody)).toBeUndefined()
    const got = await notes.slack?.handle('GET', '/slack/interactions', headers, rawBody)
    expect(got?.status).toBe(405)
  })
})

describe('Nothing is decided by', () => {
  const undecided = async (user: string, said: RegExp, value = goodValue): Promise<void> => {
    await posted()
    await send(interaction(press('approve', user, value), seconds()))
    expect(slack.answers()).toHaveLength(1)
    expect(slack.answers()[0]).toMatch(said)
    expect(decisions()).toEqual([])
    expect(phase()).toBe('Pending')
  }

  test('a Slack user whom nobody mapped', () =>
    undecided('U0STRANGER', /U0STRANGER stands for nobody who may decide/))
  test('a user by the name of a property of every object', () =>
    undecided('constructor', /stands for nobody/))
  test('somebody who is no approver', () => undecided(outsider, /not among the approvers/))
  test('whoever asks for the statement', () => undecided(asker, /nobody decides about their own/))
  test('a button about another statement', () =>
    undecided(
      approver,
      /about another statement/,
      `frostgate/0000000000000001 sha256:${'f'.repeat(64)}`,
    ))
  test('a button about a request that is gone', () =>
    undecided(approver, /not there any more/, `frostgate/gone sha256:${'f'.repeat(64)}`))

  test('the same person twice', async () => {
    await posted({ approvers: { groups: ['data-stewards'], count: 2 } })
    await send(interaction(press('approve', approver), seconds()))
    await send(interaction(press('approve', approver), seconds() + 1))
    expect(decisions()).toHaveLength(1)
    expect(slack.answers()[1]).toMatch(/^Nothing was decided\. /)
    await send(interaction(press('approve', second), seconds()))
    await until(() => phase() === 'Approved')
  })

  test('somebody who is no approver, who is not shown the form either', async () => {
    await posted()
    await send(interaction(press('deny', outsider), seconds()))
    expect(slack.calls('views.open')).toEqual([])
    expect(slack.answers()[0]).toMatch(/not among the approvers/)
  })

  test('a form that somebody else submits', async () => {
    await posted()
    const metadata = JSON.stringify({ seen: goodValue, answerTo: hooks() })
    const answer = await send(interaction(submitted(metadata, 'because', outsider), seconds()))
    expect(answer?.body).toContain('not among the approvers')
    expect(decisions()).toEqual([])
  })
})

describe('When something is away', () => {
  test('the API server: the person is told that nobody knows', async () => {
    await posted()
    server.fault = (operation) => (operation === 'createDecision' ? 'after' : undefined)
    const answer = await send(interaction(press('approve', approver), seconds()))
    expect(answer?.status).toBe(200)
    expect(slack.answers()[0]).toContain('whether anything was decided is not known')
    expect(problems.join()).toContain('did not come through')
  })

  test('the signing secret', async () => {
    await rm(join(folder, 'signing'))
    const answer = await send(interaction(press('approve', approver), seconds()))
    expect(answer?.status).toBe(500)
    expect(problems.join()).toContain("the app's signing secret, cannot be read")
    expect(decisions()).toEqual([])
  })

  test('the signing secret is changed without a restart', async () => {
    await writeFile(join(folder, 'signing'), `${'b'.repeat(32)}\n${'a'.repeat(32)}\n`)
    await posted()
    const sent = interaction(press('approve', approver), seconds(), 'b'.repeat(32))
    expect((await send(sent))?.status).toBe(200)
    expect(decisions()).toHaveLength(1)
  })

  test.each([
    [429, { 'retry-after': '30' }, 'Slack asks to be called less often'],
    [500, {}, 'HTTP 500'],
    [200, {}, 'invite the app to the channel'],
  ])('Slack, by HTTP %i: the status says so', async (status, headers, said) => {
    const body = '{"ok":false,"error":"channel_not_found"}'
    slack.instead.set('chat.postMessage', { status, headers, body })
    server.put(request(1, {}))
    desk.trigger()
    const first = () => kept(server, request(1)).status?.notifications?.[0]
    await until(() => first() !== undefined)
    expect(first()).toMatchObject({ target: 'stewards', state: 'Failed', phase: 'Pending' })
    expect(first()?.message).toContain(said)
    expect(JSON.stringify(first())).not.toContain('xoxb')
    expect(phase()).toBe('Pending')
  })

  test('the message was deleted: that is no failure', async () => {
    await posted()
    slack.instead.set('chat.update', {
      status: 200,
      body: '{"ok":false,"error":"message_not_found"}',
    })
    await send(interaction(press('approve', approver), seconds()))
    const first = () => kept(server, request(1)).status?.notifications?.[0]
    await until(() => first()?.phase === 'Approved')
    expect(first()).toMatchObject({ state: 'Sent', message: 'The message is gone.' })
  })
})
