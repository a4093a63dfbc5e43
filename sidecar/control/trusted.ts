/** The CA certificates of the operator that this sidecar trusts, kept over a restart. */

import { readIfThere, replaceFile } from './files.ts'
import { certificates } from './notices.ts'

export interface Trusted {
  /** PEM. */
  readonly pem: string
  /** Replaces them. Errors: those of the file. */
  keep(pem: string): Promise<void>
}

/**
 * What was kept in `file`, else `given` at injection. The kept ones are never older: the operator
 * tells of each change before it uses it.
 *
 * @throws Error if neither holds a certificate.
 */
export async function openTrusted(file: string, given: string): Promise<Trusted> {
  let pem = (await kept(file)) ?? certificates(given, 'FROSTGATE_TRUST')
  return {
    get pem() {
      return pem
    },
    keep: async (next) => {
      if (next === pem) return
      pem = next
      await replaceFile(file, next)
    },
  }
}

async function kept(file: string): Promise<string | undefined> {
  const text = await readIfThere(file)
  if (text === undefined) return undefined
  try {
    return certificates(text, file)
  } catch {
    return undefined
  }
}
