/**
 * docs/clients.md: the table comes from a run of the whole suite (`--write-docs`), the snippets from
 * the files that the suite runs. `npm run generate` puts the snippets in, and refuses a table that
 * is not one of this suite.
 */

import { readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'

import { format, resolveConfig } from 'prettier'

import { cellOf, type Outcome } from './report.ts'
import { items } from './suite.ts'

const root = join(import.meta.dirname, '../..')
const name = 'docs/clients.md'
const file = join(root, name)
const snippets = 'test/drivers'

const table = {
  start: '<!-- clients: made by npm run test:drivers -- --write-docs -->',
  end: '<!-- /clients -->',
}

/** Replaces the table by that of a run in which nothing failed. */
export async function writeClientsPage(outcomes: readonly Outcome[]): Promise<void> {
  const page = await readFile(file, 'utf8')
  await writeFile(file, await clientsPage(replaced(page, tableOf(outcomes))))
}

/** The page with its snippets as they are now. Throws if its table is not one of this suite. */
export async function clientsPage(page: string): Promise<string> {
  const problem = problemOf(page.slice(...place(page)))
  if (problem !== undefined)
    throw new Error(`${name}: ${problem}. Run npm run test:drivers -- --write-docs.`)
  return format(await withSnippets(page), {
    ...(await resolveConfig(file)),
    parser: 'markdown',
  })
}

/** Items down, clients across; below, what a driver lacks itself, and why one could not run. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const notes: string[] = []
  const note = (text: string): string => {
    if (!notes.includes(text)) notes.push(text)
    return `[${notes.indexOf(text) + 1}]`
  }
  const own = (text: string): string => note(`The driver's own limitation: ${text}.`)
  const rows = items.map((item) => {
    const cells = outcomes.map((outcome) => {
      if (outcome.skipped !== undefined) return `SKIPPED ${note(`Not run: ${outcome.skipped}`)}`
      const { mark, limitations } = cellOf(outcome, item)
      const shown = mark === '~' ? '✓' : mark
      return mark === '~' && limitations.length > 0
        ? [lacksAll(outcome, item) ? '' : shown, ...limitations.map(own)].join(' ').trim()
        : shown
    })
    return `| ${item} | ${cells.join(' | ')} |`
  })
  return [
    `| | ${outcomes.map(({ title }) => title).join(' | ')} |`,
    `| --- |${' --- |'.repeat(outcomes.length)}`,
    ...rows,
    '',
    ...notes.map((text, index) => `- [${index + 1}] ${text}`),
  ].join('\n')
}

/** Nothing of the item could be tried. */
function lacksAll({ verdicts }: Outcome, item: (typeof items)[number]): boolean {
  return verdicts.every((verdict) => verdict.item !== item || verdict.limitation !== undefined)
}

/** Why this is not a table that `tableOf` makes of a run without complaint. */
export function problemOf(text: string): string | undefined {
  const [head = '', rule = '', ...rows] = text.split('\n').filter((line) => line.startsWith('|'))
  const cells = (line: string): readonly string[] =>
    line.split('|').slice(1, -1).map((cell) => cell.trim()) // prettier-ignore
  if (!/^\|[ \-|]+\|$/.test(rule)) return 'there is no table'
  const names = rows.map((row) => cells(row)[0])
  const missing = items.find((item, index) => names[index] !== item)
  if (missing !== undefined) return `the table has no row "${missing}" in its place`
  if (rows.length !== items.length) return 'the table has a row too many'
  for (const row of rows) {
    const [item, ...marks] = cells(row)
    if (marks.length !== cells(head).length - 1) return `row "${item}" has not one cell per client`
    const bad = marks.find((mark) => !/^(?:[✓–]|(?:✓|SKIPPED)?(?: ?\[\d+\])+)$/u.test(mark))
    if (bad !== undefined) return `row "${item}" has a cell "${bad}"`
  }
  return undefined
}

/** Offsets of what stands between the marks. */
function place(page: string): readonly [from: number, to: number] {
  const [from, to] = [page.indexOf(table.start), page.indexOf(table.end)]
  if (from < 0 || to < from) throw new Error(`${name} has not the marks around its table`)
  return [from + table.start.length, to]
}

function replaced(page: string, text: string): string {
  const [from, to] = place(page)
  return `${page.slice(0, from)}\n\n${text}\n\n${page.slice(to)}`
}

const block = /(<!-- snippet: (\S+) -->\n)[^]*?(<!-- \/snippet -->)/g
const languages: Readonly<Record<string, string>> = {
  node: 'js', python: 'python', jdbc: 'java', go: 'go', sqlalchemy: 'python', snowpark: 'python',
  'snow-cli': 'toml', dbt: 'yaml',
} // prettier-ignore

async function withSnippets(page: string): Promise<string> {
  const parts: string[] = []
  let from = 0
  for (const found of page.matchAll(block)) {
    const [whole, open = '', path = '', close = ''] = found
    const text = await readFile(join(root, snippets, path), 'utf8')
    const language = languages[basename(path, '.snippet')] ?? ''
    parts.push(page.slice(from, found.index), open)
    parts.push(`\n\`\`\`${language}\n${text.trimEnd()}\n\`\`\`\n\n`, close)
    from = found.index + whole.length
  }
  return [...parts, page.slice(from)].join('')
}
