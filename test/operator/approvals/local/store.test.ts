import { mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'

import { folderWriter } from '../../../../operator/approvals/local/files.ts'
import { fromYaml, toYaml } from '../../../../operator/approvals/local/object-text.ts'
import { digest, key, name, place, request, writeWhole } from './place.ts'

const failing = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }))

describe('a folder of approvals', () => {
  test('keeps a request in a file that only this user reads, with what an API server would add', async () => {
    const { store, folder, file } = await place()
    const kept = await store()
    expect(await kept.createRequest(request())).toBe('created')
    expect(kept.request(key)?.metadata).toMatchObject({ resourceVersion: '1', generation: 1 })
    expect(kept.request(key)?.metadata.uid).toMatch(/^[0-9a-f-]{36}$/)
    expect(await kept.readRequest(key)).toEqual(kept.request(key))
    expect((await stat(file('request', name))).mode & 0o777).toBe(0o600)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    expect(await kept.createRequest(request())).toBe('exists')
    expect((await readdir(folder)).filter((each) => each.startsWith('.draft'))).toEqual([])
  })

  test('writes a status only over the version that was read', async () => {
    const { store } = await place()
    const kept = await store()
    const told: string[] = []
    kept.onChange((changed) => told.push(changed.name))
    await kept.createRequest(request())
    const first = kept.request(key)
    if (!first) throw new Error('no request')
    expect(await kept.writeStatus(first, { phase: 'Pending' })).toBe('written')
    expect(await kept.writeStatus(first, { phase: 'Approved' })).toBe('conflict')
    const second = await kept.readRequest(key)
    expect(second).toMatchObject({
      metadata: { resourceVersion: '2' },
      status: { phase: 'Pending' },
    })
    expect(told).toEqual([name, name])
    if (second) await kept.deleteRequest(second)
    expect(kept.request(key)).toBeUndefined()
    expect(await kept.writeStatus(first, { phase: 'Approved' })).toBe('gone')
    await kept.createRequest(request())
    expect(await kept.writeStatus(first, { phase: 'Approved' })).toBe('gone')
  })

  test('of writers at the same time one gets its way', async () => {
    const { store } = await place()
    const kept = await store()
    await kept.createRequest(request())
    const read = kept.request(key)
    if (!read) throw new Error('no request')
    const written = await Promise.all(
      Array.from({ length: 20 }, () => kept.writeStatus(read, { phase: 'Used' })),
    )
    expect(written.filter((each) => each === 'written')).toHaveLength(1)
  })

  test('outlasts a restart, and tells a second gateway to keep out', async () => {
    const { store, folder } = await place()
    const first = await store()
    await first.createRequest(request())
    await expect(store()).rejects.toThrow(
      `The folder of approvals ${folder} is kept by another gateway.`,
    )
    const uid = first.request(key)?.metadata.uid
    await first.stop()
    const second = await store()
    expect(second.request(key)?.metadata.uid).toBe(uid)
    await expect(first.readRequest(key)).rejects.toThrow('Approvals are closed.')
  })

  test('a request that somebody else has changed is none, and its problem is told once', async () => {
    const { store, file, problems } = await place()
    const kept = await store()
    await kept.createRequest(request())
    const text = await readFile(file('request', name), 'utf8')
    await writeWhole(file('request', name), text.replace('data-stewards', 'everybody'))
    expect(await kept.readRequest(key)).toBeUndefined()
    await vi.waitFor(() => {
      expect(kept.request(key)).toBeUndefined()
    })
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain('was changed by somebody else than the gateway, so it is void')
    await writeWhole(file('request', name), text)
    expect((await kept.readRequest(key))?.metadata.name).toBe(name)
  })

  test('a request that nobody here has made is none', async () => {
    const { store, folder, file, problems } = await place()
    const kept = await store()
    await writeWhole(file('request', 'planted'), toYaml({ ...request(), metadata: { name: 'planted' } })) // prettier-ignore
    await vi.waitFor(() => {
      expect(problems.join()).toContain('was not made by this gateway')
    })
    expect(await kept.readRequest({ ...key, name: 'planted' })).toBeUndefined()
    expect(await readdir(folder)).toContain('approvalrequest-planted.yaml')
  })

  test('a full disk fails the call, leaves no draft, and changes nothing', async () => {
    const { store, folder } = await place()
    let full = true
    const writer = {
      create: (...args: Parameters<typeof folderWriter.create>) =>
        full ? failing('ENOSPC')() : folderWriter.create(...args),
      replace: (...args: Parameters<typeof folderWriter.replace>) =>
        full ? failing('ENOSPC')() : folderWriter.replace(...args),
    }
    const kept = await store({ writer })
    await expect(kept.createRequest(request())).rejects.toThrow(/cannot be written: ENOSPC/)
    expect(kept.request(key)).toBeUndefined()
    full = false
    await kept.createRequest(request())
    const read = kept.request(key)
    if (!read) throw new Error('no request')
    full = true
    await expect(kept.writeStatus(read, { phase: 'Used' })).rejects.toThrow(/ENOSPC/)
    expect(await kept.readRequest(key)).toEqual(read)
    expect((await readdir(folder)).filter((each) => each.startsWith('.draft'))).toEqual([])
  })

  test.each([
    [
      'removed',
      async (folder: string) => {
        await rm(folder, { recursive: true })
      },
    ],
    [
      'replaced',
      async (folder: string) => {
        await rename(folder, `${folder}-aside`)
        await mkdir(folder, { mode: 0o700 })
      },
    ],
  ])('a folder that was %s approves nothing more', async (_what, change) => {
    // prettier-ignore
    const { store, folder, problems } = await place()
    const kept = await store()
    await kept.createRequest(request())
    const read = kept.request(key)
    if (!read) throw new Error('no request')
    await change(folder)
    await expect(kept.readRequest(key)).rejects.toThrow('was removed or replaced')
    await expect(kept.readDecisions(key)).rejects.toThrow('was removed or replaced')
    await expect(kept.writeStatus(read, { phase: 'Used' })).rejects.toThrow('removed or replaced')
    await expect(kept.createRequest(request())).rejects.toThrow('removed or replaced')
    await vi.waitFor(() => {
      expect(problems.join()).toContain('was removed or replaced')
    })
  })

  test('half-written, huge, binary and linked files are left alone and told of', async () => {
    const { store, file, folder, root, problems } = await place()
    const kept = await store()
    await kept.createRequest(request())
    await writeWhole(file('decision', 'half'), 'apiVersion: frostgate.dev/v1alpha1\nkind: "Appr')
    await writeWhole(file('decision', 'huge'), 'x'.repeat(2 ** 21))
    await writeWhole(file('decision', 'binary'), Buffer.from([0xff, 0xfe, 0x00]))
    await writeFile(join(root, 'elsewhere'), 'secret: 1\n')
    await symlink(join(root, 'elsewhere'), file('decision', 'link'))
    await mkdir(file('decision', 'folder'))
    await writeWhole(join(folder, 'approvaldecision-..yaml'), 'a: 1')
    await writeWhole(join(folder, 'other.yaml'), 'a: 1')
    await vi.waitFor(() => {
      expect(problems).toHaveLength(7)
    })
    const all = problems.join('\n')
    for (const why of ['YAML', 'larger than', 'not UTF-8', 'is a link', 'is not a file', 'not named like']) {
      expect(all).toContain(why)
    } // prettier-ignore
    expect(all).not.toContain('secret')
    expect(kept.request(key)?.metadata.name).toBe(name)
  })

  test.each(['../evil', 'a/b', '.hidden', 'UPPER', 'a'.repeat(201), '', 'a..b', '-a'])(
    'takes no name that leads elsewhere: %j',
    async (evil) => {
      const { store, root } = await place()
      const kept = await store()
      const made = { ...request(), metadata: { name: evil, namespace: 'frostgate' } }
      await expect(kept.createRequest(made)).rejects.toThrow('keeps no request')
      expect(await kept.readRequest({ namespace: 'frostgate', name: evil })).toBeUndefined()
      expect((await readdir(root)).sort()).toEqual(['approvals', 'configuration'])
    },
  )

  test('a link in the place of a new request is not followed', async () => {
    const { store, root, file } = await place()
    const kept = await store()
    await writeFile(join(root, 'victim'), 'untouched')
    await symlink(join(root, 'victim'), file('request', name))
    expect(await kept.createRequest(request())).toBe('exists')
    expect(await readFile(join(root, 'victim'), 'utf8')).toBe('untouched')
  })

  test('is refused where others may write, or where it is a link', async () => {
    const { store, folder, root } = await place()
    await mkdir(folder, { mode: 0o777 })
    await import('node:fs/promises').then(({ chmod }) => chmod(folder, 0o777))
    await expect(store()).rejects.toThrow(`chmod 700 ${folder}`)
    const linked = join(root, 'linked')
    await symlink(folder, linked)
    await expect(store({ folder: linked })).rejects.toThrow('it is a link')
  })

  test('of another namespace nothing is known', async () => {
    const { store } = await place()
    const kept = await store()
    await kept.createRequest(request())
    const other = { namespace: 'other', name }
    expect(kept.request(other)).toBeUndefined()
    expect(await kept.readRequest(other)).toBeUndefined()
    await expect(
      kept.createRequest({ ...request(), metadata: { name: 'x', namespace: 'other' } }),
    ).rejects.toThrow('of that namespace')
  })

  test('any text comes back as it was written', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }),
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }),
        (statement, reason) => {
          const asked = request({ statement, reason })
          const read = fromYaml('ApprovalRequest', name, 'file', toYaml(asked))
          expect(read).toEqual({ object: asked })
        },
      ),
    )
    for (const statement of ['no', '0123', '- a', '\u0085\u2028\ufeff\u0000', "'\"\n---\n...", '\ud800 x', '2024-01-01']) {
      const asked = request({ statement, statementDigest: digest })
      expect(fromYaml('ApprovalRequest', name, 'file', toYaml(asked))).toEqual({ object: asked })
    } // prettier-ignore
  })
})
