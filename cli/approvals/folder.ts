/** Requests and decisions in a folder of `frostgate up`; decisions are signed with a person's key. */

import { approverKeyPath, readPersonKey } from '../../operator/approvals/local/keys.ts'
import { openLocalApprovals } from '../../operator/approvals/local/client.ts'
import { CliError, type Terminal } from '../output.ts'
import { oneLine } from './layout.ts'
import type { ApprovalSource } from './source.ts'

/** `key`: a file; the person's usual one if it is not named. */
export function folderSource(
  folder: string,
  key: string | undefined,
  { environment, error }: Pick<Terminal, 'environment' | 'error'>,
): ApprovalSource {
  const local = openLocalApprovals(folder)
  const warned = new Set<string>()
  return {
    place: `the folder ${folder}`,
    requests: async () => {
      const { requests, problems } = await told(() => local.list())
      for (const { file, message, advice } of problems) {
        const warning = oneLine(`warning: ${file} counts for nothing: it ${message}. ${advice}`)
        if (!warned.has(warning)) error(warning)
        warned.add(warning)
      }
      return requests.map(({ request }) => request)
    },
    request: async (name) => (await told(() => local.request(name)))?.request,
    decide: async ({ request, digest, verdict, reason }) => {
      const { name } = request.metadata
      const person = await told(() => readPersonKey(key ?? approverKeyPath(environment)))
      const taken = await told(() => local.decide({ name, digest, verdict, reason, key: person }))
      if (!taken.taken) throw new CliError(`The decision was refused: ${oneLine(taken.why)}`, 1)
      return taken.decision.metadata.name
    },
    judged: async (decision) => {
      const judged = await told(() => local.judged(decision, 0))
      if (judged === undefined) return undefined
      return judged.taken ? { counts: true } : { counts: false, why: judged.why }
    },
    close: () => Promise.resolve(),
  }
}

/** Its errors say what to do already. */
async function told<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    throw new CliError(error instanceof Error ? oneLine(error.message) : String(error))
  }
}
