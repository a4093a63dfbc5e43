/** What the wiring says of objects, connections and itself. */

import { readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'
import { Registry } from 'prom-client'

import { approvalMetrics } from '../../../operator/approvals/metrics.ts'
import type { Events } from '../../../operator/kube/events.ts'
import { compileAll } from '../../../operator/compile/compile-all.ts'
import { recordAdmission, recordAlert } from '../../../operator/wiring/alerts.ts'
import { connectionFor, factsOf } from '../../../operator/wiring/connection-facts.ts'
import { decisionOf, operatorMetrics } from '../../../operator/wiring/metrics.ts'
import { brokerMetrics } from '../../../operator/broker/metrics.ts'
import { validateObject } from '../../../operator/wiring/validate-object.ts'
import { connection, maskingRule, policy, snapshotOf } from '../compile/objects.ts'
import { settingsWith } from './whole-operator.ts'

describe('The verdict on an object', () => {
  const options = {}
  const verdict = (object: unknown, ...stored: readonly object[]) => {
    const snapshot = snapshotOf(...stored)
    return validateObject(object, snapshot, compileAll(snapshot, options), options)
  }

  test('names object, field and remedy of what does not compile', () => {
    const bad = policy('agents', 'acme', {
      rules: [{ name: 'r', action: 'Allow', statements: ['Query'], objects: ['A..B'] }],
    })
    const { errors } = verdict(bad, connection('acme'))
    expect(errors).toEqual([
      expect.stringMatching(/^AgentPolicy frostgate\/agents spec\.rules\[0\]/),
    ])
  })

  test('lets references wait for what they name, with a warning', () => {
    expect(verdict(policy('agents', 'later'))).toEqual({
      errors: [],
      warnings: [expect.stringContaining('spec.connectionRef.name') as string],
    })
  })

  test('does not blame an object for what is wrong with others', () => {
    const bad = maskingRule('ssn', 'acme', { columns: ['A'] })
    expect(verdict(policy('agents', 'acme'), connection('acme'), bad)).toMatchObject({ errors: [] })
  })

  test('lets what is stored and malformed be mended', () => {
    const mended = policy('agents', 'acme')
    const broken = { ...mended, spec: { connectionRef: { name: 'acme' }, rules: 7 } }
    expect(snapshotOf(connection('acme'), broken).malformed).toHaveLength(1)
    expect(verdict(mended, connection('acme'), broken)).toMatchObject({ errors: [] })
  })

  test('leaves kinds that are not compiled to their schemas', () => {
    for (const object of [{ kind: 'ApprovalRequest' }, {}, null])
      expect(verdict(object)).toEqual({ errors: [], warnings: [] })
  })
})

describe('What admission is told of a connection', () => {
  const { sidecarResources: defaults } = settingsWith()
  const view = (spec: object, labels?: Readonly<Record<string, string>>) => ({
    synced: true,
    compiled: compileAll(snapshotOf(connection('acme', spec as never))),
    namespaces: new Map(labels === undefined ? [] : [['ci', labels]]),
    defaults,
  })
  const acme = { namespace: 'frostgate', name: 'acme' }

  test('is a refusal for good where it does not serve the namespace, and for now where that is unknown', () => {
    expect(connectionFor(acme, 'ci', view({}, {}))).toMatchObject({
      refusal: { reason: 'NamespaceNotAllowed' },
      transient: false,
    })
    expect(connectionFor(acme, 'ci', view({ allowedNamespaces: { from: 'All' } }))).toMatchObject({
      transient: true,
    })
    const unknown = { namespace: 'frostgate', name: 'acne' }
    expect(
      connectionFor(unknown, 'ci', view({ allowedNamespaces: { from: 'All' } }, {})),
    ).toMatchObject({
      refusal: { message: expect.stringContaining('frostgate/acme') as string },
      transient: false,
    })
    expect(connectionFor(unknown, 'ci', { ...view({}, {}), synced: false })).toMatchObject({
      transient: true,
    })
  })

  test('has the operator’s resources wherever it says none', () => {
    const sidecar = { resources: { limits: { memory: '512Mi' } } }
    const snapshot = snapshotOf(connection('acme', { sidecar }))
    const [first] = snapshot.objects.connections
    expect(first && factsOf(first.object, defaults)).toMatchObject({
      resources: { requests: defaults.requests, limits: { memory: '512Mi' } },
      maxResources: undefined,
    })
  })
})

describe('Alerts', () => {
  test('become Events on the pod or its controller', () => {
    const recorded: unknown[] = []
    const events = {
      record: (...all: readonly unknown[]) => recorded.push(all),
      dropped: 0,
      stop: () => Promise.resolve(),
    } as unknown as Events
    const pod = { namespace: 'ci', name: 'a', uid: 'u', serviceAccount: 'runner' }
    const object = { apiVersion: 'batch/v1', kind: 'Job', namespace: 'ci', name: 'j', uid: 'v' }
    recordAdmission(events)({ object, reason: 'PodInjected', note: 'connection frostgate/acme' })
    recordAdmission(events)({ object, reason: 'PodRefused', note: 'why' })
    recordAlert(events)({ reason: 'SidecarRevoked', pod, message: 'gone' })
    const regarding = { apiVersion: 'v1', kind: 'Pod', namespace: 'ci', name: 'a', uid: 'u' }
    expect(recorded).toEqual([
      [object, 'Injected', { connection: 'frostgate/acme' }],
      [object, 'InjectionRefused', { message: 'why' }],
      [regarding, 'SidecarRevoked', { message: 'gone' }],
    ])
    recorded.length = 0
    const [acme] = snapshotOf(connection('acme')).objects.connections
    const refusal = { reason: 'BundleRefused', pod, bundle: 'sha256:1', message: 'why' } as const
    recordAlert(events)({ ...refusal, connection: acme?.object })
    const parameters = { pod: 'ci/a', bundle: 'sha256:1', message: 'why' }
    const at = { apiVersion: 'frostgate.dev/v1alpha1', kind: 'SnowflakeConnection' }
    expect(recorded).toEqual([
      [regarding, 'BundleRefused', parameters],
      [expect.objectContaining({ ...at, name: 'acme' }), 'BundleRefused', parameters],
    ])
  })
})

describe('Metrics of an operator', () => {
  test('and their documentation name the same metrics, with the same labels and types', () => {
    const registry = new Registry()
    brokerMetrics(registry, () => 0)
    operatorMetrics(registry, {
      version: '1',
      isLeader: () => true,
      compiled: () => compileAll(snapshotOf()),
      malformed: () => 0,
      reflectors: () => [],
      certificates: () => ({ leaf: '', trust: '' }),
      eventsDropped: () => 0,
    })
    approvalMetrics(registry, () => [])
    const whole = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8')
    const page = whole.slice(whole.indexOf('## Operator'))
    const names = /^\| `(frostgate_\w+)` +\| (\w+) +\|([^|]*)\|/gm
    const documented = [...page.matchAll(names)].map(([, name, type, labels]) => [
      name,
      type,
      labels?.replaceAll('`', '').trim() ?? '',
    ])
    const registered = registry.getMetricsAsArray().map((metric) => {
      const { name, type, labelNames } = metric as unknown as {
        readonly name: string
        readonly type: string
        readonly labelNames: readonly string[]
      }
      return [name, type, labelNames.join(', ')]
    })
    expect(documented.toSorted()).toEqual(registered.toSorted())
  })

  test('tell a refusal from what may pass later and from a fault', () => {
    const answered = (response: object) => decisionOf({ response })
    expect([
      decisionOf(undefined),
      answered({ allowed: true }),
      answered({ allowed: false, status: { code: 403 } }),
      answered({ allowed: false }),
      answered({ allowed: false, status: { code: 503 } }),
      answered({ allowed: false, status: { code: 500 } }),
    ]).toEqual(['unknown', 'allowed', 'denied', 'denied', 'unavailable', 'failed'])
  })
})
