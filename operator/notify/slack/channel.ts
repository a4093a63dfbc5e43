/** A channel of Slack: a message for each request, brought up to date when it ends. */

import { pageOf } from '../summary.ts'
import type { SlackChannel } from '../settings.ts'
import { DeliveryFailed, type Target } from '../target.ts'
import { wantsConnections } from '../wants.ts'
import type { SlackClient } from './client.ts'
import { messageOf } from './message.ts'

export interface SlackChannelOptions {
  readonly settings: SlackChannel
  readonly pageUrl: string | undefined
  readonly client: SlackClient
}

export function slackChannel({ settings, pageUrl, client }: SlackChannelOptions): Target {
  const { name, channel, connections } = settings
  return {
    name,
    // Slack takes about one message a second for a channel.
    atOnce: 1,
    wants: wantsConnections(connections),
    tell: async (request, phase, reference) => {
      const message = messageOf(request, phase, pageOf(pageUrl, request.metadata))
      const posted = readReference(reference)
      if (posted !== undefined) {
        const updated = await client.update(posted.channel, posted.ts, message)
        // One that somebody deleted is not posted again.
        return updated ? {} : { nothing: 'The message is gone.' }
      }
      if (phase !== 'Pending') return { nothing: 'It ended before it could be posted.' }
      const ts = await client.post(channel, message)
      if (!tsForm.test(ts)) throw new DeliveryFailed('target', 'Slack did not say which message.')
      return { reference: `${channel}/${ts}` }
    },
  }
}

const tsForm = /^\d{1,15}\.\d{1,10}$/

function readReference(text: string | undefined) {
  const [channel = '', ts = ''] = (text ?? '').split('/')
  return /^[CG][A-Z0-9]+$/.test(channel) && tsForm.test(ts) ? { channel, ts } : undefined
}
