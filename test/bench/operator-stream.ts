/**
 * From a change of policy to the last acknowledgement: simulated sidecars, each with a TLS stream, a
 * fetch of the bundle and an acknowledgement. The broker has a process of its own, as in a cluster,
 * so that what is measured is not the sidecars' work.
 *
 * `node test/bench/operator-stream.ts [sidecars=500] [changes=10]` prints figures and judges nothing.
 */

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

import { makeSidecarKey, TestSidecar, type TestStream } from '../support/broker-client.ts'
import { BrokerCluster, keyPairCredential, origin } from '../support/broker-cluster.ts'

interface Ready {
  readonly port: number
  readonly trust: string
  readonly tokens: readonly string[]
}

/** Milliseconds since the epoch, of the machine that both processes share. */
interface Published {
  readonly digest: string
  readonly at: number
  readonly rssMegabytes: number
}

const generous = { burst: 1e9, perSecond: 1e9 }

if (process.argv[2] === 'broker') await serve(Number(process.argv[3]))
else await measure(Number(process.argv[2] ?? 500), Number(process.argv[3] ?? 10))

async function serve(count: number): Promise<void> {
  const cluster = new BrokerCluster()
  cluster.serve()
  const limits = { enrolPerAddress: generous, callsPerPod: generous }
  const { broker, port } = await cluster.replica({ limits })
  const tokens = Array.from({ length: count }, () => cluster.tokenOf(cluster.addPod()))
  const { trust } = await cluster.sidecar(port)
  let change = 0
  process.on('message', () => {
    change += 1
    const { digest } = cluster.serve('acme', keyPairCredential, `ROLE_${change}`)
    const at = Date.now()
    broker.publish()
    const rssMegabytes = process.memoryUsage().rss / 1e6
    process.send?.({ digest, at, rssMegabytes } satisfies Published)
  })
  process.send?.({ port, trust, tokens } satisfies Ready)
}

async function measure(count: number, changes: number): Promise<void> {
  const child = fork(import.meta.filename, ['broker', String(count)])
  const { port, trust, tokens } = await answerOf<Ready>(child)
  const started = performance.now()
  const sidecars: { readonly sidecar: TestSidecar; readonly stream: TestStream }[] = []
  const waiting = [...tokens]
  const connect = async (): Promise<void> => {
    for (let token = waiting.pop(); token !== undefined; token = waiting.pop()) {
      const sidecar = new TestSidecar({ origin, port, trust }, await makeSidecarKey())
      const { status } = await sidecar.enrol(token)
      if (status !== 200) throw new Error(`enrolment was refused with ${status}`)
      const stream = await sidecar.stream()
      await stream.next('trust')
      sidecars.push({ sidecar, stream })
    }
  }
  await Promise.all(Array.from({ length: 16 }, connect))
  const seconds = (performance.now() - started) / 1000
  print('sidecars', count)
  print('enrolled and connected a second', count / seconds)

  const told: number[] = []
  const acknowledged: number[] = []
  const last: number[] = []
  let rss = 0
  for (let change = 0; change < changes; change += 1) {
    child.send('change')
    const { digest, at, rssMegabytes } = await answerOf<Published>(child)
    const times = await Promise.all(
      sidecars.map(async ({ sidecar, stream }) => {
        await stream.next('bundle', (notice) => notice.digest === digest, 60_000)
        told.push(Date.now() - at)
        await sidecar.call('/v1/bundle')
        const body = { digest, accepted: true }
        const { status } = await sidecar.call('/v1/ack', { method: 'POST', body })
        if (status !== 204) throw new Error(`the acknowledgement was refused with ${status}`)
        return Date.now() - at
      }),
    )
    acknowledged.push(...times)
    last.push(Math.max(...times))
    rss = rssMegabytes
  }
  print('notice received, ms: p50', quantile(told, 0.5))
  print('notice received, ms: p99', quantile(told, 0.99))
  print('acknowledged, ms: p50', quantile(acknowledged, 0.5))
  print('acknowledged, ms: p99', quantile(acknowledged, 0.99))
  print('all acknowledged, ms: slowest change', Math.max(...last))
  print('broker RSS, MB', rss)
  for (const { sidecar, stream } of sidecars) {
    stream.close()
    sidecar.close()
  }
  child.kill()
  await once(child, 'exit')
}

async function answerOf<T>(child: ChildProcess): Promise<T> {
  const [message] = (await once(child, 'message')) as [T]
  return message
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}

function print(what: string, value: number): void {
  console.log(`${what.padEnd(40)} ${value.toFixed(1).padStart(10)}`)
}
