/** Everything that tells people, from the settings. */

import { readFile } from 'node:fs/promises'

import type { ApprovalDesk, ApprovalStore } from '../approvals/types.ts'
import { notifier } from './notifier.ts'
import { readNotifySettings, type NotifySettings } from './settings.ts'
import { slackAnswers } from './slack/answers.ts'
import { slackChannel } from './slack/channel.ts'
import { slackClient, slackToken, type SlackClient } from './slack/client.ts'
import { SlackDecisions } from './slack/decisions.ts'
import { slackRoutes, type SlackRoutes } from './slack/routes.ts'
import { signingSecrets, verifier } from './slack/verify.ts'
import type { Target } from './target.ts'
import { webhookSecret } from './webhook/signature.ts'
import { webhookTarget } from './webhook/webhook.ts'

export interface NotificationsOptions {
  readonly settings: NotifySettings
  readonly desk: Pick<ApprovalDesk, 'decide' | 'mayDecide'>
  /** Started. */
  readonly store: ApprovalStore
  readonly isLeader: () => boolean
  readonly now?: () => Date
  readonly onProblem: (problem: string, error: unknown) => void
  /** An attempt to tell a target has ended. */
  readonly onTold?: (target: string, outcome: 'sent' | 'failed') => void
}

export interface Notifications {
  /** Undefined without Slack. Every replica answers Slack, whoever leads. */
  readonly slack: SlackRoutes | undefined
  /** To be called on becoming leader. */
  lookAgain(): void
  stop(): Promise<void>
}

/** @throws Error that names the file, the line, and what to write instead. */
export async function notifySettingsFrom(file: string): Promise<NotifySettings> {
  return readNotifySettings(file, await readFile(file, 'utf8'))
}

export function startNotifications(options: NotificationsOptions): Notifications {
  const { settings, store, isLeader, now = () => new Date(), onProblem } = options
  const { webhooks, pageUrl, slack } = settings
  const client =
    slack === undefined
      ? undefined
      : slackClient({ token: slackToken(slack.tokenFile), apiUrl: slack.apiUrl, now })
  const targets: readonly Target[] = [
    ...webhooks.map((each) =>
      webhookTarget({ settings: each, pageUrl, secret: webhookSecret(each.secretFile), now }),
    ),
    ...(client === undefined
      ? []
      : (slack?.channels ?? []).map((each) => slackChannel({ settings: each, pageUrl, client }))),
  ]
  const counted = targets.map((target) => counting(target, options.onTold))
  const telling = notifier({ store, isLeader, targets: counted, now, onProblem })
  const routes = client === undefined ? undefined : routesOf(options, client)
  return {
    slack: routes,
    lookAgain: telling.lookAgain,
    stop: async () => {
      await Promise.all([telling.stop(), routes?.settled()])
    },
  }
}

function counting(target: Target, onTold: NotificationsOptions['onTold']): Target {
  const { name, atOnce } = target
  return {
    ...{ name, atOnce },
    wants: (request) => target.wants(request),
    tell: async (request, phase, reference) => {
      try {
        const told = await target.tell(request, phase, reference)
        if (told.nothing === undefined) onTold?.(name, 'sent')
        return told
      } catch (error) {
        onTold?.(name, 'failed')
        throw error
      }
    },
  }
}

function routesOf(options: NotificationsOptions, client: SlackClient): SlackRoutes | undefined {
  const { desk, store, onProblem, now = () => new Date() } = options
  const { slack, pageUrl } = options.settings
  if (slack === undefined) return undefined
  return slackRoutes({
    teamId: slack.teamId,
    verify: verifier({ secrets: signingSecrets(slack.signingSecretFile), now }),
    decisions: new SlackDecisions({ settings: slack, pageUrl, desk, store }),
    client,
    answers: slackAnswers(slack.apiUrl),
    onProblem,
  })
}
