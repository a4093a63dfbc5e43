import { expect, test } from 'vitest'

import { recogniseStored, storedOf } from '../../../operator/store/kube-objects.ts'

test('An object at which validation itself fails is malformed, names its connection, and shows no value', () => {
  const spec = {
    connectionRef: { name: 'acme' },
    get rules() {
      throw new Error('hunter2')
    },
  }
  const metadata = { name: 'agents', namespace: 'team', generation: 3 }
  const raw = { apiVersion: 'frostgate.dev/v1alpha1', kind: 'AgentPolicy', metadata, spec }
  const recognised = recogniseStored(storedOf('AgentPolicy', raw))
  expect(recognised).toMatchObject({
    malformed: {
      kind: 'AgentPolicy',
      namespace: 'team',
      name: 'agents',
      generation: 3,
      connection: 'acme',
      problems: [
        {
          object: 'AgentPolicy team/agents',
          message: expect.stringMatching(/incident [0-9a-f]{12}$/) as unknown,
        },
      ],
    },
  })
  expect(JSON.stringify(recognised)).not.toContain('hunter2')
})
