/**
 * `npm run generate`: writes what is made from something else. With `--check`: writes nothing, and
 * fails if a file is not what would be written.
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { format, resolveConfig } from 'prettier'

import { chartTemplates } from '../charts/generate.ts'
import { withValues } from '../charts/values-table.ts'
import { generateTypes } from '../crds/generate.ts'
import { errorCatalogue } from '../sidecar/errors.ts'
import { maskingPage } from './masking/page.ts'
import { withOutputs } from './cli/console.ts'
import { clientsPage } from '../test/drivers/page.ts'
import { protocolPage } from './protocol/page.ts'
import { sqlSupportPage } from './sql/page.ts'

const root = join(import.meta.dirname, '..')

const generated: Readonly<Record<string, () => Promise<string>>> = {
  'crds/types.ts': generateTypes,
  ...chartTemplates(),
  'docs/errors.md': errorsPage,
  'docs/masking.md': () => markdown('docs/masking.md', maskingPage()),
  'docs/cli.md': () => withOutputs(readFileSync(join(root, 'docs/cli.md'), 'utf8')),
  ...Object.fromEntries(
    ['docs/install.md', 'charts/frostgate/README.md'].map((name) => [
      name,
      () => markdown(name, withValues(readFileSync(join(root, name), 'utf8'))),
    ]),
  ),
  'docs/clients.md': () => clientsPage(readFileSync(join(root, 'docs/clients.md'), 'utf8')),
  'docs/protocol.md': () => markdown('docs/protocol.md', protocolPage()),
  'docs/sql-support.md': () => markdown('docs/sql-support.md', sqlSupportPage()),
}

async function errorsPage(): Promise<string> {
  const rows = Object.entries(errorCatalogue).map(([name, { code, sqlState, text, advice }]) => {
    const words = [text, advice].join(' ').replaceAll('|', '\\|').replaceAll(/[{}]/g, '`')
    return `| ${name} | ${code} | ${sqlState} | ${words} |`
  })
  const page = [
    '# Errors',
    '',
    'What Frostgate itself says to a client. Each message ends with its name in brackets, such as',
    "`[Frostgate ColumnUseRefused]`. Snowflake's own errors pass with their own codes. This page is",
    'generated from `sidecar/errors/catalogue.ts`.',
    '',
    '| name | code | SQLSTATE | text and advice |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
  return markdown('docs/errors.md', page)
}

async function markdown(name: string, page: string): Promise<string> {
  return format(page, { ...(await resolveConfig(join(root, name))), parser: 'markdown' })
}

for (const [name, generate] of Object.entries(generated)) {
  const file = join(root, name)
  const text = await generate()
  if (!process.argv.includes('--check')) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  } else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    process.stderr.write(`${name} is stale: run npm run generate, and commit it.\n`)
    process.exitCode = 1
  }
}
