/** The licences of the packages whose code is in a bundle, which must travel with it. */

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Metafile } from 'esbuild'

/** Folders of packages that gave code, from the bundler's own account. */
export function bundledPackages(metafile: Metafile): readonly string[] {
  const used = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? path : [])),
  )
  const folders = used.flatMap((path) => {
    const [, folder] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path) ?? []
    return folder ?? []
  })
  return [...new Set(folders)].sort()
}

/** One text. @throws Error naming a package that has neither a licence file nor a licence field. */
export async function licencesOf(root: string, folders: readonly string[]): Promise<string> {
  const all = await Promise.all(folders.map((folder) => licenceOf(join(root, folder))))
  return all.join(`\n${'-'.repeat(78)}\n\n`)
}

async function licenceOf(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  ) as { readonly name?: string; readonly version?: string; readonly license?: unknown }
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
  if (files.length === 0 && typeof license !== 'string') {
    throw new Error(`${folder} has no licence that could travel with the bundle.`)
  }
  const texts = await Promise.all(files.sort().map((file) => readFile(join(folder, file), 'utf8')))
  const title = `${name ?? folder} ${version ?? ''} (${typeof license === 'string' ? license : 'see below'})`
  return [title, '', ...texts.map((text) => text.trim()), ''].join('\n')
}
