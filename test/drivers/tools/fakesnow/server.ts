/** fakesnow as a server, with tables that the policy of the suites speaks of. */

import { once } from 'node:events'
import { createInterface } from 'node:readline'

import { start, type Surroundings } from '../support/process.ts'

export interface Fakesnow {
  readonly url: string
  stop(): Promise<void>
}

/** Rejects if it ends before it says where it listens. */
export async function startFakesnow(
  program: string,
  surroundings: Surroundings,
): Promise<Fakesnow> {
  const child = start([program, '--server', '--host', '127.0.0.1'], surroundings, 'ignore')
  const exit = once(child, 'exit')
  const { stderr } = child
  if (stderr === null) throw new Error('fakesnow has no pipes')
  const printed: string[] = []
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: stderr }).on('line', (line) => {
      printed.push(line)
      const found = /running on (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1]
      if (found !== undefined) resolve(found)
    })
    exit.then(() => {
      reject(new Error(`fakesnow did not start: ${printed.join('\n').slice(-1500)}`))
    }, reject)
  })
  return {
    url,
    stop: async () => {
      child.kill('SIGINT')
      await exit
    },
  }
}

/** Of a connection to fakesnow itself. */
export const seed: readonly string[] = [
  'CREATE DATABASE health',
  'CREATE SCHEMA health.phi',
  'CREATE DATABASE analytics',
  'CREATE SCHEMA IF NOT EXISTS analytics.public',
  'CREATE DATABASE staging',
  'CREATE SCHEMA staging.build',
  'CREATE TABLE health.phi.patients (id NUMBER(38,0), name VARCHAR(100), ssn VARCHAR(11))',
  "INSERT INTO health.phi.patients VALUES (1, 'Ada', '900-12-3456'), (2, 'Bela', NULL)",
  'CREATE TABLE staging.build.notes (id NUMBER(38,0), body VARCHAR(100))',
]
