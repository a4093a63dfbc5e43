import { crc32, deflateRawSync } from 'node:zlib'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { requireIntegrity } from '../cluster/binaries/client-package.ts'
import { fileInZip } from '../cluster/binaries/zip.ts'

describe('reading a file from a ZIP archive', () => {
  test('gives each file’s bytes, stored or deflated, whatever stands around it', () => {
    const name = fc.string({ minLength: 1, maxLength: 12 })
    const content = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))
    const file = fc.record({ name, content, method: fc.constantFrom(0, 8), extra: fc.nat(9) })
    const archived = fc.uniqueArray(file, { selector: (one) => one.name, maxLength: 5 })
    fc.assert(
      fc.property(archived, (list) => {
        const archive = zip(list)
        for (const { name, content } of list) {
          expect(fileInZip(archive, name).equals(content)).toBe(true)
        }
      }),
      { numRuns: 100 },
    )
  })

  const archive = zip([{ name: 'a', content: Buffer.from('hello'), method: 8, extra: 0 }])

  test('says which file it does not hold', () => {
    expect(() => fileInZip(archive, 'helm/helm')).toThrow('holds no helm/helm')
  })

  test('says what is no archive', () => {
    expect(() => fileInZip(Buffer.from('<html>not found</html>'), 'a')).toThrow('Not a ZIP archive')
  })

  test('says which packing it does not know', () => {
    const packed = zip([{ name: 'a', content: Buffer.from('hello'), method: 14, extra: 0 }])
    expect(() => fileInZip(packed, 'a')).toThrow('ZIP method 14')
  })

  test('refuses data of another length than promised', () => {
    const broken = zip([{ name: 'a', content: Buffer.from('hello'), method: 0, extra: 0 }])
    broken.writeUInt32LE(4, broken.lastIndexOf('PK\x01\x02', undefined, 'latin1') + 24)
    expect(() => fileInZip(broken, 'a')).toThrow('has 5 bytes, not 4')
  })
})

test('a download with another hash than the pinned one is not used', () => {
  const integrity =
    'sha512-m3HSJL1i83hdltRq0+o9czGb+8KJDKra4t/3JRlnPKcjI8PZm6XBHXx6zG4UuMXaDEZjR1wuXDre9G9zvN7AQw=='
  expect(() => {
    requireIntegrity(Buffer.from('hello'), integrity, 'the package')
  }).not.toThrow()
  expect(() => {
    requireIntegrity(Buffer.from('hello!'), integrity, 'the package')
  }).toThrow(/the package: the download's hash is sha512-.*, pinned is sha512-m3HS/)
})

interface Entry {
  readonly name: string
  readonly content: Buffer
  readonly method: number
  readonly extra: number
}

/** Extra fields of another length in the local header than in the directory, as zip tools do. */
function zip(entries: readonly Entry[]): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, content, method, extra } of entries) {
    const data = method === 8 ? deflateRawSync(content) : content
    const encoded = Buffer.from(name)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(method, 4)
    common.writeUInt32LE(crc32(content), 10)
    common.writeUInt32LE(data.length, 14)
    common.writeUInt32LE(content.length, 18)
    common.writeUInt16LE(encoded.length, 22)
    common.writeUInt16LE(extra, 24)
    const local = Buffer.concat([
      Buffer.from('PK\x03\x04', 'latin1'),
      common,
      encoded,
      Buffer.alloc(extra),
      data,
    ])
    const entry = Buffer.alloc(46)
    entry.write('PK\x01\x02', 0, 'latin1')
    common.copy(entry, 6, 0, 24)
    entry.writeUInt16LE(0, 30)
    entry.writeUInt32LE(offset, 42)
    directory.push(entry, encoded)
    locals.push(local)
    offset += local.length
  }
  const all = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 0, 'latin1')
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(all.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, all, end])
}
