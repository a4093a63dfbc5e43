/** A Python program that does one thing for each line it is given, so that each can be counted. */

import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'

import type { Answer } from '../../answer.ts'
import { start, type Surroundings } from './process.ts'

/** `operation` is a key of the program's own table. */
export type Request = Readonly<Record<string, unknown>> & { readonly operation: string }

export interface Program {
  /** Rejects if the program ends instead of answering. */
  ask(request: Request): Promise<Answer>
  /** Rejects if it does not end well. */
  end(): Promise<void>
  /** Ends it, if it still runs. */
  kill(): void
}

export function startProgram(python: string, file: string, surroundings: Surroundings): Program {
  const child = start([python, file], surroundings, 'pipe')
  const { stdin, stdout, stderr } = child
  if (stdin === null || stdout === null || stderr === null) throw new Error('it has no pipes')
  const exit = once(child, 'exit') as Promise<[number | null, string | null]>
  const complaints = text(stderr)
  // A write to a program that died is told by its exit.
  stdin.on('error', () => undefined)
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]()
  const ended = async (): Promise<Error> => {
    const [code, signal] = await exit
    return new Error(`it ended with ${String(code ?? signal)}: ${(await complaints).slice(-2000)}`)
  }
  return {
    ask: async (request) => {
      stdin.write(`${JSON.stringify(request)}\n`)
      // Libraries print too.
      for (;;) {
        const line = await lines.next()
        if (line.done === true) throw await ended()
        if (line.value.startsWith('{"answer"'))
          return (JSON.parse(line.value) as { readonly answer: Answer }).answer
      }
    },
    end: async () => {
      stdin.end()
      const [code] = await exit
      if (code !== 0) throw await ended()
    },
    kill: () => {
      child.kill('SIGKILL')
    },
  }
}
