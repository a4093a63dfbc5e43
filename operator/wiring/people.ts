/** How people hear of requests and decide them beside kubectl: the page, Slack, webhooks. */

import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Logger } from 'pino'

import type { ApprovalDesk, ApprovalStore } from '../approvals/types.ts'
import type { Leaf } from '../certs/certificate-authority.ts'
import type { NotificationsOptions } from '../notify/start.ts'
import type { ApprovalsPageOptions } from '../page/page.ts'
import type { PageSettings } from '../page/settings.ts'
import type { Settings } from '../settings.ts'

export interface PeopleOptions {
  readonly settings: Pick<Settings, 'pagePort' | 'pageTlsFolder' | 'notifyFile'>
  /** Undefined: no page. */
  readonly page: PageSettings | undefined
  readonly desk: ApprovalDesk
  readonly store: ApprovalStore
  readonly isLeader: () => boolean
  /** Somebody was told of a request, or could not be. */
  readonly onTold: NonNullable<NotificationsOptions['onTold']>
  readonly authority: { leaf(): Leaf; seal(text: string): string }
  readonly log: Logger
}

export interface People {
  /** Of the page and Slack's calls; undefined where there is neither. */
  readonly port: number | undefined
  /** This replica has come to lead. */
  leading(): void
  /** The certificate may have changed. */
  renewLeaf(): void
  stop(): Promise<void>
}

/**
 * Of the approvals page, if there is to be one. A mistake in them is logged and leaves the page away:
 * pods must go on being judged and served meanwhile.
 */
export async function pageSettings(
  { pageFile }: Pick<Settings, 'pageFile'>,
  log: Pick<Logger, 'error'>,
): Promise<PageSettings | undefined> {
  if (pageFile === undefined) return undefined
  try {
    const { readPageSettings } = await import('../page/settings.ts')
    return readPageSettings(await readFile(pageFile, 'utf8'))
  } catch (error) {
    log.error({ err: error, file: pageFile }, 'there is no approvals page: its settings are wrong')
    return undefined
  }
}

/**
 * Loads what is used only: an operator without page and Slack is smaller by their packages. Rejects
 * if the port is taken.
 */
export async function startPeople(options: PeopleOptions): Promise<People> {
  const told = await tellPeople(options)
  try {
    const page = await servePage(options, told?.slack)
    return {
      port: page?.port,
      leading: () => told?.lookAgain(),
      renewLeaf: () => {
        try {
          page?.renewLeaf()
        } catch (error) {
          options.log.error(
            { err: error },
            "the page's certificate cannot be used; the one before stays",
          )
        }
      },
      stop: async () => {
        await Promise.all([page?.close(), told?.stop()])
      },
    }
  } catch (error) {
    await told?.stop()
    throw error
  }
}

async function tellPeople({ settings, desk, store, isLeader, onTold, log }: PeopleOptions) {
  const { notifyFile } = settings
  if (notifyFile === undefined) return undefined
  const { notifySettingsFrom, startNotifications } = await import('../notify/start.ts')
  try {
    return startNotifications({
      settings: await notifySettingsFrom(notifyFile),
      ...{ desk, store, isLeader, onTold },
      onProblem: (problem, error) => {
        log.warn({ err: error }, problem)
      },
    })
  } catch (error) {
    log.error(
      { err: error, file: notifyFile },
      'nobody is told of requests: its settings are wrong',
    )
    return undefined
  }
}

async function servePage(options: PeopleOptions, slack: ApprovalsPageOptions['slack']) {
  const { page, settings, desk, store, authority, log } = options
  if (page === undefined) {
    if (slack !== undefined)
      log.error(
        'Slack calls back at the port of the approvals page, and there is none: its buttons do nothing',
      )
    return undefined
  }
  const { approvalsPage } = await import('../page/page.ts')
  const served = approvalsPage({
    ...{ desk, store, log },
    settings: page,
    tls: () => leafOf(settings.pageTlsFolder, () => authority.leaf()),
    // The same at each replica, and stable: the key behind it is in the operator's own Secret. What
    // is sealed otherwise begins with a version.
    sessionKey: () => Buffer.from(authority.seal('sessions of the approvals page'), 'base64url'),
    ...(slack === undefined ? {} : { slack }),
  })
  await served.listen(settings.pagePort)
  return served
}

/** Read at each renewal: a Secret that is mounted changes in place. */
function leafOf(folder: string | undefined, own: () => Leaf): Leaf {
  if (folder === undefined) return own()
  const [cert, key] = ['tls.crt', 'tls.key'].map((name) => readFileSync(join(folder, name), 'utf8'))
  return { cert: cert ?? '', key: key ?? '' }
}
