import { describe, expect, test } from 'vitest'

import { pathsFor, type Findings } from '../cluster/binaries.ts'
import type { Finding } from '../cluster/binaries/programs.ts'
import { brokenPrograms, externalKubeconfig, ownPlan } from '../cluster/plan.ts'

const noGo = { skipped: 'no usable Go; install Go' }

describe('what can be had on a machine', () => {
  test('is a whole cluster where all programs and rights are there', () => {
    expect(ownPlan(findings({}), undefined)).toMatchObject({ part: 'node', lacks: [] })
  })

  test('ends before the first part that lacks a program, and says which and why', () => {
    const plan = ownPlan(findings({ 'kube-scheduler': noGo, kubelet: noGo }), undefined)
    expect(plan).toMatchObject({ part: 'api-server', lacks: [noGo.skipped] })
  })

  test('is nothing without an API server or a kubectl to speak to it', () => {
    expect(ownPlan(findings({ 'kube-apiserver': noGo }), undefined).part).toBeUndefined()
    expect(ownPlan(findings({ kubectl: { skipped: 'no kubectl' } }), undefined)).toMatchObject({
      part: undefined,
      lacks: ['no kubectl'],
    })
  })

  test('is a control plane without a node where the machine gives no rights', () => {
    const plan = ownPlan(findings({}), 'a node needs root')
    expect(plan).toMatchObject({ part: 'control-plane', lacks: ['a node needs root'] })
  })

  test('is an API server alone where rights and controllers are missing, both named', () => {
    const plan = ownPlan(findings({ 'kube-scheduler': noGo }), 'a node needs root')
    expect(plan.part).toBe('api-server')
    expect(plan.lacks).toEqual(['a node needs root', noGo.skipped])
  })

  test('is whole without helm, which is named as missing', () => {
    const plan = ownPlan(findings({ helm: { skipped: 'no helm' } }), undefined)
    expect(plan).toMatchObject({ part: 'node', lacks: ['no helm'] })
  })

  test('tells programs that this repository broke from those that a machine lacks', () => {
    const broken = { skipped: 'undefined: frobnicate', broken: true } as const
    const plan = ownPlan(findings({ 'node-runtime': broken, kubelet: noGo }), undefined)
    expect(brokenPrograms(plan)).toEqual(['node-runtime'])
  })
})

describe('the programs of a part', () => {
  test('are its own and those of the parts below', () => {
    const all = findings({ kubelet: noGo })
    expect(Object.keys(pathsFor('control-plane', all))).toEqual([
      'etcd',
      'kube-apiserver',
      'kube-controller-manager',
      'kube-scheduler',
    ])
    expect(() => pathsFor('node', all)).toThrow(noGo.skipped)
  })
})

describe('a cluster of the user’s', () => {
  test('is never used for KUBECONFIG alone: tests change and delete things', () => {
    expect(externalKubeconfig({ KUBECONFIG: '/home/me/.kube/config' })).toBeUndefined()
  })

  test('is used where it is asked for and named', () => {
    const environment = { FROSTGATE_CLUSTER: 'external', KUBECONFIG: '/tmp/kind' }
    expect(externalKubeconfig(environment)).toBe('/tmp/kind')
  })

  test('is not guessed', () => {
    expect(() => externalKubeconfig({ FROSTGATE_CLUSTER: 'external' })).toThrow('needs KUBECONFIG')
    expect(() => externalKubeconfig({ FROSTGATE_CLUSTER: 'kind', KUBECONFIG: '/k' })).toThrow(
      'FROSTGATE_CLUSTER is "kind"',
    )
  })
})

function findings(changes: Partial<Record<keyof Findings, Finding>>): Findings {
  const names = [
    'etcd',
    'kube-apiserver',
    'kube-controller-manager',
    'kube-scheduler',
    'kubelet',
    'node-runtime',
    'kubectl',
    'helm',
  ] as const
  const found = names.map((name) => {
    return [name, { path: `/bin/${name}`, version: '1.36.1', from: 'cache' }] as const
  })
  return { ...Object.fromEntries(found), ...changes } as Findings
}
