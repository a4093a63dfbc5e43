import { describe, expect, test } from 'vitest'

import { refusal, versionIn } from '../cluster/binaries/versions.ts'

const kubernetes = { major: 1, minor: 36, patch: 1 }

describe('the version in what a program prints', () => {
  test.each([
    ['Kubernetes v1.36.1', '1.36.1'],
    ['etcd Version: 3.6.6\nGit SHA: none\nGo Version: go1.26.8', '3.6.6'],
    ['Client Version: v1.32.4-dispatcher\nKustomize Version: v5.5.0', '1.32.4'],
    ['v4.1.4+g05fa379', '4.1.4'],
  ])('%j is %s', (text, version) => {
    const { major, minor, patch } = versionIn(text) ?? { major: 0, minor: 0, patch: 0 }
    expect(`${major}.${minor}.${patch}`).toBe(version)
  })

  test('is none where there is none', () => {
    expect(versionIn('unknown flag: --version')).toBeUndefined()
  })
})

describe('a version that will not do', () => {
  test.each([
    ['kubectl', '1.34.9', 'more than one minor away'],
    ['kubectl', '1.38.0', 'more than one minor away'],
    ['kubectl', '2.36.0', 'more than one minor away'],
    ['helm', '3.19.0', 'older than 4'],
    ['kubelet', '1.35.3', 'is not 1.36'],
    ['kube-apiserver', '1.37.0', 'is not 1.36'],
    ['etcd', '3.4.30', 'is not etcd 3.5'],
    ['etcd', '4.5.0', 'is not etcd 3.5'],
  ] as const)('%s %s is refused: %s', (program, text, why) => {
    expect(refusalOf(program, text)).toContain(why)
  })

  test.each([
    ['kubectl', '1.35.2'],
    ['kubectl', '1.36.0'],
    ['kubectl', '1.37.0'],
    ['helm', '4.0.0'],
    ['helm', '5.1.0'],
    ['kubelet', '1.36.9'],
    ['etcd', '3.5.21'],
    ['etcd', '3.6.6'],
  ] as const)('%s %s will do', (program, text) => {
    expect(refusalOf(program, text)).toBeUndefined()
  })
})

function refusalOf(program: Parameters<typeof refusal>[0], text: string): string | undefined {
  const version = versionIn(text)
  if (version === undefined) throw new Error(`no version in ${text}`)
  return refusal(program, version, kubernetes)
}
