import { describe, expect, test } from 'vitest'

import { findPod, workloadKinds } from '../../../operator/admission/workloads.ts'

const spec = { containers: [{ name: 'app' }] }

describe('The pod of a workload', () => {
  test.each([
    ['Pod', { spec }, ''],
    ['Deployment', { spec: { template: { spec } } }, 'spec.template.'],
    [
      'CronJob',
      { spec: { jobTemplate: { spec: { template: { spec } } } } },
      'spec.jobTemplate.spec.template.',
    ],
  ])('of kind %s is found, and can be replaced', (kind, rest, prefix) => {
    const workload = { kind, metadata: { name: 'x', namespace: 'ci' }, ...rest }
    const found = findPod(workload)
    if (!('withPod' in found)) throw new Error('no pod')
    expect([found.name, found.namespace, found.prefix]).toEqual(['x', 'ci', prefix])
    expect(found.pod.spec).toEqual(spec)
    expect(found.withPod(found.pod)).toEqual(workload)
  })

  test('is not in other kinds', () => {
    expect(findPod({ kind: 'ConfigMap' })).toEqual({ kind: 'ConfigMap', pod: undefined })
    expect(findPod({ kind: 'constructor' })).toEqual({ kind: 'constructor', pod: undefined })
    expect(workloadKinds).toContain('StatefulSet')
  })

  test.each([
    [null, 'it has no kind'],
    [{ kind: 'Pod' }, 'spec is not an object'],
    [{ kind: 'Job', spec: { template: {} } }, 'spec.template.spec is not an object'],
    [{ kind: 'Pod', spec: {} }, 'spec.containers is not a list'],
    [{ kind: 'Pod', spec: { containers: [{}] } }, 'spec.containers[0] has no name'],
    [{ kind: 'Pod', spec: { containers: [], volumes: {} } }, 'spec.volumes is not a list'],
    [{ kind: 'Pod', metadata: [], spec }, 'metadata is not an object'],
    [{ kind: 'Pod', metadata: { annotations: [] }, spec }, 'metadata.annotations is not an object'],
    [
      { kind: 'Pod', metadata: { annotations: { a: 1 } }, spec },
      'metadata.annotations[a] is not a text. Put it in quotes',
    ],
  ])('that is none is said to be: %j', (workload, problem) => {
    expect(findPod(workload)).toMatchObject({ problem })
  })
})
