/** snowflake-sdk, the driver for Node: installed with the development dependencies. */

import { createRequire } from 'node:module'
import { join } from 'node:path'

import type { Driver } from '../driver.ts'

// eslint-disable-next-line @typescript-eslint/require-await -- as the other clients, which install
export async function available(): Promise<Driver> {
  const metadata = createRequire(import.meta.url)('snowflake-sdk/package.json') as {
    readonly version: string
  }
  return {
    title: `snowflake-sdk ${metadata.version} (Node)`,
    language: 'node',
    refusalType: 'OperationFailedError',
    command: [process.execPath, join(import.meta.dirname, '../node/client.mjs')],
    snippet: {
      file: join(import.meta.dirname, 'node.snippet'),
      language: 'js',
      as: 'snippet.mjs',
      // By standard input: Node looks for packages from its working directory then.
      command: (path) => ['sh', '-c', 'exec node --input-type=module - < "$0"', path],
      cwd: join(import.meta.dirname, '../../..'),
    },
  }
}
