/** How people are asked, as the chart writes it: for the operator's own readers. */

import { describe, expect, test } from 'vitest'

import { readNotifySettings } from '../../operator/notify/settings.ts'
import { readPageSettings } from '../../operator/page/settings.ts'
import { everything, hasHelm, one, render, withHelm, type Rendered } from './support.ts'

withHelm()

interface ConfigMap {
  readonly data: Readonly<Record<string, string>>
}

interface Source {
  readonly secret?: {
    readonly name: string
    readonly optional: boolean
    readonly items: readonly Item[]
  }
  readonly configMap?: {
    readonly name: string
    readonly optional: boolean
    readonly items: readonly Item[]
  }
}

interface Item {
  readonly key: string
  readonly path: string
}

interface Deployment {
  readonly spec: {
    readonly template: {
      readonly metadata: Rendered['metadata']
      readonly spec: {
        readonly containers: readonly [
          {
            readonly env: readonly { readonly name: string; readonly value?: string }[]
            readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[]
          },
        ]
        readonly volumes: readonly {
          readonly name: string
          readonly configMap?: { readonly name: string }
          readonly projected?: { readonly defaultMode: number; readonly sources: readonly Source[] }
        }[]
      }
    }
  }
}

const templateOf = (objects: readonly Rendered[]) =>
  (one(objects, 'Deployment', 'frostgate-operator') as Deployment).spec.template
const settingsOf = (objects: readonly Rendered[]) =>
  (one(objects, 'ConfigMap', 'frostgate-approvals') as ConfigMap).data

const page = {
  enabled: true,
  url: 'https://a.example',
  oidc: { issuer: 'https://login.example', clientId: 'x' },
}

/** File in the container → what it is a key of. */
function files(objects: readonly Rendered[]): Readonly<Record<string, string>> {
  const { spec } = templateOf(objects)
  const [{ volumeMounts }] = spec.containers
  return Object.fromEntries(
    spec.volumes.flatMap(({ name, projected }) =>
      (projected?.sources ?? []).flatMap(({ secret, configMap }) => {
        const source = secret ?? configMap
        expect(source?.optional, 'a Secret that is missing holds the gate up').toBe(true)
        const folder = volumeMounts.find((each) => each.name === name)?.mountPath ?? ''
        return (source?.items ?? []).map(({ key, path }) => [
          `${folder}/${path}`,
          `${source?.name ?? ''} ${key}`,
        ])
      }),
    ),
  )
}

describe.runIf(hasHelm)('The settings of approvals', () => {
  test('are none as long as nothing is turned on', async () => {
    const objects = await render()
    expect(objects.filter(({ kind }) => kind === 'ConfigMap')).toEqual([])
    const { metadata, spec } = templateOf(objects)
    expect(metadata.annotations).toBeUndefined()
    expect(spec.volumes.map(({ name }) => name)).toEqual(['recordings'])
    const names = spec.containers[0].env.map(({ name }) => name)
    expect(names.filter((name) => /PAGE|NOTIFY/.test(name))).toEqual([])
    expect(objects.some(({ metadata: { name } }) => name === 'frostgate-page')).toBe(false)
  })

  test('are what the page reads, with its secrets in files that are mounted', async () => {
    const objects = await render(everything)
    const read = readPageSettings(settingsOf(objects)['page.yaml'] ?? '')
    const { oidc } = everything.approvals.page
    expect(read).toMatchObject({
      url: 'https://approvals.example.com',
      issuer: oidc.issuer,
      clientId: 'frostgate',
      clientAuthentication: 'client_secret_post',
      scopes: ['openid', 'groups'],
      usernameClaim: 'email',
      usernamePrefix: 'oidc:',
      groupsClaim: 'roles',
      groupsPrefix: 'oidc:',
      viewers: ['auditors'],
      sessionMs: 1_800_000,
      endWithIdToken: true,
    })
    const mounted = files(objects)
    expect(mounted[read.clientSecretFile ?? '']).toBe('approvals-oidc secret')
    expect(mounted[read.issuerCaFile ?? '']).toBe('company-ca ca.crt')
  })

  test('are what notifications read, with their secrets in files that are mounted', async () => {
    const objects = await render(everything)
    const read = readNotifySettings('notify.yaml', settingsOf(objects)['notify.yaml'] ?? '')
    const { slack } = everything.approvals
    expect(read).toMatchObject({
      pageUrl: 'https://approvals.example.com',
      slack: {
        apiUrl: 'https://slack.com/api/',
        teamId: slack.teamId,
        channels: slack.channels,
        people: slack.people,
      },
      webhooks: [
        {
          name: 'pager',
          url: 'https://hooks.example.com:9444/frostgate',
          includeStatement: true,
          connections: ['acme'],
        },
      ],
    })
    const mounted = files(objects)
    expect([
      mounted[read.slack?.tokenFile ?? ''],
      mounted[read.slack?.signingSecretFile ?? ''],
      mounted[read.webhooks[0]?.secretFile ?? ''],
    ]).toEqual(['approvals-slack token', 'approvals-slack signing-secret', 'pager hmac'])
  })

  test('hold nothing of a Secret, in no variable either; the files are the group’s to read', async () => {
    const { spec } = templateOf(await render(everything))
    const env = JSON.stringify(spec.containers[0].env)
    expect(env).not.toMatch(/secretKeyRef|approvals-slack|approvals-oidc|pager/)
    expect(spec.volumes.map(({ projected }) => projected?.defaultMode)).toContain(0o440)
    const { env: variables } = spec.containers[0]
    const value = (name: string) => variables.find((each) => each.name === name)?.value
    const folder = '/etc/frostgate/approvals'
    expect(value('FROSTGATE_PAGE_FILE')).toBe(`${folder}/config/page.yaml`)
    expect(value('FROSTGATE_NOTIFY_FILE')).toBe(`${folder}/config/notify.yaml`)
    expect(Object.keys(files(await render(everything)))).toEqual(
      expect.arrayContaining(
        ['crt', 'key'].map((end) => `${value('FROSTGATE_PAGE_TLS') ?? ''}/tls.${end}`),
      ),
    )
  })

  test('are read again by new pods when they change', async () => {
    const annotation = async (clientId: string) => {
      const oidc = { ...page.oidc, clientId }
      const objects = await render({ approvals: { page: { ...page, oidc } } })
      return templateOf(objects).metadata.annotations?.['frostgate.dev/approvals-settings']
    }
    expect(await annotation('a')).toBe(await annotation('a'))
    expect(await annotation('a')).not.toBe(await annotation('b'))
  })

  test('of a public client alone mount no secrets', async () => {
    const objects = await render({ approvals: { page } })
    expect(
      readPageSettings(settingsOf(objects)['page.yaml'] ?? '').clientSecretFile,
    ).toBeUndefined()
    expect(Object.keys(settingsOf(objects))).toEqual(['page.yaml'])
    expect(templateOf(objects).spec.volumes.map(({ name }) => name)).toEqual([
      'recordings',
      'approvals',
    ])
  })

  test('are reached by a Service, and let out no farther than they say', async () => {
    const objects = await render(everything)
    const service = one(objects, 'Service', 'frostgate-page') as { readonly spec: object }
    expect(service.spec).toMatchObject({
      ports: [{ name: 'page', port: 8444, targetPort: 'page' }],
    })
    const policy = one(objects, 'NetworkPolicy', 'frostgate-operator') as {
      readonly spec: { readonly ingress: readonly object[]; readonly egress: readonly object[] }
    }
    expect(policy.spec.ingress).toContainEqual({ ports: [{ port: 'page' }] })
    expect(policy.spec.egress).toContainEqual({
      ports: [{ port: 443 }, { port: 8443 }, { port: 9444 }],
    })
  })

  test('let out to another Slack, at its port', async () => {
    const slack = { ...everything.approvals.slack, apiUrl: 'https://slack.example:9445/api/' }
    const objects = await render({ ...everything, approvals: { ...everything.approvals, slack } })
    const { slack: read } = readNotifySettings('n', settingsOf(objects)['notify.yaml'] ?? '')
    expect(read?.apiUrl).toBe('https://slack.example:9445/api/')
    const policy = one(objects, 'NetworkPolicy', 'frostgate-operator') as {
      readonly spec: { readonly egress: readonly object[] }
    }
    expect(policy.spec.egress).toContainEqual({
      ports: [{ port: 8443 }, { port: 9444 }, { port: 9445 }],
    })
  })

  test.each([
    ['a page without a provider', { page: { enabled: true, url: 'https://a.example' } }, /issuer/],
    ['a page at a path', { page: { ...page, url: 'https://a.example/b' } }, /url/],
    ['a page without TLS', { page: { ...page, url: 'http://a.example' } }, /url/],
    [
      'Slack without a page, at whose port Slack calls back',
      { page: { ...page, enabled: false }, slack: { ...everything.approvals.slack } },
      /approvals\.slack\.enabled needs approvals\.page\.enabled/,
    ],
    [
      'a Slack API in the clear',
      { page, slack: { ...everything.approvals.slack, apiUrl: 'http://slack.example/api/' } },
      /apiUrl/,
    ],
    [
      'a Slack user by name',
      { slack: { people: { dana: { issuer: 'https://x', subject: 'y' } } } },
      /dana/,
    ],
    [
      'a webhook without a key to sign with',
      { webhooks: [{ name: 'a', url: 'https://a.example' }] },
      /secretRef/,
    ],
    [
      'a webhook in the clear',
      { webhooks: [{ name: 'a', url: 'http://a.example', secretRef: { name: 'a', key: 'b' } }] },
      /url/,
    ],
    ['requests that are never removed', { keepDays: 0 }, /keepDays/],
  ])('refuse %s', async (_, approvals, told) => {
    await expect(render({ approvals })).rejects.toThrow(told)
  })
})
