/**
 * Reads one file out of a ZIP archive (PKWARE APPNOTE 6.3: 4.3.12 central directory, 4.3.7 local
 * header). Not every machine has unzip; what is read here is one archive whose hash is pinned.
 */

import { inflateRawSync } from 'node:zlib'

const endOfDirectory = 0x06054b50
const directoryEntry = 0x02014b50

const methods: Readonly<Record<number, (data: Buffer) => Buffer>> = {
  0: (data) => data,
  8: (data) => inflateRawSync(data),
}

/** @throws Error when the archive, or the file in it, is not there or packed in another way. */
export function fileInZip(archive: Buffer, name: string): Buffer {
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  if (end < 0 || archive.readUInt32LE(end) !== endOfDirectory) {
    throw new Error('Not a ZIP archive: it has no directory at its end.')
  }
  let at = archive.readUInt32LE(end + 16)
  const entries = archive.readUInt16LE(end + 10)
  for (let index = 0; index < entries; index += 1) {
    if (archive.readUInt32LE(at) !== directoryEntry) throw new Error(`No ZIP entry at byte ${at}.`)
    const nameLength = archive.readUInt16LE(at + 28)
    if (archive.toString('utf8', at + 46, at + 46 + nameLength) === name) {
      return unpacked(archive, at, name)
    }
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32)
  }
  throw new Error(`The ZIP archive holds no ${name}.`)
}

function unpacked(archive: Buffer, entry: number, name: string): Buffer {
  const method = archive.readUInt16LE(entry + 10)
  const packedLength = archive.readUInt32LE(entry + 20)
  const length = archive.readUInt32LE(entry + 24)
  const header = archive.readUInt32LE(entry + 42)
  // The local header has lengths of its own; only they say where the data begins.
  const start = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28)
  const unpack = methods[method]
  if (unpack === undefined)
    throw new Error(`${name} is packed by ZIP method ${method}, not 0 or 8.`)
  const data = unpack(archive.subarray(start, start + packedLength))
  if (data.length !== length) throw new Error(`${name} has ${data.length} bytes, not ${length}.`)
  return data
}
