/** Runs a program to its end and keeps what it printed. */

import { spawn } from 'node:child_process'

export interface CommandOptions {
  readonly input?: string
  readonly cwd?: string
  /** Added to this process's own environment. */
  readonly env?: Readonly<Record<string, string>>
  /** After this many seconds the program is killed and the call fails. */
  readonly seconds?: number
}

/** What a failed program was asked and what it answered. */
export class CommandError extends Error {
  readonly exit: string
  readonly stderr: string

  constructor(program: string, args: readonly string[], exit: string, stderr: string) {
    const said = stderr.trim() === '' ? 'It printed nothing on stderr.' : stderr.trim()
    super(`${[program, ...args].join(' ')}: ${exit}\n${said}`)
    this.name = 'CommandError'
    this.exit = exit
    this.stderr = stderr
  }
}

/**
 * Resolves to stdout.
 * @throws CommandError with command, exit code and stderr when it does not end with code 0.
 */
export async function run(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { input = '', cwd, env = {}, seconds = 120 } = options
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      timeout: seconds * 1000,
      killSignal: 'SIGKILL',
      ...(cwd === undefined ? {} : { cwd }),
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    // A program that ends without reading its input closes the pipe; its exit code tells the rest.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
    child.on('error', (error) => {
      reject(new CommandError(program, args, `could not be started: ${error.message}`, ''))
    })
    child.on('close', (code, signal) => {
      if (code === 0) resolve(Buffer.concat(out).toString())
      else {
        const exit =
          signal === null
            ? `exit code ${String(code)}`
            : `ended by ${signal} (time limit ${seconds} s)`
        reject(new CommandError(program, args, exit, Buffer.concat(err).toString()))
      }
    })
  })
}
