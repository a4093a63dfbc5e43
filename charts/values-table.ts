/** The table of the chart's values, made from the comments of values.yaml. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { isMap, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml'

export const valuesFile = join(import.meta.dirname, 'frostgate', 'values.yaml')

export interface Value {
  /** `sidecar.image.tag` */
  readonly path: string
  readonly otherwise: unknown
  /** What the comments above it and above what it is part of say. */
  readonly comment: string
}

/** Every value that can be set, in the order of the file. Maps of several settings are not values. */
export function readValues(text: string): readonly Value[] {
  const document = parseDocument(text)
  const [error] = document.errors
  if (error !== undefined) throw error
  if (!isMap(document.contents)) throw new Error('values.yaml is not a map')
  return valuesOf(document.contents, [], document.contents.commentBefore ?? '')
}

/** `above` is the comment that yaml gives to the map instead of to its first key. */
function valuesOf(map: YAMLMap, path: readonly string[], above: string): readonly Value[] {
  return map.items.flatMap((pair, index) => {
    const { name, comment } = keyOf(pair, index === 0 ? above : '')
    const here = [...path, name]
    // Settings may well have no words where their names say all; what a pod takes is one value.
    if (isMap(pair.value) && pair.value.items.length > 0 && name !== 'resources')
      return valuesOf(pair.value, here, pair.value.commentBefore ?? '')
    const value: unknown = isScalar(pair.value)
      ? pair.value.value
      : (pair.value as { toJSON(): unknown }).toJSON()
    return [{ path: here.join('.'), otherwise: value, comment }]
  })
}

function keyOf(pair: Pair, above: string): { readonly name: string; readonly comment: string } {
  if (!isScalar(pair.key)) throw new Error('a key of values.yaml is not a text')
  const comment = [above, pair.key.commentBefore ?? ''].find((each) => each !== '') ?? ''
  const words = comment.split('\n').map((line) => line.trim())
  return { name: String(pair.key.value), comment: words.join(' ') }
}

/** In Markdown. */
export function valuesTable(): string {
  const rows = readValues(readFileSync(valuesFile, 'utf8')).map(
    ({ path, otherwise, comment }) =>
      `| \`${path}\` | \`${JSON.stringify(otherwise)}\` | ${comment.replaceAll('|', '\\|')} |`,
  )
  return ['| value | default | means |', '| --- | --- | --- |', ...rows].join('\n')
}

const start = '<!-- values: made from charts/frostgate/values.yaml by npm run generate -->'
const end = '<!-- /values -->'

/** The page with the table between its two marks. @throws Error if it has no such marks. */
export function withValues(page: string): string {
  const [from, to] = [page.indexOf(start), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`the page lacks the marks ${start} and ${end}`)
  return `${page.slice(0, from)}${start}\n\n${valuesTable()}\n\n${page.slice(to)}`
}
