/** A folder of configuration as a steward's team would keep it: policies, rules, and who approves. */

import { cp, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { frostgate } from '../../cli/frostgate.ts'

const quickstart = join(import.meta.dirname, '../../../examples/quickstart')

export interface Configuration {
  readonly directory: string
  /** Of Ann, a data steward. */
  readonly key: string
  /** Writes another message into the rule of one client. */
  changeRule(client: string): Promise<void>
}

export async function writeConfiguration(
  folder: string,
  clients: readonly string[],
): Promise<Configuration> {
  const directory = join(folder, 'policies')
  const key = join(folder, 'ann.json')
  await mkdir(directory, { recursive: true })
  for (const name of ['connection.yaml', 'masking.yaml', 'policy.yaml'])
    await cp(join(quickstart, name), join(directory, name))
  await cp(join(import.meta.dirname, 'policy.yaml'), join(directory, 'waiting.yaml'))
  const template = await readFile(join(import.meta.dirname, 'rule.yaml'), 'utf8')
  // Whole: meanwhile another client's change may have the folder read.
  const writeRule = async (client: string, message: string): Promise<void> => {
    const file = join(directory, `rule-of-${client}.yaml`)
    await writeFile(
      `${file}.part`,
      template
        .replaceAll('{client}', client)
        .replaceAll('{CLIENT}', client.toUpperCase())
        .replaceAll('{message}', message),
    )
    await rename(`${file}.part`, file)
  }
  for (const client of clients) await writeRule(client, 'as it was')
  const { code, stdout, stderr } = await frostgate([
    'approver', 'init', '--name', 'ann', '--group', 'data-stewards', '--key', key,
  ]) // prettier-ignore
  if (code !== 0) throw new Error(`frostgate approver failed: ${stderr}`)
  await writeFile(join(directory, 'approvers.yaml'), stdout)
  return { directory, key, changeRule: (client) => writeRule(client, 'as it is now') }
}
