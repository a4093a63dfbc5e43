import { describe, expect, test } from 'vitest'

import { readNotifySettings } from '../../../operator/notify/settings.ts'

const good = `pageUrl: https://approvals.acme.example
webhooks:
  - name: siem
    url: https://hooks.acme.example/frostgate
    secretFile: /etc/frostgate/notify/siem
    includeStatement: true
    connections: [acme, other/warehouse]
slack:
  teamId: T0123456789
  tokenFile: /etc/frostgate/notify/slack-token
  signingSecretFile: /etc/frostgate/notify/slack-signing-secret
  channels:
    - name: stewards
      channel: C0123456789
  people:
    U0123456789:
      issuer: https://login.acme.example
      subject: 00u1abcd
      groups: [data-stewards]
`

test('Settings are read, with what is left out', () => {
  expect(readNotifySettings('notify.yaml', good)).toMatchObject({
    webhooks: [{ name: 'siem', includeStatement: true, connections: ['acme', 'other/warehouse'] }],
    slack: {
      apiUrl: 'https://slack.com/api/',
      people: { U0123456789: { subject: '00u1abcd', groups: ['data-stewards'] } },
    },
  })
  expect(readNotifySettings('notify.yaml', '')).toEqual({ webhooks: [] })
  expect(readNotifySettings('notify.yaml', '{}')).toEqual({ webhooks: [] })
})

describe('What is not understood is refused, with its line and what to write', () => {
  test.each([
    [
      '- name: siem',
      '- nam: siem',
      /notify.yaml:\d+:\d+ webhooks\[0\].nam: is not a field .*name, url/,
    ],
    ['- name: siem', '- name: Siem!', /webhooks\[0\].name: .*Write up to 63/],
    ['- name: stewards', '- name: siem', /channels\[0\].name: "siem" is there already/],
    ['https://hooks.acme.example', 'http://hooks.acme.example', /notify.yaml:4:5.*https:\/\//],
    ['https://hooks.acme', 'https://user:pw@hooks.acme', /webhooks\[0\].url: .*a password/],
    ['https://approvals.acme', 'ftp://approvals.acme', /pageUrl: /],
    ['secretFile: /etc', 'secretFile: etc', /absolute path/],
    ['T0123456789', 'acme', /teamId: .*T0123456789/],
    ['C0123456789', '#stewards', /channel/],
    ['U0123456789:', 'alice:', /people.alice: is not the id of a Slack user/],
    ['      subject: 00u1abcd\n', '', /subject: is missing/],
    ['groups: [data-stewards]', 'username: alice', /username: is not a field/],
    ['includeStatement: true', 'includeStatement: yes', /notify.yaml:6:23.*in quotes/],
  ])('%s as %s', (from, to, wanted) => {
    const text = good.replace(from, to)
    expect(text).not.toBe(good)
    expect(() => readNotifySettings('notify.yaml', text)).toThrow(wanted)
  })

  test('several documents', () => {
    expect(() => readNotifySettings('n.yaml', `${good}---\n${good}`)).toThrow(/several documents/)
  })

  test('a password in an address is not shown', () => {
    const text = good.replace('https://hooks', 'https://u:hunter2@hooks')
    expect(() => readNotifySettings('n.yaml', text)).toThrow(/^((?!hunter2)[^])*$/)
  })

  test('plain http is for loopback', () => {
    const text = good.replace('https://hooks.acme.example', 'http://127.0.0.1:8080')
    expect(() => readNotifySettings('n.yaml', text)).not.toThrow()
    const not = good.replace('https://hooks.acme.example', 'http://127.0.0.1.evil.example')
    expect(() => readNotifySettings('n.yaml', not)).toThrow(/https/)
  })
})
