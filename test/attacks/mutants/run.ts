/** Runs the suite against each mutant of the gateway, in a copy of the tree. */

import { spawn } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { mutants, type Mutant } from './mutants.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const copied = ['sidecar', 'operator', 'crds', 'examples', 'test', 'package.json']

/** What a suite run said of one mutant. */
interface Verdict {
  readonly caught: boolean
  /** The first finding, or why there is none. */
  readonly by: string
}

/**
 * Prints a table. @returns how many mutants survived, or could not be made.
 * @param only names, or parts of them; undefined for all.
 * @param share one of so many is tried, another share with each seed.
 */
export async function runMutants(
  only: readonly string[] | undefined,
  share: { readonly of: number; readonly seed: number },
): Promise<number> {
  const wanted = mutants
    .filter(({ name }) => only?.some((part) => name.includes(part)) ?? true)
    .filter((_, index) => index % share.of === share.seed % share.of)
  const folder = await copyOfTree()
  try {
    const clean = await runSuite(folder, 'partial')
    if (clean.caught) throw new Error(`without a mutant the suite already finds: ${clean.by}`)
    let survived = 0
    for (const mutant of wanted) {
      const verdict = await tryMutant(folder, mutant)
      if (!verdict.caught) survived += 1
      console.log(`${verdict.caught ? 'caught  ' : 'SURVIVED'} ${mutant.name.padEnd(48)} ${verdict.by}`)
    }
    console.log(`${wanted.length - survived} of ${wanted.length} mutants were caught`)
    return survived
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
} // prettier-ignore

async function copyOfTree(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'frostgate-mutants-'))
  for (const name of copied) await cp(join(root, name), join(folder, name), { recursive: true })
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

async function tryMutant(folder: string, { file, find, replace, method }: Mutant): Promise<Verdict> {
  const path = join(folder, file)
  const source = await readFile(path, 'utf8').catch(() => '')
  const times = source.split(find).length - 1
  if (times !== 1) return { caught: false, by: `its text stands ${times} times in ${file}` }
  await writeFile(path, source.replace(find, () => replace))
  try {
    return await runSuite(folder, method ?? 'partial')
  } finally {
    await writeFile(path, source)
  }
} // prettier-ignore

/** Only the list of guards, and only until the first finding. */
async function runSuite(folder: string, method: string): Promise<Verdict> {
  const script = join(folder, 'test/attacks/run.ts')
  const options = ['--method', method, '--list', 'guards', '--generate', '0', '--first']
  const child = spawn(process.execPath, [script, ...options], { cwd: folder })
  let said = ''
  child.stdout.on('data', (piece: Buffer) => (said += piece.toString()))
  child.stderr.on('data', (piece: Buffer) => (said += piece.toString()))
  await new Promise((resolve) => child.on('close', resolve))
  const found = /^✗ (.+)\n {2}.*\n {4}(.*)/m.exec(said)
  if (found !== null) return { caught: true, by: `${found[1] ?? ''}: ${found[2]?.slice(0, 80) ?? ''}` }
  const ended = said.includes('no difference') ? 'nothing was noticed' : `it does not run: ${said.slice(-200)}`
  return { caught: false, by: ended }
} // prettier-ignore
