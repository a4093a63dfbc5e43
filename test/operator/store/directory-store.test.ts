import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DirectoryStore } from '../../../operator/store/directory-store.ts'
import { formatProblem } from '../../../operator/store/problem.ts'
import { valid, withFolder } from '../compile/folder.ts'

async function problemsIn(directory: string): Promise<readonly string[]> {
  const result = await new DirectoryStore(directory).read()
  const problems = 'problems' in result ? result.problems : []
  return problems.map(formatProblem).map((line) => line.replaceAll(directory, 'DIR'))
}

const secret = (rest: string) => `apiVersion: v1\nkind: Secret\nmetadata: { name: k }\n${rest}`

describe('A folder', () => {
  test('gives its objects by kind, and leaves other files alone', async () => {
    const files = { ...valid, 'README.md': 'x: [', '.hidden.yaml': 'x: [', 'agent.mjs': '' }
    const result = await withFolder(files, (directory) => new DirectoryStore(directory).read())
    if ('problems' in result) throw new Error(JSON.stringify(result.problems))
    const { connections, policies, maskingRules, secrets } = result.objects
    expect([connections, policies, maskingRules, secrets].map((list) => list.length)).toEqual([
      1, 1, 1, 0,
    ])
    expect(policies[0]?.locate(['spec', 'rules', 1, 'name'])).toMatchObject({ line: 15, column: 7 })
  })

  test('that does not exist, or has no YAML, is a problem', async () => {
    expect(await problemsIn('/nonexistent')).toEqual([
      'DIR: cannot be read: ENOENT. Name a folder that holds the YAML of a SnowflakeConnection.',
    ])
    expect(await withFolder({ 'a.txt': '' }, problemsIn)).toEqual([
      'DIR: holds 0 YAML files; from 1 to 1000 can be read. Name another folder.',
    ])
  })

  test('with an object twice names both places', async () => {
    const files = { ...valid, 'z.yaml': valid['masking.yaml'] ?? '' }
    expect(await withFolder(files, problemsIn)).toEqual([
      'DIR/z.yaml:4:3 metadata.name: MaskingRule frostgate/ssn is defined twice, first in DIR/masking.yaml:4. Rename or remove one of them.',
    ])
  })

  test('takes links that stay inside it, as mounts have them, and no others', async () => {
    await withFolder(valid, async (directory) => {
      await mkdir(join(directory, '..data'))
      await writeFile(join(directory, '..data', 'key.yaml'), secret('stringData: { a: b }'))
      await symlink('..data/key.yaml', join(directory, 'key.yaml'))
      expect(await problemsIn(directory)).toEqual([])
      await symlink('/etc/passwd', join(directory, 'passwd.yaml'))
      expect(await problemsIn(directory)).toEqual([
        'DIR/passwd.yaml: links to a file outside of the folder. Copy the file here.',
      ])
    })
  })

  test('with a file that is too large, not UTF-8, or not a file says so', async () => {
    const files = {
      'a.yaml': `# ${'x'.repeat(1_048_576)}`,
      'b.yaml': new Uint8Array([0xff, 0xfe]),
    }
    await withFolder(files, async (directory) => {
      await mkdir(join(directory, 'c.yaml'))
      expect((await problemsIn(directory)).map((line) => line.split('.', 2)[1])).toEqual([
        'yaml: is larger than 1048576 bytes',
        'yaml: cannot be read: ERR_ENCODING_INVALID_ENCODED_DATA',
        'yaml: is not a file',
      ])
    })
  })

  test('with a file that is empty, as one that is being written is, says so', async () => {
    const files = {
      ...valid,
      'masking.yaml': '',
      'notes.yaml': '\ufeff \n',
      'z.yaml': '# nothing yet\n',
    }
    expect(await withFolder(files, problemsIn)).toEqual([
      'DIR/masking.yaml: is empty, as a half-written file is. Write it or remove it.',
      'DIR/notes.yaml: is empty, as a half-written file is. Write it or remove it.',
    ])
  })

  test('takes what kubectl writes: status, and metadata of the API server', async () => {
    const text = (valid['masking.yaml'] ?? '').replace(
      'metadata:',
      'metadata:\n  uid: x\n  generation: 2\n  creationTimestamp: "2026-01-01T00:00:00Z"',
    )
    const status = 'status:\n  observedGeneration: 2\n'
    expect(await withFolder({ 'm.yaml': text + status }, problemsIn)).toEqual([])
  })
})

describe('A Secret', () => {
  test('never has its values shown', async () => {
    const texts = ['data: { k: "s3cr3t!" }', 'stringData: { k: [s3cr3t] }', 'stringData: s3cr3t']
    for (const text of texts) {
      const problems = await withFolder({ 's.yaml': secret(text) }, problemsIn)
      expect(problems).toHaveLength(1)
      expect(problems.join()).not.toContain('s3cr3t')
    }
  })

  test('has base64 under data', async () => {
    expect(await withFolder({ 's.yaml': secret('data: { k: "a" }') }, problemsIn)).toEqual([
      'DIR/s.yaml:4:9 data.k: is not base64. Encode it, or put the plain value under stringData.',
    ])
    expect(await withFolder({ 's.yaml': secret('data: { k: "YQ==" }') }, problemsIn)).toEqual([])
  })
})

describe('YAML', () => {
  test('that nests too deep or expands too far is a problem, quickly', async () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      'b: &b [*a,*a,*a,*a,*a,*a,*a]',
      'c: &c [*b,*b,*b,*b,*b,*b]',
      'd: [*c,*c,*c,*c,*c,*c]',
    ]
    const files = { 'a.yaml': '['.repeat(100_000), 'b.yaml': bomb.join('\n').replaceAll('x', '*z') }
    const problems = await withFolder({ ...files, 'c.yaml': bomb.join('\n') }, problemsIn)
    expect(new Set(problems.map((line) => line.split(':')[0]))).toEqual(
      new Set(['DIR/a.yaml', 'DIR/b.yaml', 'DIR/c.yaml']),
    )
    expect(problems.length).toBeLessThan(10)
    expect(problems.at(-1)).toMatch(/c\.yaml.*alias/)
  })

  test('cannot bring control characters into a message', async () => {
    const files = { 'a.yaml': 'kind: "\\e[31mred\\u202e"\n' }
    const [problem] = await withFolder(files, problemsIn)
    expect(problem).not.toMatch(/[\u0000-\u001f\u202e]/)
  })
})
