/** FOR TRYING ONLY: the example issuer as a process of its own. See issuer.ts. */

import { rename, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'

import { defaultIssuerPort } from './address.ts'
import { startIssuer, type Issuer } from './issuer.ts'

const usage = `Starts an OIDC issuer on 127.0.0.1 that gives a token to whoever asks. For trying only.

  node examples/oidc/main.ts [--port N] [--token-file FILE --subject NAME --group NAME …]

  --token-file   also keep a token in this file, renewed as a cluster renews those of pods
`

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: String(defaultIssuerPort) },
    'token-file': { type: 'string' },
    subject: { type: 'string', default: 'agent' },
    group: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', default: false },
  },
})

const lifeSeconds = 3600
const renewEveryMs = 600_000

/** Replaced as a whole: a reader never sees half a token. */
async function writeToken(issuer: Issuer, file: string): Promise<void> {
  const { subject, group: groups } = values
  const token = await issuer.mint({ subject, groups, expiresIn: lifeSeconds })
  await writeFile(`${file}.new`, token, { mode: 0o644 })
  await rename(`${file}.new`, file)
}

if (values.help) process.stdout.write(usage)
else {
  const issuer = await startIssuer({ port: Number(values.port) })
  const file = values['token-file']
  let timer: NodeJS.Timeout | undefined
  if (file !== undefined) {
    await writeToken(issuer, file)
    timer = setInterval(() => void writeToken(issuer, file), renewEveryMs)
  }
  process.stdout.write(`${issuer.url}\n`)
  const stop = (): void => {
    clearInterval(timer)
    void issuer.close()
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}
