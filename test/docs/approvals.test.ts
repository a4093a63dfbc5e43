/** The page on approvals: its objects are ones, its commands are there, and so are the tests it names. */

import { existsSync, readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

import { validateObject } from '../../crds/validation.ts'
import { compileAll } from '../../operator/compile/compile-all.ts'
import { cli } from '../cli/in-process.ts'
import { connection, snapshotOf } from '../operator/compile/objects.ts'

const page = readFileSync('docs/approvals.md', 'utf8')
const blocks = (language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))].map(
    ([, text = '']) => text,
  )

describe('docs/approvals.md', () => {
  test.each(blocks('yaml').map((text) => parse(text) as { kind: string }))(
    'has a $kind that the schema takes',
    (object) => {
      expect(validateObject(object.kind as 'AgentPolicy', object)).toEqual([])
    },
  )

  test('has a policy and a suspension that compile', () => {
    const objects = blocks('yaml').map((text) => parse(text) as { kind: string })
    const of = (kind: string) => objects.find((each) => each.kind === kind) ?? {}
    for (const acme of [connection('acme'), of('SnowflakeConnection')]) {
      const compiled = compileAll(snapshotOf(acme, of('AgentPolicy')), {})
      expect(compiled.connections.get('frostgate/acme')?.problems).toEqual([])
    }
  })

  test('names commands that are there', async () => {
    const { stdout } = await cli(['--help'])
    const lines = blocks('sh').join('\n').split('\n')
    const named = lines.flatMap((line) => /^frostgate (\S+)/.exec(line)?.[1] ?? [])
    expect(named.length).toBeGreaterThan(5)
    for (const name of new Set(named)) expect(stdout).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'))
  })

  test('names tests that are there', () => {
    const named = [...page.matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => path)
    expect(named.length).toBeGreaterThan(10)
    expect(named.filter((path) => !existsSync(path))).toEqual([])
  })
})
