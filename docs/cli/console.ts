/** Pages that show commands with what they print: `npm run generate` runs them and puts it there. */

import { openTerminal } from '../../cli/output.ts'
import { run } from '../../cli/program.ts'
import { healthyAnswers, startRecordedClusters, withInvalidCredential } from './recorded-cluster.ts'

const block = /^(```console\n)([^]*?)(^```)$/gm

/** The page with the output of each `$ frostgate …` in its console blocks as it is now. */
export async function withOutputs(page: string): Promise<string> {
  if (!/^\$ frostgate (doctor|status)\b/m.test(page)) return withOutputsHere(page)
  const healthy = await healthyAnswers(Date.now())
  const clusters = await startRecordedClusters({
    production: healthy,
    staging: withInvalidCredential(healthy),
  })
  const { KUBECONFIG: before } = process.env
  process.env['KUBECONFIG'] = clusters.kubeconfig
  try {
    return await withOutputsHere(page)
  } finally {
    if (before === undefined) delete process.env['KUBECONFIG']
    else process.env['KUBECONFIG'] = before
    await clusters.close()
  }
}

async function withOutputsHere(page: string): Promise<string> {
  const parts: string[] = []
  let from = 0
  for (const found of page.matchAll(block)) {
    const [whole, open = '', body = '', close = ''] = found
    parts.push(page.slice(from, found.index), open, await refreshed(body), close)
    from = found.index + whole.length
  }
  return [...parts, page.slice(from)].join('')
}

async function refreshed(body: string): Promise<string> {
  const commands = body.match(/^\$ (?:.*\\\n)*.*\n/gm) ?? []
  const shown = await Promise.all(
    commands.map(async (command) => `${command}${await outputOf(command.slice(2))}`),
  )
  return shown.join('')
}

/** Stdout only, without colours. */
async function outputOf(command: string): Promise<string> {
  const [name, ...words] = shellWords(command)
  if (name !== 'frostgate') throw new Error(`${command.trim()} is not one of ours`)
  let out = ''
  const stdout = { write: (text: string) => (out += text) }
  await run(
    words,
    openTerminal(stdout, { write: () => true }, {}, () => undefined),
  )
  return out
}

/** As a shell splits them: quotes, and a line that goes on after a backslash. */
function shellWords(command: string): readonly string[] {
  const words = command.replaceAll('\\\n', ' ').match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? []
  return words.map((word) => word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'))
}
