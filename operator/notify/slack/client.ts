/** Slack's Web API, through Slack's own library, which is loaded only where Slack is used. */

import type { ChatPostMessageArguments, View, WebClient } from '@slack/web-api'

import { retryAfterMs, DeliveryFailed } from '../target.ts'
import { secretFile, type Secret } from '../secret-file.ts'
import type { SlackMessage } from './message.ts'

export interface SlackClient {
  /** Gives the time stamp that names the message in its channel. */
  post(channel: string, message: SlackMessage): Promise<string>
  /** False if the message is gone, or may not be changed any more. */
  update(channel: string, ts: string, message: SlackMessage): Promise<boolean>
  openForm(trigger: string, view: View): Promise<void>
}

export interface SlackClientOptions {
  readonly token: Secret<string>
  readonly apiUrl: string
  /** For the whole of a call. */
  readonly timeoutMs?: number
  readonly now?: () => Date
}

export function slackToken(path: string, now?: () => number): Secret<string> {
  return secretFile(
    {
      path,
      what: "the token of Slack's bot",
      parse: (text) => /^xoxb-[A-Za-z0-9-]{10,255}$/.exec(text.trim())?.[0],
      advice: 'Write the "Bot User OAuth Token" of the app, which begins with xoxb-.',
    },
    now,
  )
}

/** Each call resolves, or rejects with `DeliveryFailed`. */
export function slackClient(options: SlackClientOptions): SlackClient {
  const { token, apiUrl, timeoutMs = 10_000, now = () => new Date() } = options
  let kept: { readonly token: string; readonly client: WebClient } | undefined
  const client = async (): Promise<WebClient> => {
    const current = await token().catch((error: unknown) => {
      throw new DeliveryFailed('target', error instanceof Error ? error.message : String(error))
    })
    if (kept?.token !== current) kept = { token: current, client: await made(current) }
    return kept.client
  }
  const made = async (current: string): Promise<WebClient> => {
    const { WebClient } = await import('@slack/web-api')
    return new WebClient(current, {
      slackApiUrl: apiUrl,
      timeout: timeoutMs,
      // Retrying is the lane's work: it knows when a request has ended.
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      allowAbsoluteUrls: false,
      logger: silent,
    })
  }
  const call = async <T>(work: (client: WebClient) => Promise<T>): Promise<T> => {
    const ready = await client()
    try {
      return await work(ready)
    } catch (error) {
      throw await failure(error, now())
    }
  }
  return {
    post: async (channel, message) => {
      const { ts } = await call((web) => web.chat.postMessage(quietly(channel, message)))
      if (ts === undefined) throw new DeliveryFailed('target', 'Slack did not say which message.')
      return ts
    },
    update: async (channel, ts, message) => {
      try {
        await call((web) => web.chat.update({ ...quietly(channel, message), ts }))
        return true
      } catch (error) {
        if (error instanceof SlackRefused && unchangeable.has(error.code)) return false
        throw error
      }
    },
    openForm: async (trigger, view) => {
      await call((web) => web.views.open({ trigger_id: trigger, view }))
    },
  }
}

/** Nothing in it is made into a link, a mention or a preview. */
function quietly(channel: string, message: SlackMessage) {
  return {
    channel,
    ...message,
    mrkdwn: false,
    parse: 'none',
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
  } as const satisfies ChatPostMessageArguments
}

export class SlackRefused extends DeliveryFailed {
  /** Slack's own word, such as `channel_not_found`. */
  readonly code: string

  constructor(of: DeliveryFailed['of'], code: string) {
    super(of, `Slack answered ${code}. ${advice[code] ?? 'See what Slack says about that word.'}`)
    this.code = code
  }
}

const unchangeable: ReadonlySet<string> = new Set([
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
])

const advice: Readonly<Record<string, string>> = {
  channel_not_found: "Write the channel's id into the settings, and invite the app to the channel.",
  not_in_channel: 'Invite the app to the channel.',
  is_archived: 'The channel is archived; write another into the settings.',
  invalid_auth: "The token is not good; put the app's token into its Secret.",
  not_authed: "The token is not good; put the app's token into its Secret.",
  token_revoked: "The token was revoked; put the app's new one into its Secret.",
  account_inactive: 'The app was removed; install it again, and put its token into the Secret.',
  missing_scope: 'Give the app the scope chat:write, and install it again.',
}

/** About one message; whatever else Slack refuses, it would refuse of others as well. */
const ofRequest: ReadonlySet<string> = new Set([
  'msg_too_long',
  'msg_blocks_too_long',
  'invalid_blocks',
  'invalid_blocks_format',
  'no_text',
  'duplicate_message_not_found',
  'expired_trigger_id',
  'trigger_expired',
  'exchanged_trigger_id',
  ...unchangeable,
])

/** Messages of the library may hold addresses and answers: they are not passed on. */
async function failure(error: unknown, now: Date): Promise<DeliveryFailed> {
  const { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError } =
    await import('@slack/web-api')
  if (error instanceof WebAPIRateLimitedError) {
    const wait = retryAfterMs(String(error.retryAfter), now)
    return new DeliveryFailed('target', 'Slack asks to be called less often.', wait)
  }
  if (error instanceof WebAPIHTTPError) {
    const wait = retryAfterMs(error.headers['retry-after'], now)
    const message = `Slack answered HTTP ${error.statusCode}. It is tried again until the request ends.`
    return new DeliveryFailed('target', message, wait)
  }
  if (error instanceof WebAPIPlatformError) {
    const code = /^[a-z_]{1,64}$/.test(error.data.error) ? error.data.error : 'something unexpected'
    return new SlackRefused(ofRequest.has(code) ? 'request' : 'target', code)
  }
  const why =
    'Slack did not answer. It is tried again until the request ends; see that the operator reaches it.'
  return new DeliveryFailed('target', why)
}

/** The library would log requests and answers. */
const nothing = (): void => undefined
const silent = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  getLevel: () => 'error' as never,
  setName: nothing,
}
