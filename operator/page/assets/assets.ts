/** The page's files, in the program itself: bundles and packages have nothing to forget. */

import { createHash } from 'node:crypto'

import { icon } from './icon.ts'
import { script } from './script.ts'
import { style } from './style/style.ts'

interface Asset {
  readonly type: string
  readonly body: string
}

export const assets = {
  '/assets/page.js': { type: 'text/javascript; charset=utf-8', body: script },
  '/assets/page.css': { type: 'text/css; charset=utf-8', body: style },
  '/assets/icon.svg': { type: 'image/svg+xml', body: icon },
} as const satisfies Readonly<Record<string, Asset>>

/** Of what is in a file: browsers may keep each version for ever. */
export function assetHash(body: string): string {
  return createHash('sha256').update(body).digest('hex').slice(0, 16)
}

export function addressOf(path: keyof typeof assets): string {
  return `${path}?v=${assetHash(assets[path].body)}`
}
