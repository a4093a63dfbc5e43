/**
 * `npm run bundle`: each program as a folder dist/images/<name> with main.mjs, its chunks and source
 * maps, what it reads, and the licences of what is in it. Images are made of these folders.
 */

import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'

import { build } from 'esbuild'

import { bundledPackages, licencesOf } from './licences.ts'
import { programNames, programs, type ProgramName } from './programs.ts'

const root = join(import.meta.dirname, '..')
export const imagesFolder = join(root, 'dist', 'images')

/** CommonJS in an ES module asks for these; node_modules of the image are found from the file. */
const banner = [
  "import { createRequire as __createRequire } from 'node:module'",
  'const require = __createRequire(import.meta.url)',
  'const __filename = import.meta.filename',
  'const __dirname = import.meta.dirname',
].join('\n')

/** Bundles one program into `folder`/<name>; resolves to the folder. Rejects with esbuild's errors. */
export async function bundle(name: ProgramName, folder = imagesFolder): Promise<string> {
  const { entry, beside, external, installs } = programs[name]
  const outdir = join(folder, name)
  await rm(outdir, { recursive: true, force: true })
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [{ in: entry, out: 'main' }],
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // What is imported while running stays apart: it may need packages that are not there.
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // No `keepNames`: it costs a call for each closure made, and without minified identifiers names
    // stay anyway. Smaller is sooner read and less in memory.
    minifyWhitespace: true,
    minifySyntax: true,
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    banner: { js: banner },
    external: [...external],
  })
  await mkdir(outdir, { recursive: true })
  for (const file of beside) await copyFile(join(root, file), join(outdir, basename(file)))
  await copyFile(join(root, 'LICENSE'), join(outdir, 'LICENSE'))
  const licences = await licencesOf(root, bundledPackages(metafile))
  await writeFile(join(outdir, 'THIRD-PARTY-LICENCES.txt'), licences)
  if (installs) await writeFile(join(outdir, 'package.json'), await manifest(external))
  return outdir
}

/** For `npm install` in the image: the versions that the repository is tested with. */
async function manifest(packages: readonly string[]): Promise<string> {
  const { dependencies, devDependencies } = JSON.parse(
    await readFile(join(root, 'package.json'), 'utf8'),
  ) as Readonly<Record<'dependencies' | 'devDependencies', Readonly<Record<string, string>>>>
  const versions = { ...devDependencies, ...dependencies }
  const wanted = Object.fromEntries(packages.map((name) => [name, versions[name]]))
  return `${JSON.stringify({ private: true, type: 'module', dependencies: wanted }, undefined, 2)}\n`
}

async function main(): Promise<void> {
  const [asked] = process.argv.slice(2)
  const names = asked === undefined ? programNames : programNames.filter((name) => name === asked)
  if (names.length === 0) throw new Error(`There is no ${asked ?? ''}: ${programNames.join(', ')}.`)
  for (const name of names) process.stdout.write(`${await bundle(name)}\n`)
}

if (import.meta.main) await main()
