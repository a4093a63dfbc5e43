import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

import { readOptions } from './options.ts'

const folder = mkdtempSync(join(tmpdir(), 'frostgate-corpus-'))
const empty = mkdtempSync(join(tmpdir(), 'frostgate-corpus-'))
afterAll(() => {
  for (const each of [folder, empty]) rmSync(each, { recursive: true })
})

const write = (name: string, value: unknown): string => {
  const file = join(folder, name)
  writeFileSync(file, JSON.stringify(value))
  return file
}
const good = write('good.json', [{ sql: 'SELECT 1', source: 'here' }])
const object = write('object.json', { sql: 'SELECT 1' })
const wrong = write('wrong.json', [{ sql: 'SELECT 1', source: 'here' }, { sql: 1 }])

test('files that are named are read, whatever the folder', () => {
  const { corpora, checks } = readOptions(['--checks', good], undefined)
  expect(corpora).toEqual([
    { name: 'good.json', statements: [{ sql: 'SELECT 1', source: 'here' }] },
  ])
  expect(checks).toBe(true)
})

test('a file of another shape is an error that names the file and the entry', () => {
  expect(() => readOptions([object], undefined)).toThrow(`${object}: not a list`)
  expect(() => readOptions([wrong], undefined)).toThrow(`${wrong}: entry 2 is not`)
})

test('without files the corpora of the folder are read, and only those', () => {
  expect(readOptions([], folder).corpora.map(({ name }) => name)).toEqual(['good.json'])
})

test('without files and without a folder, or without a corpus in it, it says what to do', () => {
  expect(() => readOptions([], undefined)).toThrow(/name one, or set FROSTGATE_CORPORA/)
  expect(() => readOptions([], empty)).toThrow(/no corpus in .* set FROSTGATE_CORPORA/)
})

test('an option that does not exist is an error', () => {
  expect(() => readOptions(['--everything', good], undefined)).toThrow(/--everything/)
})
