/** Tells the person who pressed a button, and nobody else, what came of it. */

import { escaped } from './text.ts'

export interface SlackAnswers {
  /** Whether answers may be sent there. */
  allowed(address: string): boolean
  /** Resolves when Slack took it; rejects with a sentence. */
  say(address: string, sentence: string): Promise<void>
}

/**
 * Slack says with each interaction where to answer it. That is an address from outside: only
 * `hooks.` of Slack's own host is one, or a stand-in for Slack on loopback itself.
 */
export function slackAnswers(apiUrl: string, timeoutMs = 5_000): SlackAnswers {
  const api = new URL(apiUrl)
  const origin = api.protocol === 'https:' ? `https://hooks.${api.host}` : api.origin
  const allowed = (address: string): boolean => {
    const url = URL.parse(address)
    return url !== null && url.origin === origin && url.username === '' && url.password === ''
  }
  return {
    allowed,
    say: async (address, sentence) => {
      if (!allowed(address)) throw new Error(`answers go to ${origin} only`)
      const body = JSON.stringify({
        response_type: 'ephemeral',
        replace_original: false,
        parse: 'none',
        link_names: false,
        text: escaped(sentence),
      })
      const response = await fetch(address, {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      }).catch((error: unknown) => {
        // Its message may hold the address, which is as good as a password for half an hour.
        throw new Error(`Slack did not take an answer (${(error as Error).name})`)
      })
      await response.body?.cancel()
      if (!response.ok) throw new Error(`Slack answered HTTP ${response.status} to an answer`)
    },
  }
}
