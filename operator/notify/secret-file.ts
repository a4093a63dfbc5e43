/** Secrets from files, read again when they change: a secret is rotated without a restart. */

import { readFile } from 'node:fs/promises'

/** What a file says. Rejects with a sentence for the log and the status, without what is in it. */
export type Secret<T> = () => Promise<T>

/** A burst reads the file once. */
const freshMs = 1_000
/** Nothing that is meant is longer. */
const mostBytes = 16_384

export interface SecretFile<T> {
  readonly path: string
  /** What it is, such as "the token of Slack". */
  readonly what: string
  /** Undefined if it is not one. */
  readonly parse: (text: string) => T | undefined
  /** What to write into it. */
  readonly advice: string
}

export function secretFile<T>(
  { path, what, parse, advice }: SecretFile<T>,
  now: () => number = () => performance.now(),
): Secret<T> {
  let kept: { readonly at: number; readonly value: Promise<T> } | undefined
  const read = async (): Promise<T> => {
    let text: string
    try {
      text = await readFile(path, 'utf8')
    } catch (error) {
      const { code = 'error' } = error as NodeJS.ErrnoException
      throw new Error(`${path}, ${what}, cannot be read (${code}). ${advice}`)
    }
    const value = text.length > mostBytes ? undefined : parse(text)
    if (value === undefined) throw new Error(`${path} is not ${what}. ${advice}`)
    return value
  }
  return () => {
    if (kept === undefined || now() - kept.at >= freshMs) kept = { at: now(), value: read() }
    return kept.value
  }
}

/** Lines without the space around them; empty ones are left out. */
export function linesOf(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => line.trim() || [])
}
