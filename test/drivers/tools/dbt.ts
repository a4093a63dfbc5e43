/** dbt, as analysts run it: a project, a profile, two threads; connector 4.x. */

import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Item, Ready, Scene, ToolSuite, Verdict } from '../suite.ts'
import { nowhereElse } from './support/checks.ts'
import { environment } from './support/environment.ts'
import { startToolGateway, type ToolGateway } from './support/gateway.ts'
import { startOutside } from './support/outside.ts'
import { runTool, type Ended } from './support/process.ts'

const title = 'dbt'
const project = join(import.meta.dirname, 'dbt/project')

export const suite: ToolSuite = {
  title,
  prepare: async (say) => {
    const installed = await environment(title, 'dbt', say)
    if (!('bin' in installed)) return installed
    const [core, adapter] = ['dbt-core', 'dbt-snowflake'].map((name) => installed.version(name))
    return ready(join(installed.bin, 'dbt'), `${core ?? ''}, dbt-snowflake ${adapter ?? ''}`)
  },
}

/** Of profiles.yml. */
type Target = 'reader' | 'builder' | 'forged' | 'quickstart' | 'holding'

interface Step {
  readonly name: string
  readonly item: Item
  readonly target: Target
  readonly words: readonly string[]
  readonly judge: (ended: Ended) => string | undefined
  /** Part of a statement that goes out once: nothing is tried again. */
  readonly once?: string
  readonly limitation?: string
}

function ready(program: string, version: string): Ready {
  return {
    version,
    run: async (scene) => {
      const gateway = await startToolGateway(join(scene.folder, 'dbt.jsonl'))
      const outside = await startOutside()
      try {
        await configure(scene, gateway)
        const verdicts: Verdict[] = []
        for (const step of steps)
          verdicts.push(await run(program, step, scene.folder, outside.url, gateway))
        return [...verdicts, await built(gateway), nowhereElse(outside.wanted)]
      } finally {
        await gateway.stop()
        await outside.close()
      }
    },
  }
}

async function configure(scene: Scene, gateway: ToolGateway): Promise<void> {
  const { folder } = scene
  await mkdir(folder, { recursive: true })
  await cp(project, join(folder, 'project'), { recursive: true })
  const [reader, builder] = [await gateway.token('readers'), await gateway.token('builders')]
  const output = (url: string, token: string, place: readonly [string, string]): object => ({
    type: 'snowflake',
    account: 'acme-demo',
    host: new URL(url).hostname,
    port: Number(new URL(url).port),
    protocol: 'http',
    user: 'agent',
    authenticator: 'oauth',
    token,
    database: place[0],
    schema: place[1],
    warehouse: 'AGENT_WH',
    role: 'AGENT_READER',
    threads: 2,
  })
  const build = ['STAGING', 'BUILD'] as const
  const outputs: Readonly<Record<Target, object>> = {
    reader: output(gateway.url, reader, ['ANALYTICS', 'PUBLIC']),
    builder: output(gateway.url, builder, build),
    forged: output(gateway.url, `${reader.slice(0, -8)}AAAAAAAA`, build),
    quickstart: output(scene.gateway, scene.token, ['ANALYTICS', 'PUBLIC']),
    holding: output(scene.holding, scene.holdingToken, ['ANALYTICS', 'PUBLIC']),
  }
  // JSON is YAML.
  await writeFile(
    join(folder, 'profiles.yml'),
    JSON.stringify({ frostgate: { target: 'reader', outputs } }),
    { mode: 0o600 },
  )
}

async function run(
  program: string,
  { name, item, target, words, judge, once, limitation }: Step,
  folder: string,
  outside: string,
  gateway: ToolGateway,
): Promise<Verdict> {
  const before = gateway.statements().length
  const ended = await runTool(
    [program, ...words, '--target', target, '--profiles-dir', folder, '--no-use-colors'],
    {
      folder: join(folder, 'project'),
      outside,
      env: { HOME: folder, DBT_SEND_ANONYMOUS_USAGE_STATS: 'false', DBT_LOG_PATH: folder },
    },
  )
  const sent = gateway.statements().slice(before)
  const times = once === undefined ? 1 : sent.filter((sql) => sql.includes(once)).length
  const complaint = judge(ended) ?? (times === 1 ? undefined : `it was sent ${times} times`)
  return { name, item, complaint, ...(limitation === undefined ? {} : { limitation }) }
}

/** What dbt made is in the warehouse. */
async function built(gateway: ToolGateway): Promise<Verdict> {
  const given = await gateway
    .execute(
      `SELECT (SELECT COUNT(*) FROM staging.build.regions),
        (SELECT SUM(orders) FROM staging.build.sales) = (SELECT COUNT(*) FROM staging.build.big_orders)`,
    )
    .then((cells) => JSON.stringify(cells), String)
  const complaint = given === '[["4","1"]]' ? undefined : `it is ${given}`
  return { name: 'what was built is there', item: 'transaction', complaint }
}

const said = ({ stdout, stderr }: Ended): string => `${stdout}${stderr}`

function succeeds(...words: readonly string[]): Step['judge'] {
  return (ended) => {
    const missing = words.find((word) => !said(ended).includes(word))
    return ended.code === 0 && missing === undefined ? undefined : said(ended).slice(-1500)
  }
}

/** It ended with a failure, and the whole of each text was shown, in whatever lines. */
function fails(...texts: readonly string[]): Step['judge'] {
  return (ended) => {
    if (ended.code === 0) return `it ended well: ${said(ended).slice(-600)}`
    const flat = said(ended).replaceAll(/\s+/g, ' ')
    const missing = texts.find((text) => !flat.includes(text))
    return missing === undefined ? undefined : `it does not say ${missing}: ${flat.slice(-1500)}`
  }
}

const visits = (note: string): readonly string[] => [
  'show',
  '--inline',
  `select visit_id, '${note}' as note from health.phi.visits`,
  '--limit',
  '3',
]

const steps: readonly Step[] = [
  {
    name: 'debug',
    item: 'connect by token',
    target: 'reader',
    words: ['debug'],
    judge: succeeds('All checks passed!'),
  },
  {
    name: 'a token with another signature',
    item: 'bad token',
    target: 'forged',
    words: ['debug', '--connection'],
    judge: fails('390303', 'signature'),
  },
  {
    name: 'show, through masks',
    item: 'masked columns',
    target: 'quickstart',
    words: ['show', '--inline', 'select id, ssn from health.phi.patients', '--limit', '3'],
    judge: succeeds('*******'),
  },
  {
    name: 'seed without a rule that lets it write',
    item: 'blocked: exact error, one request',
    target: 'reader',
    words: ['seed'],
    judge: fails('003001 (42501)', 'ANALYTICS.PUBLIC.REGIONS', 'PolicyUncovered]'),
    once: 'create table ANALYTICS.PUBLIC.regions',
  },
  {
    name: 'seed',
    item: 'bindings',
    target: 'builder',
    words: ['seed'],
    judge: succeeds('PASS=1', 'ERROR=0'),
  },
  {
    name: 'run: a view, and a table that reads it',
    item: 'transaction',
    target: 'builder',
    words: ['run', '--exclude', 'tag:protected'],
    judge: succeeds('PASS=2', 'ERROR=0'),
  },
  {
    name: 'run and seed once more, over what is there',
    item: 'transaction',
    target: 'builder',
    words: ['build', '--exclude', 'tag:protected'],
    judge: succeeds('ERROR=0'),
  },
  {
    name: 'test',
    item: 'describe',
    target: 'builder',
    words: ['test', '--exclude', 'tag:protected'],
    judge: succeeds('PASS=4', 'ERROR=0'),
  },
  {
    name: 'docs generate: the catalogue of what may be read',
    item: 'describe',
    target: 'builder',
    words: ['docs', 'generate', '--exclude', 'tag:protected'],
    judge: succeeds('Catalog written'),
  },
  {
    name: 'a model that would keep protected columns',
    item: 'blocked: exact error, one request',
    target: 'builder',
    words: ['run', '--select', 'people'],
    judge: fails('003001 (42501)', 'HEALTH.PHI.PATIENTS.SSN'),
    once: 'ssn from health.phi.patients',
  },
  {
    name: 'show of a held query, released',
    item: 'hold then release',
    target: 'holding',
    words: visits('release after 2 s'),
    judge: succeeds('release after 2 s'),
  },
  {
    name: 'show of a held query, denied',
    item: 'hold then deny',
    target: 'holding',
    words: visits('deny after 1 s'),
    judge: fails('003001', 'denied'),
  },
]
