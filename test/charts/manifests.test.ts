/** The files for `kubectl apply -f`: what the chart renders, without what is Helm's. */

import { describe, expect, test } from 'vitest'

import { manifests } from '../../charts/manifests.ts'
import { definedKinds } from '../../crds/definitions.ts'
import { hasHelm, helmFinding, objectsOf, render, withHelm, type Rendered } from './support.ts'

withHelm()

const identity = ({ kind, metadata: { namespace = '', name } }: Rendered) =>
  `${kind} ${namespace}/${name}`

describe.runIf(hasHelm)('The manifests', () => {
  test('hold what the chart renders, and their namespace first', async () => {
    const files = await manifests(helmFinding)
    const operator = objectsOf(files['frostgate.yaml'] ?? '')
    const crds = objectsOf(files['frostgate-crds.yaml'] ?? '')
    expect(crds.map(({ kind }) => kind)).toEqual(definedKinds.map(() => 'CustomResourceDefinition'))
    const [namespace, ...rest] = operator
    expect(namespace).toMatchObject({ kind: 'Namespace', metadata: { name: 'frostgate' } })
    const rendered = (await render({}, { flags: ['--skip-tests'] })).map(identity)
    expect([...rest, ...crds].map(identity).sort()).toEqual([...rendered].sort())
  })

  test('say nothing of Helm', async () => {
    for (const text of Object.values(await manifests(helmFinding)))
      expect(text).not.toMatch(/helm\.sh|managed-by|resource-policy/)
  })

  test('are the same each time', async () => {
    expect(await manifests(helmFinding)).toEqual(await manifests(helmFinding))
  })
})
