/** What the operator may do in a cluster: no more than this list, and no more than its code does. */

import { describe, expect, test } from 'vitest'

import { everything, hasHelm, render, withHelm, type Rendered } from './support.ts'
import { readUses } from './uses.ts'

withHelm()

interface Rule {
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
  readonly verbs: readonly string[]
}

interface Role extends Rendered {
  readonly rules: readonly Rule[]
}

interface Binding extends Rendered {
  readonly roleRef: { readonly kind: string; readonly name: string }
  readonly subjects: readonly {
    readonly kind: string
    readonly name: string
    readonly namespace: string
  }[]
}

/** `leases.coordination.k8s.io: get`, one line for each resource and verb. */
function lines({ rules }: Role): readonly string[] {
  const all = rules.flatMap((rule) => {
    const only = rule.resourceNames === undefined ? '' : ` [${rule.resourceNames.join(' ')}]`
    const what = [
      ...(rule.nonResourceURLs ?? []),
      ...(rule.resources ?? []).flatMap((resource) =>
        (rule.apiGroups ?? []).map((group) => (group === '' ? resource : `${resource}.${group}`)),
      ),
    ]
    return what.map((each) => `${each}${only}: ${rule.verbs.join(' ')}`)
  })
  return all.sort()
}

const roleName = ({ kind, metadata }: Rendered) =>
  [kind, metadata.namespace, metadata.name].filter((part) => part !== undefined).join(' ')

/** Everything that the chart grants with its default values. */
const granted: Readonly<Record<string, readonly string[]>> = {
  'ClusterRole frostgate-operator': [
    '/.well-known/openid-configuration: get',
    '/openid/v1/jwks: get',
    'agentpolicies/status.frostgate.dev: patch',
    'agentpolicies.frostgate.dev: list watch',
    'events: create patch',
    'maskingrules/status.frostgate.dev: patch',
    'maskingrules.frostgate.dev: list watch',
    'mutatingwebhookconfigurations.admissionregistration.k8s.io [frostgate]: patch',
    'namespaces: get list watch',
    'pods: get list watch',
    'snowflakeconnections/status.frostgate.dev: patch',
    'snowflakeconnections.frostgate.dev: list watch',
    'tokenreviews.authentication.k8s.io: create',
    'validatingwebhookconfigurations.admissionregistration.k8s.io [frostgate]: patch',
  ],
  'Role frostgate frostgate-operator': [
    'leases.coordination.k8s.io: get list create update patch delete',
    'secrets [frostgate-keys]: get update',
    'secrets: create',
  ],
  'Role frostgate frostgate-connections': [
    'approvaldecisions/status.frostgate.dev: patch',
    'approvaldecisions.frostgate.dev: list watch create delete',
    'approvalrequests/status.frostgate.dev: patch',
    'approvalrequests.frostgate.dev: get list watch create delete',
    'secrets: list watch',
  ],
  // Bound to nobody by the chart.
  'ClusterRole frostgate-approver': [
    'approvaldecisions.frostgate.dev: get list watch create delete',
    'approvalrequests.frostgate.dev: get list watch',
    'snowflakeconnections.frostgate.dev: approve',
  ],
  'ClusterRole frostgate-view': [
    'agentpolicies.frostgate.dev: get list watch',
    'approvaldecisions.frostgate.dev: get list watch',
    'approvalrequests.frostgate.dev: get list watch',
    'maskingrules.frostgate.dev: get list watch',
    'snowflakeconnections.frostgate.dev: get list watch',
  ],
  'ClusterRole frostgate-edit': [
    'agentpolicies.frostgate.dev: create update patch delete deletecollection',
    'maskingrules.frostgate.dev: create update patch delete deletecollection',
    'snowflakeconnections.frostgate.dev: create update patch delete deletecollection',
  ],
  'Role frostgate frostgate-test': ['snowflakeconnections.frostgate.dev: create'],
}

/** Calls whose resource is not in the call, and what they ask for. */
const meant: Readonly<Record<string, readonly string[]>> = {
  ...approvals(),
  // Of Slack, not of a cluster.
  'notify/slack/channel.ts: client.post(channel)': [],
  'notify/slack/channel.ts: client.update(posted.channel)': [],
  "kube/events.ts: this.#client.request('POST')": ['events create'],
  "kube/events.ts: this.#client.request('PATCH')": ['events patch'],
  "kube/leader-election.ts: this.#client.request('GET')": ['leases get'],
  'kube/leader-election.ts: this.#client.request(method)': ['leases create', 'leases update'],
  // Of the resources that its callers name.
  'kube/reflector.ts: this.#client.list(this.resource)': [],
  'kube/reflector.ts: this.#client.watch(this.resource)': [],
  'store/kube-store.ts: reflector(this.#client)': [
    ...['agentpolicies', 'maskingrules', 'namespaces', 'secrets', 'snowflakeconnections'].flatMap(
      (resource) => [`${resource} list`, `${resource} watch`],
    ),
  ],
  'store/kube-store.ts: this.#client.applyStatus(resource)': [
    ...['agentpolicies', 'maskingrules', 'snowflakeconnections'].map(
      (kind) => `${kind}/status patch`,
    ),
  ],
  "wiring/api-server.ts: client.post('/apis/authentication.k8s.io/v1/tokenreviews')": [
    'tokenreviews create',
  ],
  'wiring/api-server.ts: client.post(path)': ['serviceaccounts/token create'],
  "wiring/api-server.ts: client.request('PATCH')": [
    'mutatingwebhookconfigurations patch',
    'validatingwebhookconfigurations patch',
  ],
  "wiring/cluster-facts.ts: client.request('GET')": [
    '/.well-known/openid-configuration get',
    '/openid/v1/jwks get',
  ],
}

function approvals(): Readonly<Record<string, readonly string[]>> {
  const store = 'approvals/kube-store.ts: '
  const both = ['approvalrequests', 'approvaldecisions']
  const each = (verb: string) => both.map((plural) => `${plural} ${verb}`)
  return {
    [`${store}reflector(this.#client)`]: [...each('list'), ...each('watch')],
    [`${store}this.#client.create(resource)`]: each('create'),
    [`${store}this.#client.delete(resource)`]: each('delete'),
    [`${store}this.#client.request('GET')`]: ['approvalrequests get'],
    [`${store}this.#client.request('PATCH')`]: both.map((plural) => `${plural}/status patch`),
  }
}

const isRole = (object: Rendered): object is Role => /^(Cluster)?Role$/.test(object.kind)
const isBinding = (object: Rendered): object is Binding =>
  /^(Cluster)?RoleBinding$/.test(object.kind)

/** Not those of people and of `helm test`. */
const operators = /frostgate-(operator|connections)$/

describe.runIf(hasHelm)('The rights that the chart grants', () => {
  test('are these', async () => {
    const roles = (await render()).filter(isRole)
    const sorted = Object.entries(granted).map(([name, all]) => [name, [...all].sort()])
    expect(Object.fromEntries(roles.map((role) => [roleName(role), lines(role)]))).toEqual(
      Object.fromEntries(sorted),
    )
  })

  test('are bound to the operator, and those of helm test to its pod', async () => {
    const bindings = (await render()).filter(isBinding)
    const bound = bindings.map(({ roleRef, subjects, metadata }) => [
      metadata.namespace ?? '',
      `${roleRef.kind} ${roleRef.name}`,
      subjects.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`),
    ])
    expect(bound.sort()).toEqual([
      ['', 'ClusterRole frostgate-operator', ['ServiceAccount frostgate/frostgate-operator']],
      ['frostgate', 'Role frostgate-connections', ['ServiceAccount frostgate/frostgate-operator']],
      ['frostgate', 'Role frostgate-operator', ['ServiceAccount frostgate/frostgate-operator']],
      ['frostgate', 'Role frostgate-test', ['ServiceAccount frostgate/frostgate-test']],
    ])
  })

  test('reach Secrets where connections are, and in no other namespace', async () => {
    const roles = (await render(everything)).filter(isRole)
    const secrets = roles.filter((role) => lines(role).some((line) => line.startsWith('secrets')))
    expect(secrets.map(roleName).sort()).toEqual([
      'Role frostgate frostgate-operator',
      'Role team-a frostgate-connections',
      'Role team-b frostgate-connections',
    ])
  })

  test('reach tokens of the ServiceAccounts that are named, and of no other', async () => {
    const without = (await render()).filter(isRole).flatMap(lines)
    expect(without.filter((line) => line.includes('token'))).toEqual([
      'tokenreviews.authentication.k8s.io: create',
    ])
    const role = (await render(everything))
      .filter(isRole)
      .find((each) => roleName(each) === 'Role team-a frostgate-connections')
    expect(role === undefined ? [] : lines(role)).toContain(
      'serviceaccounts/token [frostgate-acme]: create',
    )
  })

  test('have no wildcard, and change no role, pod or admission policy', async () => {
    for (const role of (await render(everything)).filter(isRole))
      for (const rule of role.rules) {
        expect(JSON.stringify(rule)).not.toContain('*')
        const changes = rule.verbs.filter((verb) => !['get', 'list', 'watch'].includes(verb))
        if (changes.length === 0) continue
        const changed = rule.resources ?? []
        expect(
          changed.filter((each) => /^(pods.*|.*roles.*|.*polic.*bindings?)$/.test(each)),
        ).toEqual([])
      }
  })

  test('are what the operator’s code uses, neither more nor less', async () => {
    const { named, unresolved } = readUses()
    expect([...new Set(unresolved)].sort()).toEqual(Object.keys(meant).sort())
    const used = new Set([
      ...named.flatMap(({ resource, verbs }) => verbs.map((verb) => `${resource} ${verb}`)),
      ...Object.values(meant).flat(),
    ])
    const values = { workloadIdentity: { serviceAccounts: ['frostgate-acme'] } }
    const roles = (await render(values))
      .filter(isRole)
      .filter((role) => operators.test(role.metadata.name))
    const allowed = new Set(
      roles.flatMap(({ rules }) =>
        rules.flatMap(({ resources = [], nonResourceURLs = [], verbs }) =>
          [...resources, ...nonResourceURLs].flatMap((what) =>
            verbs.map((verb) => `${what} ${verb}`),
          ),
        ),
      ),
    )
    expect([...allowed].sort()).toEqual([...used].sort())
  })
})

describe('The reader of the operator’s source', () => {
  test('sees calls by their resource', () => {
    const { named } = readUses()
    expect(named).toContainEqual({
      file: 'wiring/gone-pods.ts',
      resource: 'pods',
      verbs: ['list', 'watch'],
    })
  })
})
