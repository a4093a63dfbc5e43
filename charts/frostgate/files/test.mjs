// What `helm test` runs: is the operator ready, can sidecars reach it, and does the API server ask it?
import { readFileSync } from 'node:fs'
import { connect } from 'node:tls'

const {
  FROSTGATE_CONNECTION_NAMESPACE: namespace,
  FROSTGATE_READY: ready,
  FROSTGATE_BROKER: broker,
  FROSTGATE_DOUBTFUL: doubtful,
  KUBERNETES_SERVICE_HOST: host = '',
  KUBERNETES_SERVICE_PORT: port,
} = process.env
const signal = () => AbortSignal.timeout(10_000)

async function operatorIsReady() {
  const answer = await fetch(ready, { signal: signal() })
  if (!answer.ok) throw new Error(`${ready} answers ${answer.status}: ${await answer.text()}`)
  return 'all replicas that answer are ready'
}

/** Sidecars trust the operator's own CA, which this pod does not know: the name must be right. */
function brokerIsReached() {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: broker,
      port: 8443,
      servername: broker,
      rejectUnauthorized: false,
    })
    socket.setTimeout(10_000, () => socket.destroy(new Error(`${broker}:8443 does not answer`)))
    socket.on('error', reject)
    socket.on('secureConnect', () => {
      const { subjectaltname = '' } = socket.getPeerCertificate()
      socket.destroy()
      if (subjectaltname.split(', ').includes(`DNS:${broker}`)) resolve(`at ${broker}:8443`)
      else reject(new Error(`the certificate at ${broker}:8443 is for "${subjectaltname}"`))
    })
  })
}

/** The schema allows the object (doubtful.json); the operator does not, as it reads the issuer. */
async function webhookIsAsked() {
  const token = readFileSync('/var/run/secrets/kubernetes.io/serviceaccount/token', 'utf8')
  const server = host.includes(':') ? `[${host}]` : host
  const path = `/apis/frostgate.dev/v1alpha1/namespaces/${namespace}/snowflakeconnections?dryRun=All`
  const answer = await fetch(`https://${server}:${port}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: doubtful,
    signal: signal(),
  })
  const { message = 'the object was accepted' } = answer.ok ? {} : await answer.json()
  if (message.includes('denied the request')) return 'it refused what it should refuse'
  throw new Error(`answered ${answer.status}: ${message}`)
}

const checks = {
  'the operator is ready': operatorIsReady,
  'sidecars can reach the broker': brokerIsReached,
  'the API server asks the webhook': webhookIsAsked,
}

for (const [name, check] of Object.entries(checks)) {
  try {
    process.stdout.write(`ok      ${name}: ${await check()}\n`)
  } catch (error) {
    const cause = error.cause === undefined ? '' : ` (${error.cause.message})`
    process.stdout.write(`FAILED  ${name}: ${error.message}${cause}\n`)
    process.exitCode = 1
  }
}
