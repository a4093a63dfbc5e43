/** The page as the operator starts it, with a provider beside it. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { pino } from 'pino'

import { makeLeaf } from '../../../../operator/certs/certificate.ts'
import { makeGeneration } from '../../../../operator/certs/material.ts'
import { approvalDesk, type RunningDesk } from '../../../../operator/approvals/desk.ts'
import type { ApprovalDesk } from '../../../../operator/approvals/types.ts'
import type { OtherCalls } from '../../../../operator/page/context.ts'
import type { PageLimits } from '../../../../operator/page/limits.ts'
import { approvalsPage, type ApprovalsPage } from '../../../../operator/page/page.ts'
import { readPageSettings } from '../../../../operator/page/settings.ts'
import { MemoryServer, type MemoryStore } from '../../approvals/memory-store.ts'
import { Browser } from './browser.ts'
import { FakeDesk } from './requests.ts'

export const pageUrl = 'https://approvals.test'

export interface WholePage {
  readonly page: ApprovalsPage
  readonly port: number
  readonly ca: string
  readonly server: MemoryServer
  readonly store: MemoryStore
  /** What has been decided, unless the page has the operator's own desk. */
  readonly desk: FakeDesk
  /** Each line that was logged. */
  readonly logged: string[]
  /** Added to the page's clock. */
  skew: number
  browser(): Browser
  close(): Promise<void>
}

export interface Identity {
  readonly issuer: string
  readonly clientId: string
  readonly secret?: string
}

export async function startPage(
  { issuer, clientId, secret }: Identity,
  {
    settings = {},
    limits = {},
    ownDesk = false,
    over,
    slack,
  }: {
    readonly settings?: Readonly<Record<string, unknown>>
    readonly limits?: Partial<PageLimits>
    /** The operator's, which also writes what follows. */
    readonly ownDesk?: boolean
    /** Instead of a desk of its own. */
    readonly over?: {
      readonly server: MemoryServer
      readonly store: MemoryStore
      readonly desk: ApprovalDesk
    }
    readonly slack?: OtherCalls
  } = {},
): Promise<WholePage> {
  const folder = await mkdtemp(join(tmpdir(), 'page-'))
  const clientSecretFile = join(folder, 'secret')
  if (secret !== undefined) await writeFile(clientSecretFile, `${secret}\n`)
  const [from, until] = [Date.now(), Date.now() + 3_600_000]
  const generation = await makeGeneration('issuing', from, until - from)
  const { key, certificate } = await makeLeaf(generation, ['approvals.test'], { from, until })
  const leaf = { key: key.export({ type: 'pkcs8', format: 'pem' }).toString(), cert: certificate }
  const server = over?.server ?? new MemoryServer()
  const store = over?.store ?? server.store()
  const desk = new FakeDesk(server, store)
  const own = ownDesk ? deskOf(store) : undefined
  const logged: string[] = []
  const browsers: Browser[] = []
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) })
  const page = approvalsPage({
    desk: over?.desk ?? own ?? desk,
    slack,
    store,
    log,
    limits: { gatherMs: 20, ...limits },
    now: () => Date.now() + whole.skew,
    tls: () => leaf,
    sessionKey: () => new Uint8Array(32).fill(7),
    settings: readPageSettings(
      JSON.stringify({
        url: pageUrl,
        issuer,
        clientId,
        ...(secret === undefined ? {} : { clientSecretFile }),
        ...settings,
      }),
    ),
  })
  const port = await page.listen(0, '127.0.0.1')
  const whole: WholePage = {
    ...{ page, port, ca: generation.certificate, server, store, desk, logged },
    skew: 0,
    browser: () => {
      const made = new Browser(pageUrl, port, generation.certificate)
      browsers.push(made)
      return made
    },
    close: async () => {
      await Promise.all(browsers.map((browser) => browser.close()))
      await page.close()
      await own?.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return whole
}

/** By whose rule two kinds of people decide. */
function deskOf(store: MemoryStore): RunningDesk {
  return approvalDesk({
    store,
    isLeader: () => true,
    ruleOf: (_connection, { rule }) => ({
      approvers: ['data-stewards'],
      count: rule === 'two-people' ? 2 : 1,
      expiresAfter: 900,
    }),
  })
}
