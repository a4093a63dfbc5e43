/** Whoever makes a decision is who decided it, whatever they write. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { ApprovalDecision, ApprovalRequest } from '../../../../crds/types.ts'
import { validateObject } from '../../../../crds/validation.ts'
import type { Author } from '../../../../operator/admission/approval/author.ts'
import { stamp } from '../../../../operator/admission/approval/stamp.ts'
import type { Pod } from '../../../../operator/admission/pod.ts'
import { apply } from '../support/json-patch.ts'
import { dana, onPage, operator, request, written } from './support.ts'

function stamped(decision: unknown, author: Author = dana, about: ApprovalRequest = request) {
  const result = stamp(decision, { author, operatorUser: operator, request: about })
  if ('refusal' in result) return result
  return {
    decision: apply(decision as Pod, result.operations) as unknown as ApprovalDecision,
    operations: result.operations,
  }
}

const made = (...given: Parameters<typeof stamped>): ApprovalDecision => {
  const result = stamped(...given)
  if ('refusal' in result) throw new Error(result.refusal)
  return result.decision
}

const refusalOf = (...given: Parameters<typeof stamped>): string => {
  const result = stamped(...given)
  return 'refusal' in result ? result.refusal : ''
}

const byOperator: Author = { username: operator, uid: undefined, groups: [] }

describe('A decision of a person', () => {
  test('gets who they are, the connection, and the request as its owner', () => {
    const { metadata, spec } = made(written())
    expect(spec).toMatchObject({ via: 'Kubernetes', decidedBy: dana })
    expect(metadata).toMatchObject({
      annotations: { 'frostgate.dev/connection': 'acme' },
      ownerReferences: [
        {
          apiVersion: 'frostgate.dev/v1alpha1',
          kind: 'ApprovalRequest',
          name: request.metadata.name,
          uid: request.metadata.uid,
        },
      ],
    })
    expect(validateObject('ApprovalDecision', structuredClone(made(written())))).toEqual([])
  })

  test('keeps nothing of a decidedBy that was written, nor a connection', () => {
    const forged = { username: 'root', uid: 'x', issuer: 'https://x', subject: 'y', slack: {} }
    const { metadata, spec } = made(
      written(
        { decidedBy: forged },
        { annotations: { 'frostgate.dev/connection': 'dev', 'example.com/a': 'b' } },
      ),
    )
    expect(spec.decidedBy).toEqual(dana)
    expect(metadata.annotations).toEqual({
      'frostgate.dev/connection': 'acme',
      'example.com/a': 'b',
    })
  })

  test('is left alone the second time', () => {
    const result = stamped(made(written()))
    expect('operations' in result && result.operations).toEqual([])
  })

  test('keeps owners that it has, without another twice', () => {
    const other = { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: 'b' }
    const once = made(written({}, { ownerReferences: [other] }))
    expect((once.metadata as { ownerReferences?: object[] }).ownerReferences).toHaveLength(2)
    expect((made(once).metadata as { ownerReferences?: object[] }).ownerReferences).toHaveLength(2)
  })

  test.each(['Oidc', 'Slack', 'Key', 'Nonsense', 7])('is refused with via %s', (via) => {
    expect(refusalOf(written({ via }))).toContain(
      via === 'Key' ? 'spec.via is Key' : 'spec.via says',
    )
  })

  test('of nobody is refused', () => {
    const nobody = { username: '', uid: undefined, groups: [] }
    expect(refusalOf(written(), nobody)).toContain('who makes this')
  })

  test('of somebody in more groups than it holds has those that matter', () => {
    const groups = [...Array.from({ length: 400 }, (_, index) => `g${index}`), 'data-stewards']
    const { decidedBy } = made(written(), { ...dana, groups: [...groups, 'x'.repeat(300)] }).spec
    expect(decidedBy?.groups).toHaveLength(256)
    expect(decidedBy?.groups?.[0]).toBe('data-stewards')
    expect(decidedBy?.groups).not.toContain('x'.repeat(300))
  })

  test.each([[null], [7], [{}], [{ spec: 7, metadata: {} }], [{ spec: [], metadata: {} }]])(
    'that is none (%j) is left to the schema',
    (decision) => {
      expect(stamp(decision, { author: dana, operatorUser: operator, request })).toEqual({
        operations: [],
      })
    },
  )
})

describe('A decision that the operator makes', () => {
  test.each(['Oidc', 'Slack'])('for a person via %s keeps whom it verified', (via) => {
    const { spec, metadata } = made(written({ ...onPage, via }), byOperator)
    expect(spec).toMatchObject({ via, decidedBy: onPage.decidedBy })
    expect(metadata.annotations).toEqual({ 'frostgate.dev/connection': 'acme' })
  })

  test.each([undefined, 'Kubernetes', 'Key'])('for nobody (via %s) is refused', (via) => {
    expect(stamped(written({ ...onPage, via }), byOperator)).toHaveProperty('refusal')
  })

  test('is the operator’s by its whole name only', () => {
    for (const username of [
      `${operator}x`,
      operator.toUpperCase(),
      operator.slice(0, -1),
      `${operator} `,
    ])
      expect(stamped(written(onPage), { username, uid: undefined, groups: [] })).toHaveProperty(
        'refusal',
      )
  })
})

describe('Whatever an author writes', () => {
  const anything = fc.object({ maxDepth: 3 })
  const authors = fc.record({
    username: fc.string({ minLength: 1, maxLength: 40 }),
    uid: fc.option(fc.string({ maxLength: 40 }), { nil: undefined }),
    groups: fc.array(fc.oneof(fc.constant('data-stewards'), fc.string()), { maxLength: 6 }),
  })
  const decisions = fc.record(
    {
      decidedBy: fc.oneof(anything, fc.string(), fc.constant(null), fc.array(fc.string())),
      via: fc.oneof(fc.constantFrom('Kubernetes', 'Oidc', 'Slack', 'Key'), fc.string(), anything),
      signature: fc.string(),
    },
    { requiredKeys: [] },
  )
  const metadata = fc.record(
    {
      annotations: fc.oneof(fc.dictionary(fc.string(), fc.string()), fc.constant(null)),
      ownerReferences: fc.oneof(fc.array(anything, { maxLength: 2 }), fc.constant(null)),
    },
    { requiredKeys: [] },
  )

  test('decidedBy is the API server’s word, or the decision is refused', () => {
    fc.assert(
      fc.property(decisions, metadata, authors, (spec, more, author) => {
        fc.pre(author.username !== operator)
        const given: Readonly<Record<string, unknown>> = { ...spec }
        const decision = { ...written({}, more), spec: { ...written().spec, ...given } }
        if (given['via'] === undefined) delete (decision.spec as { via?: unknown }).via
        const result = stamped(decision, author)
        if ('refusal' in result) {
          expect((given['via'] ?? 'Kubernetes') !== 'Kubernetes').toBe(true)
          return
        }
        const { via, decidedBy } = result.decision.spec
        const { username, uid, groups = [], ...rest } = decidedBy ?? { username: '' }
        expect([via, username, rest]).toEqual(['Kubernetes', author.username, {}])
        expect([undefined, author.uid]).toContain(uid)
        expect([...groups].sort()).toEqual([...new Set(author.groups)].sort())
        expect(result.decision.metadata.annotations?.['frostgate.dev/connection']).toBe('acme')
      }),
      { numRuns: 500 },
    )
  })
})
