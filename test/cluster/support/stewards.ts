/** People who decide about requests of a cluster: by kubectl, by command, on the page, in Slack. */

import { readFile, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'

import type { Browser, BrowserContext } from 'playwright-core'
import { parse, stringify } from 'yaml'

import {
  interaction,
  pressed,
  submitted,
  type SlackStandIn,
} from '../../operator/notify/slack/slack-stand-in.ts'
import { logIn, startChromium } from '../../operator/page/support/chromium.ts'
import { pageUrl } from '../../operator/page/support/whole-page.ts'
import type { Cluster } from '../cluster.ts'
import { run } from '../command.ts'
import { repository } from '../images.ts'
import { people, stewards, type RequestObject } from './approvals.ts'
import { release } from './frostgate.ts'
import { waitUntil } from '../wait.ts'

export type Verdict = 'Approve' | 'Deny'
/** Resolves once the person's tool has said that it was taken. */
export type Decide = (request: RequestObject, verdict: Verdict, reason: string) => Promise<void>

export function byKubectl({ kubectl }: Cluster): Decide {
  return async ({ metadata, spec }, verdict, reason) => {
    const decision = {
      apiVersion: 'frostgate.dev/v1alpha1',
      kind: 'ApprovalDecision',
      metadata: { namespace: release.namespace, name: `${metadata.name}-${people.kubectl}` },
      spec: {
        requestRef: { name: metadata.name },
        statementDigest: spec.statementDigest,
        verdict,
        reason,
      },
    }
    const args = ['create', '-f', '-', `--as=${people.kubectl}`, `--as-group=${stewards}`]
    await kubectl.run(args, { input: JSON.stringify(decision) })
  }
}

/** The program itself, with a kubeconfig of its user's. */
export async function byCommand({ facts }: Cluster): Promise<Decide> {
  const file = join(facts.runFolder, `${people.cli}.kubeconfig`)
  const known = parse(await readFile(facts.kubeconfig, 'utf8')) as {
    readonly users: readonly { readonly name: string; readonly user: object }[]
  }
  const users = known.users.map(({ name, user }) => ({ name, user: { ...user, as: people.cli } }))
  await writeFile(file, stringify({ ...known, users }), { mode: 0o600 })
  return async ({ metadata, spec }, verdict, reason) => {
    const program = join(repository, 'cli', 'main.ts')
    await run(process.execPath, [
      program, verdict === 'Approve' ? 'approve' : 'deny', metadata.name, '--yes',
      '--kubeconfig', file, '--digest', spec.statementDigest, '--reason', reason,
    ]) // prettier-ignore
  }
}

export interface PagePerson {
  readonly decide: Decide
  close(): Promise<void>
}

/** In Chromium, once logged in at the provider. */
export async function onPage(port: number): Promise<PagePerson> {
  const browser: Browser = await startChromium(port)
  try {
    const context: BrowserContext = await browser.newContext({ ignoreHTTPSErrors: true })
    context.setDefaultTimeout(20_000)
    const first = await logIn(context, people.page)
    await first.close()
    return {
      decide: async ({ metadata }, verdict, reason) => {
        const page = await context.newPage()
        await page.goto(`${pageUrl}/requests/${release.namespace}/${metadata.name}`)
        await page.getByLabel('Reason').fill(reason)
        await page.getByRole('button', { name: verdict, exact: true }).click()
        const done = verdict === 'Approve' ? 'You approved it' : 'You denied it'
        await page.getByRole('heading', { name: done }).waitFor()
        await page.close()
      },
      close: () => browser.close(),
    }
  } catch (error) {
    await browser.close()
    throw error
  }
}

/** By the buttons of the message that Slack was sent; what Slack sends then is signed. */
export function inSlack(slack: SlackStandIn, port: number): Decide {
  const { user } = people.slack
  const send = async (payload: unknown): Promise<void> => {
    const { headers, rawBody } = interaction(payload, Math.floor(Date.now() / 1000))
    const { status, body } = await post(port, headers, rawBody)
    if (status !== 200) throw new Error(`the operator answered Slack ${status}: ${body}`)
  }
  return async ({ metadata }, verdict, reason) => {
    const { value } = await waitUntil(
      'the message in Slack',
      () => buttonOf(slack, metadata.name, verdict),
      (found) => found.value !== '',
    )
    const responseUrl = `${hooks(slack)}/hooks/${metadata.name}`
    const answers = slack.answers().length
    const action = verdict === 'Approve' ? 'frostgate_approve' : 'frostgate_deny'
    await send(pressed({ action, value, user, responseUrl }))
    if (verdict === 'Deny') {
      const { view } = await waitUntil(
        'the form in Slack',
        () => ({
          view: slack.calls('views.open').findLast((call) => call['view']?.includes(value)),
        }),
        (found) => found.view !== undefined,
      )
      const form = JSON.parse(view?.['view'] ?? '{}') as { readonly private_metadata: string }
      await send(submitted(form.private_metadata, reason, user))
    }
    await waitUntil(
      'an answer in Slack',
      () => slack.answers().length,
      (count) => count > answers,
    )
  }
}

const hooks = (slack: SlackStandIn): string => {
  const { protocol, host } = new URL(slack.api.url)
  return `${protocol}//hooks.${host}`
}

function buttonOf(slack: SlackStandIn, request: string, verdict: Verdict): { value: string } {
  const messages = slack.calls('chat.postMessage').map(({ blocks = '[]' }) => blocks)
  const action = verdict === 'Approve' ? 'frostgate_approve' : 'frostgate_deny'
  const values = messages.flatMap((blocks) =>
    (JSON.parse(blocks) as readonly Block[]).flatMap(({ elements = [] }) =>
      elements.flatMap(({ action_id: id, value }) => (id === action ? [value ?? ''] : [])),
    ),
  )
  const value = values.find((each) => each.startsWith(`${release.namespace}/${request} `))
  return { value: value ?? '' }
}

interface Block {
  readonly elements?: readonly { readonly action_id?: string; readonly value?: string }[]
}

/** As Slack would, at the page's own name; whose certificate it is there is another suite's. */
function post(
  port: number,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
): Promise<{ readonly status: number; readonly body: string }> {
  const { hostname } = new URL(pageUrl)
  return new Promise((resolve, reject) => {
    const call = request(
      {
        ...{ host: '127.0.0.1', port, path: '/slack/interactions', method: 'POST' },
        headers: { ...headers, host: hostname, 'content-length': body.length },
        servername: hostname,
        rejectUnauthorized: false,
      },
      (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (piece: string) => (text += piece))
        answer.on('end', () => {
          resolve({ status: answer.statusCode ?? 0, body: text })
        })
      },
    )
    call.on('error', reject)
    call.end(body)
  })
}
