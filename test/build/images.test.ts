/** Dockerfiles and the workflow that builds them, as far as they can be judged without either. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

import { programNames, programs } from '../../build/programs.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const dockerfiles = readdirSync(join(root, 'build')).filter((name) => name.endsWith('.Dockerfile'))

/** Instructions with their arguments; continued lines are one. */
function instructions(text: string): readonly (readonly [string, string])[] {
  return text
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, instruction = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? []
      return [instruction, rest] as const
    })
}

describe.each(dockerfiles)('%s', (name) => {
  const all = instructions(read(join('build', name)))
  const of = (wanted: string) => all.flatMap(([name, rest]) => (name === wanted ? rest : []))
  const final = all.slice(all.findLastIndex(([name]) => name === 'FROM'))

  test('takes its bases by arguments without defaults, so by what the build says', () => {
    expect(of('ARG').slice(0, 2)).toEqual(['NODE_IMAGE', 'RUNTIME_IMAGE'])
    for (const base of of('FROM'))
      expect(base).toMatch(/^(--platform=\$BUILDPLATFORM )?\$\{(NODE|RUNTIME)_IMAGE\}( AS \w+)?$/)
    expect(final[0]).toEqual(['FROM', '${RUNTIME_IMAGE}'])
  })

  test('ends as a user without rights, with a program and no shell', () => {
    const last = (wanted: string) => final.findLast(([each]) => each === wanted)?.[1]
    expect(last('USER')).toBe('65532:65532')
    expect(last('ENTRYPOINT')).toBe('["/nodejs/bin/node", "/app/main.mjs"]')
    expect(final.filter(([each]) => each === 'RUN')).toEqual([])
    expect(last('ENV')).toContain('NODE_OPTIONS=')
    expect(last('ENV')).toContain('PATH=/nodejs/bin:')
  })

  test('adds nothing from elsewhere, and names no "latest" and no secret', () => {
    expect(of('ADD')).toEqual([])
    expect(read(join('build', name))).not.toMatch(/:latest|curl|wget|TOKEN|PASSWORD|--unsafe-perm/)
    // The program belongs to root: it cannot change itself.
    expect(of('COPY').filter((rest) => rest.endsWith(' /app'))).toEqual([
      expect.stringContaining('--chown=0:0') as string,
    ])
  })
})

describe('The context of images', () => {
  test('is closed but for what bundles are made of', () => {
    const [first, ...rest] = read('.dockerignore').trim().split('\n').slice(1)
    expect(first).toBe('*')
    const open = rest.map((line) => line.replace(/^!/, ''))
    for (const { entry, beside } of Object.values(programs))
      for (const path of [entry, ...beside]) expect(open).toContain(path.split('/')[0])
    expect(open).not.toContain('node_modules')
    expect(open).not.toContain('test')
  })
})

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}

interface Job {
  readonly 'timeout-minutes'?: number
  readonly permissions?: Readonly<Record<string, string>>
  readonly if?: string
  readonly strategy?: { readonly matrix: { readonly include?: readonly { program: string }[] } }
  readonly steps: readonly Step[]
}

describe('The public workflow', () => {
  const workflow = parse(read('.github/workflows/ci.yaml')) as {
    readonly permissions: object
    readonly jobs: Readonly<Record<string, Job>>
  }
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps)

  test('has the keys of a workflow, and a time limit for every job', () => {
    expect(Object.keys(workflow)).toEqual(['name', 'on', 'permissions', 'concurrency', 'jobs'])
    for (const job of Object.values(workflow.jobs))
      expect(job['timeout-minutes']).toBeGreaterThan(0)
  })

  test('may only read, but for the jobs of a release', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' })
    const more = Object.entries(workflow.jobs).filter(([, job]) => job.permissions !== undefined)
    expect(more.map(([name]) => name)).toEqual(['images', 'chart'])
    for (const [, job] of more) expect(job.if).toBe("github.ref_type == 'tag'")
  })

  test('uses every action by an exact version, and leaves no credential in the checkout', () => {
    const uses = steps.flatMap((step) => step.uses ?? [])
    for (const action of uses) expect(action).toMatch(/^[\w-]+\/[\w-]+@v\d+\.\d+\.\d+$/)
    for (const step of steps.filter(({ uses }) => uses?.startsWith('actions/checkout@')))
      expect(step.with).toEqual({ 'persist-credentials': false })
  })

  test('runs no text of a pull request: values of events reach scripts by the environment only', () => {
    for (const { run = '' } of steps) expect(run).not.toContain('${{')
  })

  test('tests, builds all programs for two platforms, and tells what is in them and who built them', () => {
    const text = read('.github/workflows/ci.yaml')
    for (const wanted of [
      ...['npm test', 'npm run test:cluster', 'linux/amd64,linux/arm64', 'spdx-json'],
      ...['cosign sign', 'attest-build-provenance', 'gcr.io/distroless/nodejs24-debian12'],
    ])
      expect(text).toContain(wanted)
    const built = workflow.jobs['images']?.strategy?.matrix.include ?? []
    expect(built.map(({ program }) => program)).toEqual([...programNames])
  })
})
