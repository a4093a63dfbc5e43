import { describe, expect, test } from 'vitest'

import { readSettings } from '../../operator/settings.ts'

const least = {
  FROSTGATE_NAMESPACE: 'frostgate',
  FROSTGATE_BROKER_URL: 'https://frostgate-broker.frostgate.svc:8443',
  FROSTGATE_SIDECAR_IMAGE: 'ghcr.io/frostgate/sidecar:1',
}

describe('Settings of the operator', () => {
  test('need three variables, and have defaults for all others', () => {
    expect(readSettings(least)).toMatchObject({
      namespace: 'frostgate',
      connectionNamespaces: ['frostgate'],
      release: 'frostgate',
      sidecarPullPolicy: 'IfNotPresent',
      logLevel: 'info',
      brokerPort: 8443,
      webhookPort: 9443,
      healthPort: 9085,
      recordingFolder: undefined,
      podName: expect.stringMatching(/^operator-\d+$/) as string,
    })
  })

  test('take an empty variable for one that is not set', () => {
    const names = [
      'FROSTGATE_POD_NAME', 'FROSTGATE_RELEASE', 'FROSTGATE_LOG_LEVEL', 'FROSTGATE_RECORDING_DIR',
      'FROSTGATE_SIDECAR_PULL_POLICY', 'FROSTGATE_SIDECAR_RESOURCES', 'FROSTGATE_LISTEN_BROKER',
      'FROSTGATE_CONNECTION_NAMESPACES',
    ] // prettier-ignore
    const empty = Object.fromEntries(names.map((name) => [name, '']))
    expect(readSettings({ ...least, ...empty })).toEqual(readSettings(least))
  })

  test('read lists and resources as the chart writes them', () => {
    const { connectionNamespaces, sidecarResources } = readSettings({
      ...least,
      FROSTGATE_CONNECTION_NAMESPACES: 'a, b,a,',
      FROSTGATE_SIDECAR_RESOURCES:
        '{"requests":{"cpu":"1","memory":"1Gi"},"limits":{"cpu":"2","memory":"2Gi"}}',
    })
    expect(connectionNamespaces).toEqual(['a', 'b'])
    expect(sidecarResources.limits).toEqual({ cpu: '2', memory: '2Gi' })
  })

  const wrong: readonly (readonly [string, string | undefined])[] = [
    ['FROSTGATE_NAMESPACE', undefined],
    ['FROSTGATE_NAMESPACE', '../etc'],
    ['FROSTGATE_BROKER_URL', ''],
    ['FROSTGATE_BROKER_URL', 'http://broker:8443'],
    ['FROSTGATE_BROKER_URL', 'https://broker:8443/path'],
    ['FROSTGATE_BROKER_URL', 'https://?'],
    ['FROSTGATE_BROKER_URL', 'https://user@broker'],
    ['FROSTGATE_BROKER_URL', 'https://a b'],
    ['FROSTGATE_SIDECAR_IMAGE', undefined],
    ['FROSTGATE_RECORDING_SIZE', 'much'],
    ['FROSTGATE_RECORDING_SIZE', '0'],
    ['FROSTGATE_RECORDING_KEEP_HOURS', '0'],
    ['FROSTGATE_RECORDING_KEEP_HOURS', '1d'],
    ['FROSTGATE_RELEASE', 'Frost Gate'],
    ['FROSTGATE_LOG_LEVEL', 'loud'],
    ['FROSTGATE_SIDECAR_PULL_POLICY', 'Sometimes'],
    ['FROSTGATE_CONNECTION_NAMESPACES', 'frostgate,Not_One'],
    ['FROSTGATE_LISTEN_BROKER', '65536'],
    ['FROSTGATE_LISTEN_WEBHOOK', '-1'],
    ['FROSTGATE_LISTEN_HEALTH', 'tcp://10.0.0.1:9085'],
    ['FROSTGATE_SIDECAR_RESOURCES', '{'],
    ['FROSTGATE_SIDECAR_RESOURCES', 'null'],
    ['FROSTGATE_SIDECAR_RESOURCES', '{"requests":{"cpu":"1"}}'],
    [
      'FROSTGATE_SIDECAR_RESOURCES',
      '{"requests":{"cpu":"some","memory":"1"},"limits":{"memory":"1"}}',
    ],
  ]

  test.for(wrong)('refuse %s=%s, by its name', ([name, value]) => {
    expect(() => readSettings({ ...least, [name]: value })).toThrow(name)
  })
})
