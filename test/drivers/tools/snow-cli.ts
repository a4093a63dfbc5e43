/** snow, Snowflake's command line: connector 4.x, and requests of its own. */

import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { maskOf } from '../answer.ts'
import type { Item, Ready, Scene, ToolSuite, Verdict } from '../suite.ts'
import { nowhereElse } from './support/checks.ts'
import { everyType } from './support/every-type.ts'
import { environment } from './support/environment.ts'
import { startOutside } from './support/outside.ts'
import { runTool, type Ended } from './support/process.ts'

const title = 'snow CLI'

export const suite: ToolSuite = {
  title,
  prepare: async (say) => {
    const installed = await environment(title, 'snow-cli', say)
    if (!('bin' in installed)) return installed
    return ready(join(installed.bin, 'snow'), installed.version('snowflake-cli'))
  },
}

type Connection = 'gateway' | 'file' | 'password' | 'holding' | 'forged' | 'direct'

interface Check {
  readonly name: string
  readonly item: Item
  readonly words: readonly string[]
  /** Connection of config.toml; `gateway` if left out. */
  readonly connection?: Connection
  readonly judge: (ended: Ended, scene: Scene) => string | undefined
  /** Statements, and polls of them; any number if left out. */
  readonly queries?: number
  readonly limitation?: string
}

function ready(program: string, version: string): Ready {
  return {
    version,
    run: async (scene) => {
      await configure(scene)
      const outside = await startOutside()
      try {
        const verdicts: Verdict[] = []
        for (const check of checks) verdicts.push(await run(program, outside.url, check, scene))
        return [
          ...verdicts,
          await sameAsDirect(program, outside.url, scene.folder),
          nowhereElse(outside.wanted),
        ]
      } finally {
        await outside.close()
      }
    },
  }
}

async function run(
  program: string,
  outside: string,
  { name, item, words, connection = 'gateway', judge, queries, limitation }: Check,
  scene: Scene,
): Promise<Verdict> {
  const before = scene.count('/queries/')
  const ended = await runTool([program, ...words, '--connection', connection], {
    folder: scene.folder,
    outside,
  })
  const made = scene.count('/queries/') - before
  const miscounted =
    queries === undefined || made === queries ? undefined : `it made ${made} requests`
  const complaint = judge(ended, scene) ?? miscounted
  return { name, item, complaint, ...(limitation === undefined ? {} : { limitation }) }
}

async function sameAsDirect(program: string, outside: string, folder: string): Promise<Verdict> {
  const printed = async (connection: Connection): Promise<Ended> =>
    runTool([program, ...sql(everyType), '--connection', connection], { folder, outside })
  const [ours, theirs] = [await printed('gateway'), await printed('direct')]
  const complaint =
    ours.code === 0 && ours.stdout === theirs.stdout
      ? undefined
      : `got ${JSON.stringify(ours)}, not ${JSON.stringify(theirs)}`
  return { name: 'every type', item: 'types and NULLs as direct', complaint }
}

/** As a user writes it, once; the token is in a file, which is read at each connect. */
async function configure(scene: Scene): Promise<void> {
  const { gateway, token, tokenFile, holding, holdingToken, direct, directToken, folder } = scene
  const entry = (name: string, url: string, ...settings: readonly string[]): string => {
    const { hostname, port } = new URL(url)
    const address = [`host = "${hostname}"`, `port = ${port}`, 'protocol = "http"']
    return [`[connections.${name}]`, 'account = "acme-demo"', ...address, ...settings].join('\n')
  }
  const oauth = 'authenticator = "oauth"'
  const config = [
    '[cli]\nignore_new_version_warning = true',
    '[cli.logs]\nsave_logs = false',
    entry('gateway', gateway, oauth, `token = "${token}"`),
    entry('file', gateway, oauth, `token_file_path = "${tokenFile}"`),
    entry('password', gateway, 'user = "agent"', `password = "${token}"`),
    entry('holding', holding, oauth, `token = "${holdingToken}"`),
    entry('direct', direct, oauth, `token = "${directToken}"`),
    entry('forged', gateway, oauth, `token = "${token.slice(0, -8)}AAAAAAAA"`),
  ]
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'config.toml'), `${config.join('\n\n')}\n`, { mode: 0o600 })
  await writeFile(join(folder, 'two.sql'), `SELECT 1 AS one;\n${braces};\n`)
  await writeFile(join(folder, 'patients.csv'), 'id,name\n1,Ada\n')
}

/** Text that a template engine would change. */
const braces = "SELECT '<% x %> &{ y } {{ z }}' AS text"

const sql = (statement: string, ...more: readonly string[]): readonly string[] => [
  'sql', '--query', statement, '--format', 'json', '--enable-templating', 'NONE', ...more,
] // prettier-ignore

/** It ended well, and printed this JSON. */
const prints =
  (expected: (scene: Scene) => unknown): Check['judge'] =>
  ({ code, stdout, stderr }, scene) => {
    if (code !== 0) return `it ended with ${String(code)}: ${stderr}${stdout}`.slice(0, 1500)
    const [left, right] = [compact(stdout), JSON.stringify(expected(scene))]
    return left === right
      ? undefined
      : `it printed ${left.slice(0, 600)}, not ${right.slice(0, 600)}`
  }

function compact(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text))
  } catch {
    return text
  }
}

/** It failed and said so, in a box whose lines are broken anywhere. */
const complains =
  (...words: readonly string[]): Check['judge'] =>
  ({ code, stdout, stderr }) => {
    if (code === 0) return `it ended well: ${stdout.slice(0, 600)}`
    const said = unboxed(`${stdout}${stderr}`)
    if (said.includes('Traceback')) return `a stack trace: ${said.slice(-1500)}`
    const missing = words.find((word) => !said.includes(unboxed(word)))
    return missing === undefined ? undefined : `it does not say ${missing}: ${said.slice(0, 1500)}`
  }

/** Without frame and white space: a box breaks lines inside of words. */
const unboxed = (text: string): string => text.replaceAll(/[\s│╭╮╰╯─+|]/g, '')

const masked: Check['judge'] = (ended, scene) =>
  prints(({ truth }) =>
    [1, 2, 3].map((id) => ({ ID: id, SSN: maskOf(truth.ssns.get(String(id)) ?? null) })),
  )(ended, scene)

const patients = 'SELECT id, ssn FROM health.phi.patients WHERE id <= 3 ORDER BY id'

const visits = (note: string): string =>
  `SELECT visit_id, '${note}' AS note FROM health.phi.visits ORDER BY visit_id LIMIT 3`

const checks: readonly Check[] = [
  {
    name: 'connection test',
    item: 'connect by token',
    words: ['connection', 'test', '--format', 'json'],
    judge: ({ code, stdout, stderr }) => {
      if (code !== 0) return stderr + stdout
      const { Status, Role } = JSON.parse(stdout) as Readonly<Record<string, unknown>>
      return Status === 'OK' && Role === 'AGENT_READER' ? undefined : stdout
    },
  },
  {
    name: 'connection test with a token file',
    item: 'connect by token file',
    words: ['connection', 'test'],
    connection: 'file',
    judge: ({ code, stdout, stderr }) => (code === 0 ? undefined : stderr + stdout),
  },
  {
    name: 'connection test with the token as password',
    item: 'connect by password',
    words: ['connection', 'test'],
    connection: 'password',
    judge: ({ code, stdout, stderr }) => (code === 0 ? undefined : stderr + stdout),
  },
  {
    name: 'a token with another signature',
    item: 'bad token',
    words: ['connection', 'test'],
    connection: 'forged',
    judge: complains('390303', 'signature'),
    queries: 0,
  },
  {
    name: 'sql --query with types and NULLs',
    item: 'types and NULLs as direct',
    words: sql("SELECT 42 AS n, 1.50::NUMBER(5,2) AS d, TRUE AS b, 'Zürich' AS t, NULL AS nil"),
    judge: prints(() => [{ N: 42, D: '1.50', B: true, T: 'Zürich', NIL: null }]),
    queries: 1,
  },
  {
    name: '100,000 rows',
    item: '100,000 rows in chunks',
    words: sql('SELECT order_id, amount FROM analytics.public.orders ORDER BY order_id'),
    judge: ({ code, stdout, stderr }, { truth: { orders } }) => {
      if (code !== 0) return stderr
      const rows = JSON.parse(stdout) as readonly { ORDER_ID: number; AMOUNT: string }[]
      const digest = createHash('sha256')
      for (const { ORDER_ID, AMOUNT } of rows)
        digest.update(`${ORDER_ID}|${AMOUNT.replace(/\.?0+$/, '')}\n`)
      return rows.length === orders.count && digest.digest('hex') === orders.digest
        ? undefined
        : `${rows.length} rows, or other cells`
    },
  },
  {
    name: 'sql --query on a masked column',
    item: 'masked columns',
    words: sql(patients),
    judge: masked,
    queries: 1,
  },
  {
    name: 'a refusal is readable in its box',
    item: 'blocked: exact error, one request',
    words: ['sql', '--query', 'DROP TABLE health.phi.patients'],
    judge: complains('003001', '42501', '"never"', 'Ask #data-platform; agents may not drop.'),
    queries: 1,
  },
  {
    name: 'a refusal as JSON',
    item: 'blocked: exact error, one request',
    words: sql("SELECT name FROM health.phi.patients WHERE ssn = '900-12-3456'"),
    judge: complains('003001', 'HEALTH.PHI.PATIENTS.SSN', 'WHERE'),
    queries: 1,
  },
  {
    name: 'several statements, which it sends one by one',
    item: 'multi-statement',
    words: sql(`SELECT 1 AS a; ${patients}; SELECT 3 AS c`),
    judge: prints(({ truth }) => [
      [{ A: 1 }],
      [1, 2, 3].map((id) => ({ ID: id, SSN: maskOf(truth.ssns.get(String(id)) ?? null) })),
      [{ C: 3 }],
    ]),
    queries: 3,
  },
  {
    name: 'several statements end at one that is refused',
    item: 'multi-statement',
    words: ['sql', '--query', 'SELECT 1 AS a; DROP TABLE health.phi.patients; SELECT 3 AS c'],
    judge: complains('Ask #data-platform; agents may not drop.'),
    queries: 2,
  },
  {
    name: 'a file of statements, templating off',
    item: 'multi-statement',
    words: ['sql', '--filename', 'two.sql', '--format', 'json', '--enable-templating', 'NONE'],
    judge: prints(() => [[{ ONE: 1 }], [{ TEXT: '<% x %> &{ y } {{ z }}' }]]),
    queries: 2,
  },
  {
    name: 'object list table shows what may be read',
    item: 'describe',
    words: ['object', 'list', 'table', '--in', 'database', 'health', '--format', 'json'],
    judge: lists('PATIENTS', 'VISITS'),
    queries: 1,
  },
  {
    name: 'object describe table',
    item: 'describe',
    words: ['object', 'describe', 'table', 'health.phi.patients', '--format', 'json'],
    judge: lists('ID', 'NAME', 'SSN', 'DOB', 'CITY', 'EMAIL', 'NOTES', 'PROFILE'),
    queries: 1,
  },
  {
    name: 'stage copy up',
    item: 'PUT refused',
    words: ['stage', 'copy', 'patients.csv', '@analytics.public.files'],
    judge: complains('003001', 'PUT'),
    queries: 1,
  },
  {
    name: 'stage copy down',
    item: 'PUT refused',
    words: ['stage', 'copy', '@analytics.public.files/patients.csv', '.'],
    judge: complains('003001'),
  },
  {
    name: 'spcs image-registry token: a token that Snowflake would issue',
    item: 'session and close',
    words: ['spcs', 'image-registry', 'token', '--format', 'json'],
    judge: (ended, scene) =>
      ended.stdout.includes(scene.token) || ended.stdout.includes('ver:')
        ? `it shows a token: ${ended.stdout}`
        : complains('003001', 'ISSUE')(ended, scene),
    // It sets the format of results first, which it may.
    queries: 1,
  },
  {
    name: '!queries: statements of others',
    item: 'session and close',
    words: ['sql', '--query', '!queries'],
    judge: ({ stdout }) => (/select|show|use/i.test(stdout) ? `it shows ${stdout}` : undefined),
    queries: 0,
    limitation: 'snow prints nothing where !queries is refused',
  },
  {
    name: 'a held statement, released',
    item: 'hold then release',
    words: sql(visits('release after 2 s')),
    connection: 'holding',
    judge: prints(() => [1, 2, 3].map((id) => ({ VISIT_ID: id, NOTE: 'release after 2 s' }))),
  },
  {
    name: 'a held statement, denied',
    item: 'hold then deny',
    words: ['sql', '--query', visits('deny after 1 s')],
    connection: 'holding',
    judge: complains('denied'),
  },
]

function lists(...names: readonly string[]): Check['judge'] {
  return ({ code, stdout, stderr }) => {
    if (code !== 0) return `it ended with ${String(code)}: ${stderr}${stdout}`.slice(0, 1500)
    const given = (JSON.parse(stdout) as readonly { readonly name: string }[]).map(
      ({ name }) => name,
    )
    const missing = names.find((name) => !given.includes(name))
    return missing === undefined ? undefined : `it lists ${given.join(', ')} without ${missing}`
  }
}
