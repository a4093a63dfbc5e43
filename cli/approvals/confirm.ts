/** Asks whoever sits at the terminal. */

import { createInterface } from 'node:readline/promises'

export interface Asking {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly output: NodeJS.WritableStream
}

export const atTerminal: Asking = { input: process.stdin, output: process.stderr }

/** Only `y` and `yes` are yes; the end of the input is no. */
export async function confirmed(question: string, { input, output }: Asking): Promise<boolean> {
  const lines = createInterface({ input, output })
  try {
    const ended = new Promise<string>((resolve) => {
      lines.once('close', () => {
        resolve('')
      })
    })
    const answer = await Promise.race([lines.question(`${question} [y/N] `), ended])
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    lines.close()
  }
}
