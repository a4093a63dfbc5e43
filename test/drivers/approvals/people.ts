/** What people do meanwhile, each by the means that they have. */

import { randomUUID } from 'node:crypto'

import type { ApprovalRequest } from '../../../crds/types.ts'
import { frostgate } from '../../cli/frostgate.ts'
import type { CaptureProxy } from '../../wire/capture-proxy.ts'
import { httpMessages } from '../../wire/http-messages.ts'
import { textAt } from '../foreign.ts'
import type { Configuration } from './configuration.ts'
import type { FolderPlace, PeoplePlace } from './places.ts'
import type { People } from './scenarios.ts'

export interface Means {
  readonly client: string
  readonly configuration: Configuration
  readonly folder: FolderPlace | undefined
  readonly others: PeoplePlace | undefined
  /** Between the client and its gateway. */
  readonly proxy: CaptureProxy
  readonly reload: (said: string) => Promise<void>
  /** In the session of whoever owns the tables. */
  readonly alter: () => Promise<unknown>
}

export function peopleWith(means: Means): People {
  const { client, configuration, folder, others, proxy, reload, alter } = means
  const decide = async (verb: string, request: ApprovalRequest, reason: string): Promise<void> => {
    const { metadata, spec } = request
    const { code, stdout, stderr } = await frostgate([
      verb, metadata.name, '--approvals', folder?.approvals ?? '', '--key', configuration.key,
      '--digest', spec.statementDigest, '--reason', reason, '--yes',
    ]) // prettier-ignore
    if (code !== 0) throw new Error(`frostgate ${verb}: ${stdout}${stderr}`)
  }
  const missing = (): Promise<never> => Promise.reject(new Error('they are not here'))
  return {
    approve: (request) => decide('approve', request, 'For a test.'),
    deny: (request, reason) => decide('deny', request, reason),
    onPage: ({ metadata }) => others?.approveOnPage(metadata.name) ?? missing(),
    inSlack: (mark) => others?.approveInSlack(mark) ?? missing(),
    alterTable: async () => {
      await alter()
    },
    changeRule: async () => {
      await configuration.changeRule(client)
      // The approval must come after.
      await reload(`AgentPolicy rule-of-${client} changed`)
    },
    inSameSession: async (mark, sql) => {
      const token = sessionOf(proxy, mark)
      await statement(proxy.url, token, sql)
    },
  }
}

export interface Session {
  execute(sql: string): Promise<void>
}

export async function logInAt(gateway: string, token: string): Promise<Session> {
  const session = await textAt(`${gateway}/session/v1/login-request`, 'token', {
    data: { ACCOUNT_NAME: 'acme-demo', AUTHENTICATOR: 'OAUTH', TOKEN: token },
  })
  return { execute: (sql) => statement(gateway, session, sql) }
}

async function statement(gateway: string, session: string, sqlText: string): Promise<void> {
  const path = `/queries/v1/query-request?requestId=${randomUUID()}`
  const response = await fetch(`${gateway}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Snowflake Token="${session}"` },
    body: JSON.stringify({ sqlText }),
  })
  const { success, message } = (await response.json()) as {
    readonly success?: boolean
    readonly message?: string | null
  }
  if (success !== true) throw new Error(`${sqlText}: ${message ?? response.status}`)
}

/** The token of the session in which the statement came. */
function sessionOf(proxy: CaptureProxy, mark: string): string {
  for (const { sent } of proxy.conversations()) {
    const found = httpMessages(sent).find(({ body }) => body.includes(mark))
    const token = /Token="([^"]+)"/.exec(found?.headers.get('authorization') ?? '')?.[1]
    if (token !== undefined) return token
  }
  throw new Error(`no session sent ${mark}`)
}
