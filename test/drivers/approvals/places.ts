/** The three gateways that statements wait at, and the people who decide there. */

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import pino from 'pino'

import { approvalIn, approvalsBeside, openApprovals, ruleIn } from '../../../cli/up/approvals.ts'
import { startEmbedded, type Embedded } from '../../../cli/up/embedded.ts'
import { approvalDesk } from '../../../operator/approvals/desk.ts'
import { deskApprovals } from '../../../operator/approvals/local/desk-approvals.ts'
import { compileDirectory } from '../../../operator/compile/directory.ts'
import { readNotifySettings } from '../../../operator/notify/settings.ts'
import { startNotifications } from '../../../operator/notify/start.ts'
import type { Approvals } from '../../../sidecar/approvals/approvals.ts'
import type { Bundle } from '../../../sidecar/control/bundle.ts'
import { sealBundle } from '../../../sidecar/control/digest.ts'
import { openFileRecorder } from '../../../sidecar/recording/file-recorder.ts'
import { startGateway } from '../../../sidecar/start.ts'
import { keyPairSigner } from '../../../sidecar/upstream/key-pair.ts'
import { MemoryServer } from '../../operator/approvals/memory-store.ts'
import {
  interaction,
  pressed,
  slackStandIn,
  team,
} from '../../operator/notify/slack/slack-stand-in.ts'
import { logIn, startChromium } from '../../operator/page/support/chromium.ts'
import { startProvider } from '../../operator/page/support/provider.ts'
import { pageUrl, startPage } from '../../operator/page/support/whole-page.ts'
import { startGatewayProcess } from '../gateway.ts'
import type { Configuration } from './configuration.ts'
import { folderKeeper, memoryKeeper, type Keeper } from './keeper.ts'

const log = pino({ level: 'silent' })

export interface Place {
  readonly gateway: string
  readonly issuer: string
  readonly keeper: Keeper
  stop(): Promise<void>
}

export interface FolderPlace extends Place {
  readonly approvals: string
}

/** `frostgate up`, a process as any. */
export async function upPlace(
  { directory }: Configuration,
  folder: string,
): Promise<FolderPlace & { readonly reload: (said: string) => Promise<void> }> {
  const recording = join(folder, 'up.jsonl')
  const up = await startGatewayProcess(recording, { directory })
  const approvals = approvalsBeside(recording)
  const keeper = folderKeeper(approvals)
  return {
    ...{ gateway: up.gateway, issuer: up.issuer, keeper, approvals },
    reload: (said) => up.reload?.(said) ?? Promise.resolve(),
    stop: async () => {
      keeper.close()
      await up.stop()
    },
  }
}

/** Seconds after which rule soon-expired gives up; a policy may not write so few. */
export const soon = 15

/** For the two gateways of this process: one warehouse, one issuer. */
export async function embeddedFor({ directory }: Configuration): Promise<Embedded> {
  const compiled = await compileDirectory(directory)
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems))
  const policies = compiled.bundle.policies.map((policy) => ({
    ...policy,
    rules: policy.rules.map((rule) =>
      rule.name === 'soon-expired' && rule.approval !== undefined
        ? { ...rule, approval: { ...rule.approval, expiresAfter: soon } }
        : rule,
    ),
  }))
  return startEmbedded(sealBundle({ ...compiled.bundle, policies }), 0)
}

async function gatewayOf(embedded: Embedded, recording: string, approvals: Approvals) {
  const { bundle, privateKey } = embedded
  const { account, user } = bundle.connection
  const recorder = await openFileRecorder({ path: recording })
  const signer = keyPairSigner({ account, user, privateKey })
  const gateway = await startGateway({ bundle, recorder, port: 0, signer, log, approvals })
  return {
    url: gateway.url,
    close: async () => {
      await gateway.close('test')
      await recorder.close()
    },
  }
}

/** As `frostgate up` does it, with a rule that expires sooner. */
export async function soonPlace(
  embedded: Embedded,
  { directory }: Configuration,
  folder: string,
): Promise<FolderPlace> {
  const recording = join(folder, 'soon.jsonl')
  const approvals = approvalsBeside(recording)
  const opened = await openApprovals({
    ...{ folder: approvals, configuration: directory, log },
    bundle: () => embedded.bundle,
    onProblem: () => undefined,
  })
  const gateway = await gatewayOf(embedded, recording, opened.approvals)
  const keeper = folderKeeper(approvals)
  return {
    ...{ gateway: gateway.url, issuer: embedded.issuer.url, keeper, approvals },
    stop: async () => {
      keeper.close()
      await gateway.close()
      await opened.close()
    },
  }
}

export interface PeoplePlace extends Place {
  /** In Chromium, as Ada. */
  approveOnPage(request: string): Promise<void>
  /** The button of the message that has this in it, as Alice. */
  approveInSlack(mark: string): Promise<void>
}

const alice = 'U0APPROVER'

/**
 * The operator's page and Slack over a desk of this process. A folder takes signed decisions only, so
 * that requests are in memory, kept as an API server keeps them.
 */
export async function peoplePlace(embedded: Embedded, folder: string): Promise<PeoplePlace> {
  const server = new MemoryServer()
  const store = server.store()
  const keeper = memoryKeeper(store)
  const bundle = (): Bundle => embedded.bundle
  const desk = approvalDesk({ store, ruleOf: ruleIn(bundle), isLeader: () => true })
  const { namespace, name } = embedded.bundle.connection
  const asked = deskApprovals(desk, {
    ...{ namespace, connection: name, log },
    approvalOf: ({ rule }) => approvalIn(bundle(), rule),
  })
  const gateway = await gatewayOf(embedded, join(folder, 'people.jsonl'), asked.approvals)
  const slack = await slackStandIn()
  const notes = startNotifications({
    settings: readNotifySettings('notify.yaml', await slackSettings(folder, slack.api.url)),
    ...{ desk, store, isLeader: () => true, onProblem: () => undefined },
  })
  const provider = await startProvider(pageUrl)
  provider.groups.set('ada', ['data-stewards'])
  const over = { server, store, desk }
  const whole = await startPage(provider, { over, ...(notes.slack ? { slack: notes.slack } : {}) })
  const browser = await startChromium(whole.port)
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  const first = logIn(context, 'ada')
  first.catch(() => undefined)
  return {
    ...{ gateway: gateway.url, issuer: embedded.issuer.url, keeper },
    approveOnPage: async (request) => {
      await first
      const page = await context.newPage()
      await page.goto(`${pageUrl}/requests/${namespace}/${request}`)
      await page.getByRole('button', { name: 'Approve' }).click()
      await page.getByRole('heading', { name: 'You approved it' }).waitFor()
      await page.close()
    },
    approveInSlack: async (mark) => {
      const value = await buttonOf(() => slack.calls('chat.postMessage'), mark)
      const action = 'frostgate_approve'
      const press = pressed({ action, value, user: alice, responseUrl: `${slack.api.url}/hooks/T/1/a` }) // prettier-ignore
      const { headers, rawBody } = interaction(press, Math.floor(Date.now() / 1000))
      const path = '/slack/interactions'
      const { status, body } = await whole.browser().post(path, rawBody.toString(), headers)
      if (status !== 200) throw new Error(`Slack was answered ${status}: ${body}`)
    },
    stop: async () => {
      await browser.close()
      await whole.close()
      await provider.close()
      await notes.stop()
      await slack.api.close()
      await gateway.close()
      asked.stop()
      await desk.stop()
    },
  }
}

async function slackSettings(folder: string, url: string): Promise<string> {
  const secrets = join(folder, 'slack')
  await mkdir(secrets)
  await writeFile(join(secrets, 'token'), 'xoxb-1234567890-abcdef\n')
  await writeFile(join(secrets, 'signing'), `${'a'.repeat(32)}\n`)
  return `
slack:
  teamId: ${team}
  apiUrl: ${url}/api/
  tokenFile: ${secrets}/token
  signingSecretFile: ${secrets}/signing
  channels: [{ name: stewards, channel: C0123456789 }]
  people:
    ${alice}: { issuer: 'https://idp.example', subject: alice, groups: [data-stewards] }
`
}

interface Button {
  readonly action_id?: string
  readonly value?: string
}

const patience = { looks: 150, everyMs: 100 } as const

async function buttonOf(
  calls: () => readonly Readonly<Record<string, string>>[],
  mark: string,
): Promise<string> {
  for (let look = 0; look < patience.looks; look += 1) {
    const text = calls().find(({ blocks = '' }) => blocks.includes(mark))?.['blocks'] ?? '[]'
    const blocks = JSON.parse(text) as readonly { readonly elements?: readonly Button[] }[]
    const buttons = blocks.flatMap(({ elements = [] }) => elements)
    const value = buttons.find(({ action_id: id }) => id === 'frostgate_approve')?.value
    if (value !== undefined) return value
    await new Promise((resolve) => setTimeout(resolve, patience.everyMs))
  }
  throw new Error(`no message in Slack has a button for ${mark}`)
}
