/** A bundle from a file: what a sidecar starts from when no operator sends it one. */

import { readFile, stat } from 'node:fs/promises'
import type { Bundle } from './bundle.ts'
import { readBundleShape } from './bundle-shape.ts'
import { digestOf } from './digest.ts'
import { ShapeError } from './shape.ts'

/** Far above any real bundle; a wrong path (a log, a disk image) should not fill the memory. */
const maxBytes = 16 * 1_048_576

/** A bundle that cannot be used. The message says which file, why, and what to do. */
export class BundleInvalid extends Error {
  override readonly name = 'BundleInvalid'

  constructor(source: string, reason: string, options?: ErrorOptions) {
    super(
      `Bundle ${source} cannot be used: ${reason}. Compile it again with the same version of Frostgate.`,
      options,
    )
  }
}

/**
 * Reads the bundle in `file`.
 *
 * @throws BundleInvalid if it cannot be read, is not a bundle of this version, or was changed
 *   after it was compiled.
 */
export async function loadBundle(file: string): Promise<Bundle> {
  return parseBundle(await readText(file), file)
}

/** The bundle in `json`; `source` names it in errors. Throws as `loadBundle` does. */
export function parseBundle(json: string, source: string): Bundle {
  const bundle = readShape(parseJson(json, source), source)
  const { digest, ...content } = bundle
  const actual = digestOf(content)
  if (actual === digest) return bundle
  throw new BundleInvalid(source, `its digest is ${digest}, but its content has ${actual}`)
}

async function readText(file: string): Promise<string> {
  try {
    const { size } = await stat(file)
    if (size > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`)
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new BundleInvalid(file, reasonOf(error), { cause: error })
  }
}

function parseJson(json: string, source: string): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    throw new BundleInvalid(source, `it is not JSON (${reasonOf(error)})`, { cause: error })
  }
}

function readShape(value: unknown, source: string): Bundle {
  try {
    return readBundleShape(value, '')
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    throw new BundleInvalid(source, error.message, { cause: error })
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
