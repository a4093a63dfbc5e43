/**
 * The folder of approvals: how a file is named, written whole, and read without trusting it. Several
 * programs write here (the gateway, and whoever decides), so a name appears with all of its text or
 * not at all, and nothing is followed out of the folder.
 */

import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { link, lstat, mkdir, open, readdir, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'

import { syncFolder } from '../../../sidecar/recording/folder.ts'
import { systemCode } from '../../../sidecar/recording/recording-error.ts'

export type ApprovalKind = 'ApprovalRequest' | 'ApprovalDecision'

export interface FileName {
  readonly kind: ApprovalKind
  readonly name: string
}

/** Beside the recording of `frostgate up`. */
export const defaultFolder = '.frostgate/approvals'

/** DNS-1123 subdomain, as Kubernetes names objects: no separators, no `..`, nothing hidden. */
const label = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?'
const objectName = new RegExp(`^${label}(?:\\.${label})*$`)
/** With the kind and the ending, file systems take 255 bytes. */
const longestName = 200
const fileName = /^(approvalrequest|approvaldecision)-(.*)\.yaml$/
const kinds = { approvalrequest: 'ApprovalRequest', approvaldecision: 'ApprovalDecision' } as const

/** The API server takes no larger object either. */
const maxBytes = 1_048_576
/** More files than these are not read. */
const mostFiles = 20_000

export function isObjectName(name: string): boolean {
  return name.length <= longestName && objectName.test(name)
}

/** Throws for a name that is none: it would lead elsewhere. */
export function fileOf({ kind, name }: FileName): string {
  if (!isObjectName(name)) throw new Error(`${JSON.stringify(name)} is no name of an object`)
  return `${kind.toLowerCase()}-${name}.yaml`
}

export function objectIn(file: string): FileName | undefined {
  const [, prefix, name] = fileName.exec(file) ?? []
  if (prefix === undefined || name === undefined || !isObjectName(name)) return undefined
  return { kind: kinds[prefix as keyof typeof kinds], name }
}

export interface Listed {
  readonly objects: readonly (FileName & { readonly file: string })[]
  /** YAML that no object's file is named like. */
  readonly strange: readonly string[]
}

/** Errors: those of the system, such as ENOENT. */
export async function listFolder(folder: string): Promise<Listed> {
  const names = (await readdir(folder))
    .filter((name) => /\.ya?ml$/i.test(name) && !name.startsWith('.'))
    .sort()
  if (names.length > mostFiles) {
    throw new Error(`it holds ${names.length} files, and ${mostFiles} can be read`)
  }
  return {
    objects: names.flatMap((file) => {
      const named = objectIn(file)
      return named === undefined ? [] : [{ ...named, file }]
    }),
    strange: names.filter((file) => objectIn(file) === undefined),
  }
}

export interface FileRead {
  readonly text: string
}

const whyUnreadable: Readonly<Record<string, string>> = {
  ELOOP: 'is a link; only files count here',
  EACCES: 'may not be read by this user',
  ENXIO: 'is not a file',
  EISDIR: 'is not a file',
}

/** Undefined: there is no such file. */
export async function readPlainFile(
  path: string,
): Promise<FileRead | { readonly why: string } | undefined> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  try {
    const file = await open(path, flags)
    try {
      const status = await file.stat()
      if (!status.isFile()) return { why: 'is not a file' }
      if (status.size > maxBytes) return { why: `is larger than ${maxBytes} bytes` }
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
      return { text: text.decode(await file.readFile()) }
    } finally {
      await file.close()
    }
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT') return undefined
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return { why: 'is not UTF-8' }
    return { why: whyUnreadable[code ?? ''] ?? `cannot be read: ${code ?? String(error)}` }
  }
}

/** How files are written: replaced by tests that fill the disk. */
export interface FolderWriter {
  create(folder: string, file: string, text: string): Promise<'created' | 'exists'>
  replace(folder: string, file: string, text: string): Promise<void>
}

export const folderWriter: FolderWriter = {
  /** Never over a file that is there, nor through a link. */
  create: (folder, file, text) =>
    withDraft(folder, text, async (draft) => {
      try {
        await link(draft, join(folder, file))
        return 'created'
      } catch (error) {
        if (systemCode(error) === 'EEXIST') return 'exists'
        throw error
      }
    }),
  replace: (folder, file, text) =>
    withDraft(folder, text, async (draft) => {
      await rename(draft, join(folder, file))
    }),
}

/** The text is on the disk before its name is: what was let through once must stay written. */
async function withDraft<T>(
  folder: string,
  text: string,
  place: (draft: string) => Promise<T>,
): Promise<T> {
  const draft = join(folder, `.draft-${randomBytes(12).toString('hex')}`)
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.datasync()
    } finally {
      await file.close()
    }
    const placed = await place(draft)
    await syncFolder(folder)
    return placed
  } finally {
    // Gone already where it was renamed.
    await unlink(draft).catch(() => undefined)
  }
}

/** Made if it is not there. Errors: an Error that says why it cannot hold approvals. */
export async function prepareFolder(folder: string): Promise<void> {
  const cannot = (why: string): Error =>
    new Error(`The folder of approvals ${folder} cannot be used: ${why}.`)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw cannot(whyUnwritable[systemCode(error) ?? ''] ?? systemCode(error) ?? String(error))
  }
  const status = await lstat(folder)
  if (!status.isDirectory()) throw cannot('it is a link; name the folder itself')
  if ((status.mode & 0o022) !== 0) {
    throw cannot(`other users may write to it; run chmod 700 ${folder}`)
  }
}

const whyUnwritable: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EEXIST: 'it is a file',
  ENOTDIR: 'its folder is a file',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
}
