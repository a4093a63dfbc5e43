/** docs/ci-runners.md: its blocks are what these systems read, and become the pods that it says. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'

import { inject } from '../../operator/admission/inject/inject.ts'
import { annotations, proxyContainer } from '../../operator/admission/injection.ts'
import { isCredential } from '../../operator/admission/inject/driver-environment.ts'
import type { Pod } from '../../operator/admission/pod.ts'
import { refusalReasons } from '../../operator/admission/refusals/catalogue.ts'
import { findPod } from '../../operator/admission/workloads.ts'
import { wantedConnection } from '../../operator/admission/webhook/namespace-mode.ts'
import { context } from '../operator/admission/support/context.ts'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/ci-runners.md'), 'utf8')
const golden = join(root, 'test/operator/admission/golden')

interface Block {
  /** Of the nearest heading. */
  readonly title: string
  readonly language: string
  readonly text: string
}

function blocks(): readonly Block[] {
  let title = ''
  const found: Block[] = []
  for (const [, heading, language = '', text] of page.matchAll(
    /^#{1,3} (.+)$|^```(\w+)\n([\s\S]*?)^```$/gm,
  )) {
    if (heading !== undefined) title = heading.replaceAll('`', '')
    else found.push({ title, language, text: text ?? '' })
  }
  return found
}

type Value = Readonly<Record<string, unknown>>

/** The YAML blocks under a heading, as values. */
const yamlUnder = (title: string): readonly Value[] =>
  blocks()
    .filter((block) => block.language === 'yaml' && block.title === title)
    .map(({ text }) => parse(text) as Value)

function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inner, step) => (inner as Value | undefined)?.[step], value)
}

const asked = { [annotations.connection]: 'acme' }

/** A real pod of that system, from the corpus of admission, with the annotations of the page. */
function podOf(file: string, given: unknown): Pod {
  const [document] = parseAllDocuments(readFileSync(join(golden, `${file}.yaml`), 'utf8'))
  const found = findPod(document?.toJS())
  if (!('name' in found)) throw new Error(`${file}.yaml holds no pod`)
  const others = Object.entries(found.pod.metadata?.annotations ?? {}).filter(
    ([name]) => !name.startsWith('frostgate.dev/'),
  )
  const all = { ...Object.fromEntries(others), ...(given as Record<string, string>) }
  return { ...found.pod, metadata: { ...found.pod.metadata, annotations: all } }
}

describe('docs/ci-runners.md', () => {
  it('has YAML that is YAML, without a key that is there twice', () => {
    const all = blocks().filter(({ language }) => language === 'yaml')
    expect(all.length).toBeGreaterThanOrEqual(10)
    for (const { text } of all)
      for (const { errors, warnings } of parseAllDocuments(text))
        expect([...errors, ...warnings]).toEqual([])
  })

  const systems: readonly (readonly [string, string, readonly (string | number)[]])[] = [
    ['Default mode', 'arc-runner', ['template', 'metadata', 'annotations']],
    ['Tekton', 'tekton-taskrun', ['metadata', 'annotations']],
    ['Argo Workflows', 'argo-workflow', ['spec', 'podMetadata', 'annotations']],
    [
      'Buildkite',
      'buildkite-job',
      ['steps', 0, 'plugins', 0, 'kubernetes', 'metadata', 'annotations'],
    ],
    [
      'Plain Jobs and CronJobs',
      'cronjob',
      ['spec', 'jobTemplate', 'spec', 'template', 'metadata', 'annotations'],
    ],
  ]
  it.each(systems)('%s: what it adds makes a pod of that system injected', (title, file, path) => {
    const given = at(yamlUnder(title)[0], ...path)
    expect(given).toEqual(asked)
    const result = inject(podOf(file, given), context)
    if (!('pod' in result)) throw new Error(JSON.stringify(result.refusals))
    expect(result.pod.spec?.initContainers?.[0]).toMatchObject({
      name: proxyContainer,
      restartPolicy: 'Always',
    })
  })

  it('containerMode: kubernetes: the hook’s template, itself YAML in a ConfigMap, annotates the job’s pod', () => {
    const [configMap, values] = yamlUnder('containerMode: kubernetes')
    const template = parse(String(at(configMap, 'data', 'content'))) as Value
    const result = inject(
      podOf('arc-kubernetes-mode-job', at(template, 'metadata', 'annotations')),
      context,
    )
    expect(result).toHaveProperty('pod')
    // The file that the runner reads is the one that is mounted.
    const runner = at(values, 'template', 'spec', 'containers', 0) as Value
    expect(at(runner, 'env', 0)).toEqual({
      name: 'ACTIONS_RUNNER_CONTAINER_HOOK_TEMPLATE',
      value: `${String(at(runner, 'volumeMounts', 0, 'mountPath'))}/content`,
    })
    expect(at(values, 'template', 'spec', 'volumes', 0)).toEqual({
      name: at(runner, 'volumeMounts', 0, 'name'),
      configMap: { name: at(configMap, 'metadata', 'name') },
    })
  })

  it('containerMode: dind: is refused with the reason that the page names', () => {
    const result = inject(podOf('arc-dind', asked), context)
    const reasons = 'refusals' in result ? result.refusals.map(({ reason }) => reason) : []
    expect(reasons).toEqual(['Privileged'])
    expect(page).toContain('**Refused**, with reason `Privileged`')
  })

  it('GitLab: the annotation of the runner’s configuration makes its pod injected', () => {
    const toml = blocks().find(({ title }) => title === 'GitLab')?.text ?? ''
    const lines = Array.from(toml.matchAll(/^ *"(frostgate\.dev\/[^"]+)" = "([^"]+)"$/gm))
    const given = Object.fromEntries(lines.map(([, name = '', value = '']) => [name, value]))
    expect(given).toEqual(asked)
    expect(inject(podOf('gitlab-build', given), context)).toHaveProperty('pod')
  })

  it('Tekton: a PipelineRun hands the same annotation on', () => {
    const [, run] = yamlUnder('Tekton')
    expect(at(run, 'spec', 'taskRunSpecs', 0, 'metadata', 'annotations')).toEqual(asked)
  })

  it('Plain Jobs and CronJobs: the example as a whole is injected', () => {
    const found = findPod(yamlUnder('Plain Jobs and CronJobs')[0])
    if (!('name' in found)) throw new Error('no pod was found')
    expect(inject(found.pod, context)).toHaveProperty('pod')
  })

  it('a namespace with its labels gives every pod the connection', () => {
    const [, namespace] = yamlUnder('CI runners')
    const labels = at(namespace, 'metadata', 'labels') as Record<string, string>
    expect(wantedConnection({ spec: { containers: [] } }, labels, 'frostgate')).toEqual({
      connection: { namespace: 'frostgate', name: 'acme' },
    })
  })

  it('speaks of credentials that are refused, and of reasons that exist', () => {
    expect(isCredential('SNOWFLAKE_PASSWORD')).toBe(true)
    expect(isCredential('SNOWFLAKE_PRIVATE_KEY_PATH')).toBe(true)
    const named = ['Privileged', 'ConnectionUnknown', 'NamespaceNotAllowed', 'CredentialInEnvironment'] // prettier-ignore
    for (const reason of named) {
      expect(page).toContain(`\`${reason}\``)
      expect(Object.keys(refusalReasons)).toContain(reason)
    }
  })
})
