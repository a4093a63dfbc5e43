/** A folder of YAML as a store to test. */

import { mkdtemp, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { DirectoryObjectStore } from '../../../operator/store/directory-object-store.ts'
import type { StoreUnderTest } from './contract.ts'

interface Named {
  readonly kind: string
  readonly metadata: { readonly name: string }
}

export const fast = { debounce: 10, poll: 60_000 }

/** A folder with a file `Kind-name.yaml` for each object. */
export async function folderWith(objects: readonly object[]) {
  const folder = await mkdtemp(join(tmpdir(), 'frostgate-store-'))
  const fileOf = (kind: string, name: string) => join(folder, `${kind}-${name}.yaml`)
  const put = (object: object) => {
    const { kind, metadata } = object as Named
    return writeFile(fileOf(kind, metadata.name), stringify(object))
  }
  for (const object of objects) await put(object)
  return { folder, fileOf, put, close: () => rm(folder, { recursive: true }) }
}

export async function folderStore(objects: readonly object[]): Promise<StoreUnderTest> {
  const { folder, fileOf, put, close } = await folderWith(objects)
  const store = new DirectoryObjectStore(folder, fast)
  return {
    store,
    put,
    remove: ({ kind, name }) => unlink(fileOf(kind, name)),
    statusOf: ({ kind, namespace, name }) =>
      Promise.resolve(store.statuses().get(`${kind} ${namespace}/${name}`)),
    close,
  }
}
