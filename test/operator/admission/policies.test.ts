/** The policies of the API server say the same as the webhooks, in their own language. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'

import { approvalPaths } from '../../../operator/admission/webhook/approvals.ts'
import { admissionPaths } from '../../../operator/admission/webhook/handler.ts'
import { privateVolumes } from '../../../operator/admission/names.ts'
import { refusalsOf, app, podWith } from './support/pods.ts'

const folder = join(import.meta.dirname, '../../../operator/admission/policies')
const files = readdirSync(folder)

interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec?: {
    readonly failurePolicy?: string
    readonly policyName?: string
    readonly validationActions?: readonly string[]
    readonly validations?: readonly {
      readonly expression: string
      readonly message?: string
      readonly reason?: string
    }[]
  }
  readonly webhooks?: readonly {
    readonly failurePolicy: string
    readonly clientConfig: {
      readonly caBundle?: string
      readonly service: { readonly path: string }
    }
  }[]
}

const manifests = files.flatMap((file) =>
  parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map(
    (document) => document.toJS() as Manifest,
  ),
)
const policies = manifests.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy')
const text = (file: string) => readFileSync(join(folder, file), 'utf8')

describe('The admission policies', () => {
  test.each(policies.map((policy) => [policy.metadata.name, policy] as const))(
    '%s fails closed, is bound to deny, and says what to do',
    (name, { spec }) => {
      expect(spec?.failurePolicy).toBe('Fail')
      for (const { message, reason } of spec?.validations ?? []) {
        expect(message).toMatch(/\. .+\.$/)
        // 403, as the webhooks answer; the default is 422.
        expect(reason).toBe('Forbidden')
      }
      const binding = manifests.find((manifest) => manifest.spec?.policyName === name)
      expect(binding?.spec?.validationActions).toEqual(['Deny'])
    },
  )

  test.each(['gate.yaml', 'ephemeral.yaml'])('%s names the private volumes', (file) => {
    for (const name of privateVolumes) expect(text(file)).toContain(`'${name}'`)
  })

  test.each(['gate.yaml', 'ephemeral.yaml'])(
    '%s allows the capabilities that inject allows',
    (file) => {
      const [, list = ''] =
        /in \[('AUDIT_WRITE'[^\]]*)\]/.exec(text(file).replace(/\s+/g, ' ')) ?? []
      const names = list.split(', ').map((name) => name.replaceAll("'", ''))
      expect(names).toHaveLength(13)
      const pod = podWith({
        containers: [{ ...app, securityContext: { capabilities: { add: names } } }],
      })
      expect(refusalsOf(pod)).toEqual([])
    },
  )
})

describe('The webhook configurations', () => {
  const webhooks = manifests.flatMap((manifest) => manifest.webhooks ?? [])

  test('fail closed and hold no certificate, which the operator applies', () => {
    expect(webhooks.length).toBeGreaterThan(0)
    for (const { failurePolicy, clientConfig } of webhooks) {
      expect(failurePolicy).toBe('Fail')
      expect(clientConfig.caBundle).toBeUndefined()
    }
  })

  test('call paths that are served', () => {
    for (const { clientConfig } of webhooks)
      expect([...admissionPaths, ...approvalPaths]).toContain(clientConfig.service.path)
  })
})
