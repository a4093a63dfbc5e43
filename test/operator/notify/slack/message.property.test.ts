import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { ApprovalRequest } from '../../../../crds/types.ts'
import {
  isShownWhole,
  messageOf,
  mostCharacters,
} from '../../../../operator/notify/slack/message.ts'
import { escaped } from '../../../../operator/notify/slack/text.ts'
import { slackAnswers } from '../../../../operator/notify/slack/answers.ts'
import { readButtonValue } from '../../../../operator/notify/slack/actions.ts'
import { visibleText } from '../../../../sidecar/statement/visible-text.ts'
import { request } from '../support.ts'

const hostile = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }),
  fc
    .array(
      fc.constantFrom(
        '<!channel>',
        '<!here|x>',
        '<@U0APPROVER>',
        '<https://evil.example|Approve>',
        '```',
        '*_~`',
        '&lt;!channel&gt;',
        '\u202e',
        '\u200b',
        '\n',
        '@here',
        'https://evil.example',
        '"'.repeat(300),
        '😀'.repeat(50),
      ),
      { minLength: 1, maxLength: 60 },
    )
    .map((parts) => parts.join('')),
)
const few = fc.array(hostile, { maxLength: 40 })

const requests = fc
  .record({ text: hostile, more: few, statement: hostile, by: hostile, reason: hostile })
  .map(({ text, more, statement, by, reason }): ApprovalRequest => {
    const spec = {
      statement,
      reason: text,
      agentReason: text,
      connectionRef: { name: text },
      principal: { provider: text, issuer: text, subject: text, run: text },
      objects: more.map((name) => ({ name, access: text })),
      binds: more.map((value) => ({ name: '1', type: 'TEXT', value })),
      variables: more.map((value) => ({ name: text, value })),
      maskedColumns: more,
      rules: more.map((rule) => ({ policy: text, rule })),
      role: text,
      warehouse: text,
    }
    const decided = { name: 'd', username: by, verdict: 'Deny', reason, time: 'now' } as const
    return request(1, { phase: 'Denied', decisions: [decided] }, spec)
  })

interface Node {
  readonly type?: string
  readonly text?: unknown
}

/** Every object of the message, at any depth. */
function nodes(value: unknown): readonly Node[] {
  if (Array.isArray(value)) return value.flatMap(nodes)
  if (typeof value !== 'object' || value === null) return []
  return [value, ...Object.values(value).flatMap(nodes)]
}

describe('Whatever a request says', () => {
  test('its message holds nothing but text: no link, mention or markup of its making', () => {
    fc.assert(
      fc.property(
        requests,
        fc.constantFrom('Pending' as const, 'Denied' as const),
        (each, phase) => {
          const { text, blocks } = messageOf(each, phase, 'https://approvals.example/x')
          // Slack reads this one as mrkdwn.
          expect(text).not.toMatch(/[<>]/)
          expect(text.replace(/&(amp|lt|gt);/g, '')).not.toContain('&')
          const known = new Set([
            'header',
            'rich_text',
            'rich_text_section',
            'rich_text_preformatted',
            'text',
            'actions',
            'button',
            'plain_text',
          ])
          for (const node of nodes(blocks)) {
            if (node.type !== undefined) expect(known).toContain(node.type)
            // In rich text it is shown as it is; where Slack reads more into it, it is our own.
            if (node.type === 'plain_text') expect(String(node.text)).toMatch(/^[A-Za-z :,.?…]+$/)
          }
          const all = JSON.stringify(blocks)
          expect(all.length).toBeLessThanOrEqual(mostCharacters)
          expect(all).not.toMatch(/[\u202e\u200b]/)
          expect(all.isWellFormed()).toBe(true)
          for (const node of nodes(blocks))
            if (typeof node.text === 'string') expect(node.text.isWellFormed()).toBe(true)
        },
      ),
    )
  })

  test('it has a button to approve by only if all that counts is there', () => {
    fc.assert(
      fc.property(requests, (each) => {
        const page = undefined
        const { blocks } = messageOf(each, 'Pending', page)
        const shown = nodes(blocks)
          .map(({ text }) => (typeof text === 'string' ? text : ''))
          .join('\n')
        if (!isShownWhole(each, page)) return
        expect(shown).not.toContain('and 1 more')
        expect(shown).toContain(visibleText(each.spec.statement))
        for (const { name } of each.spec.objects ?? [])
          expect(shown).toContain(visibleText(name).replaceAll('\n', '\\u{a}'))
      }),
    )
  })
})

test('A short request can be approved; one that was cut by the gateway cannot', () => {
  expect(isShownWhole(request(1), undefined)).toBe(true)
  expect(isShownWhole(request(1, {}, { truncated: true }), undefined)).toBe(false)
  const objects = Array.from({ length: 20 }, (_, at) => ({ name: `A.B.T${at}`, access: 'Query' }))
  expect(isShownWhole(request(1, {}, { objects }), undefined)).toBe(false)
  const binds = [{ name: '1', type: 'TEXT', value: 'x'.repeat(500) }]
  expect(isShownWhole(request(1, {}, { binds }), undefined)).toBe(false)
})

test('Text for mrkdwn makes no sequence that Slack acts on', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(escaped(text)).not.toMatch(/<[!@#h]/)
    }),
  )
})

test('Answers go to Slack only', () => {
  const answers = slackAnswers('https://slack.com/api/')
  const allowed = (address: string): boolean => answers.allowed(address)
  expect(allowed('https://hooks.slack.com/actions/T1/2/3')).toBe(true)
  for (const other of [
    'http://hooks.slack.com/x',
    'https://hooks.slack.com:8443/x',
    'https://hooks.slack.com.evil.example/x',
    'https://u:p@hooks.slack.com/x',
    'https://slack.com/x',
    'https://169.254.169.254/',
    'hooks.slack.com',
    '',
  ])
    expect(allowed(other)).toBe(false)
  const gov = slackAnswers('https://slack-gov.com/api/')
  expect(gov.allowed('https://hooks.slack-gov.com/x')).toBe(true)
  expect(gov.allowed('https://hooks.slack.com/x')).toBe(false)
})

test('The value of a button is a request and a digest, or nothing', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const read = readButtonValue(text)
      if (read === undefined) return
      expect(read.digest).toMatch(/^sha256:[0-9a-f]{64}$/)
    }),
  )
  expect(readButtonValue(`ns/name sha256:${'0'.repeat(64)}`)?.request).toEqual({
    namespace: 'ns',
    name: 'name',
  })
})
