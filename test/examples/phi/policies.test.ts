/** The commands that examples/phi/README.md and the README name. */

import { expect, test } from 'vitest'

import { cli } from '../../cli/in-process.ts'

const catalogFile = 'examples/phi/tests/catalog.yaml'

test('frostgate test finds every case of examples/phi as expected', async () => {
  const { code, stdout } = await cli(['test', 'examples/phi'])
  expect(stdout).toContain('12 cases as expected.')
  expect(code).toBe(0)
})

test('frostgate explain tells which rule holds a statement, who may approve it and what to leave out', async () => {
  const { code, stdout } = await cli([
    'explain',
    'examples/phi',
    ...['--as', 'local:agent-7', '--group', 'ai-coding-agents', '--catalog', catalogFile],
    'SELECT id, notes FROM health.phi.patients',
  ])
  expect(stdout).toMatch(/^HELD .*data-stewards, by coding-agents\/clinical-columns/)
  expect(stdout.replace(/\s+/g, ' ')).toContain('leave out column HEALTH.PHI.PATIENTS.NOTES')
  expect(code).toBe(1)
})

test('frostgate lint finds no error there, and suggests masks for names and diagnoses', async () => {
  const { code, stdout } = await cli(['lint', 'examples/phi', '--catalog', catalogFile])
  expect(stdout).toContain('HEALTH.PHI.PATIENTS.NAME')
  expect(stdout).toContain('2 suggestions.')
  expect(code).toBe(0)
})
