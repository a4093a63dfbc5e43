/** A tool on top of a driver: its own suite, with the servers of the run. */

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { captureProxy } from '../wire/capture-proxy.ts'
import { httpMessages } from '../wire/http-messages.ts'
import type { Truth } from './answer.ts'
import { tokenOf } from './gateway.ts'
import type { Servers } from './servers.ts'
import { runSnippet } from './snippet.ts'
import type { Ready, Scene, Verdict } from './suite.ts'

/** A suite that fails as a whole is one that failed. */
export async function runScenario(
  suite: Ready<Pick<Scene, 'folder' | 'truth'>>,
  truth: Truth,
  folder: string,
): Promise<readonly Verdict[]> {
  await mkdir(folder, { recursive: true })
  try {
    return await suite.run({ folder, truth })
  } catch (error) {
    const complaint = error instanceof Error ? error.message : String(error)
    return [{ name: 'the suite', item: 'session and close', complaint }]
  }
}

export async function runTool(
  tool: Ready,
  { gateway, holding, direct }: Servers,
  truth: Truth,
  folder: string,
): Promise<readonly Verdict[]> {
  const token = await tokenOf(gateway.issuer, '1h')
  const home = join(folder, 'home')
  const tokenFile = join(folder, 'token')
  await mkdir(home, { recursive: true })
  await writeFile(tokenFile, `${token}\n`, { mode: 0o600 })
  const proxy = await captureProxy({ target: gateway.gateway })
  try {
    const verdicts = await tool.run({
      gateway: proxy.url,
      token,
      tokenFile,
      holding: holding.gateway,
      holdingToken: await tokenOf(holding.issuer, '1h'),
      direct: direct.url,
      directToken: direct.token,
      folder: home,
      truth,
      count: (prefix) =>
        proxy
          .conversations()
          .flatMap(({ sent }) => httpMessages(sent))
          .filter(({ start }) => start.split(' ')[1]?.startsWith(prefix)).length,
    })
    if (!tool.snippet) return verdicts
    const at = { gateway: proxy.url, tokenFile, folder: join(folder, 'snippet') }
    const complaint = await runSnippet(tool.snippet, at)
    return [...verdicts, { name: 'the snippet in docs/clients.md', item: 'connect by token file', complaint }]
  } catch (error) {
    const complaint = error instanceof Error ? error.message : String(error)
    return [{ name: 'the suite', item: 'session and close', complaint }]
  } finally {
    await proxy.close()
  }
} // prettier-ignore
