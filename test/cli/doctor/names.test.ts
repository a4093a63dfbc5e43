/** What the doctor looks for, against what the chart makes. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import {
  admissionPolicies,
  definitionNames,
  keysSecret,
  leaderLease,
  operatorDeployment,
  webhookConfiguration,
  webhookNames,
} from '../../../cli/doctor/names.ts'

const repository = join(import.meta.dirname, '../../..')
const templates = join(repository, 'charts/frostgate/templates')
const read = (...path: readonly string[]) => readFileSync(join(templates, ...path), 'utf8')

/** `Kind name` of each object of a template, the release called `r`. */
function objects(text: string): readonly string[] {
  const found = text.matchAll(/^kind: (\w+)\nmetadata:\n {2}name: (.+)$/gm)
  return Array.from(
    found,
    ([, kind = '', name = '']) => `${kind} ${name.replaceAll('{{ .Release.Name }}', 'r')}`,
  )
}

const inFolder = (folder: string) =>
  readdirSync(join(templates, folder)).flatMap((file) => objects(read(folder, file)))

test('the doctor looks for the definitions of the chart', () => {
  expect(inFolder('crds').toSorted()).toEqual(
    definitionNames.map((name) => `CustomResourceDefinition ${name}`).toSorted(),
  )
})

test('the doctor looks for the admission policies of the chart, each with its binding', () => {
  const expected = admissionPolicies.flatMap((name) => [
    `ValidatingAdmissionPolicy ${name}`,
    `ValidatingAdmissionPolicyBinding ${name}`,
  ])
  expect(inFolder('policies').toSorted()).toEqual(expected.toSorted())
})

test('the doctor looks for the webhooks of the chart', () => {
  const text = read('webhooks.yaml')
  const name = webhookConfiguration('r')
  expect(objects(text)).toEqual([
    `MutatingWebhookConfiguration ${name}`,
    `ValidatingWebhookConfiguration ${name}`,
  ])
  const [mutating = '', validating = ''] = text.split(/^---$/m)
  const names = (part: string) =>
    Array.from(part.matchAll(/^ {2}- name: (.+)$/gm), ([, each]) => each)
  expect(names(mutating)).toEqual(webhookNames.mutating)
  expect(names(validating)).toEqual(webhookNames.validating)
})

test('the doctor looks for the Deployment and the Secret of the chart', () => {
  expect(objects(read('deployment.yaml'))).toContain(`Deployment ${operatorDeployment('r')}`)
  expect(read('rbac.yaml').replaceAll('{{ .Release.Name }}', 'r')).toContain(
    `resourceNames: [${keysSecret('r')}]`,
  )
})

test('the doctor looks for the Lease that the operator holds', () => {
  const wiring = readFileSync(join(repository, 'operator/wiring/operator.ts'), 'utf8')
  expect(wiring).toContain(`name: \`${leaderLease('${settings.release}')}\``)
})
