/**
 * `npm run test:drivers`: unchanged Snowflake drivers through `frostgate up`. Prints what each
 * makes of the same statements; exit code 0 only if all is as promised.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { captureProxy } from '../wire/capture-proxy.ts'
import { httpMessages } from '../wire/http-messages.ts'
import type { Truth } from './answer.ts'
import { runClient } from './client.ts'
import { availableDrivers, type Driver } from './driver.ts'
import { forge } from './forge.ts'
import { recordedEvents, startGatewayProcess, tokenOf, type Addresses } from './gateway.ts'
import { verdicts, type Verdict } from './judge.ts'
import { logins, renewalLogins, type Login } from './logins.ts'
import { startRenewingGateway } from './renewing-gateway.ts'
import { readTruth } from './truth.ts'

async function main(): Promise<boolean> {
  const drivers = await availableDrivers(say)
  const truth = await readTruth()
  const folder = await mkdtemp(join(tmpdir(), 'frostgate-drivers-'))
  const tally = { passed: 0, failed: 0 }
  try {
    const gateway = await startGatewayProcess(join(folder, 'recording.jsonl'))
    const renewing = await startRenewingGateway(join(folder, 'renewing.jsonl'))
    try {
      for (const [index, driver] of drivers.entries()) {
        if ('skipped' in driver) {
          say(`${driver.title}: SKIPPED: ${driver.skipped}`)
          continue
        }
        if ('broken' in driver) {
          say(`${driver.title}: 0 passed, 1 failed`)
          say(`  ✗ ${driver.broken}`)
          tally.failed += 1
          continue
        }
        const home = join(folder, String(index))
        const all = [
          ...(await runDriver(driver, gateway, logins, truth, home)),
          ...(await runDriver(driver, renewing, renewalLogins, truth, home)),
        ]
        const failed = all.filter(({ complaint }) => complaint !== undefined)
        say(`${driver.title}: ${all.length - failed.length} passed, ${failed.length} failed`)
        for (const { name, complaint = '' } of failed) say(`  ✗ ${name}: ${complaint}`)
        tally.passed += all.length - failed.length
        tally.failed += failed.length
      }
    } finally {
      await Promise.all([gateway.stop(), renewing.stop()])
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  say(`${tally.passed} passed, ${tally.failed} failed`)
  return tally.failed === 0
}

/** Between driver and gateway stands a proxy that counts requests: a retry must not go unseen. */
async function runDriver(
  driver: Driver,
  { gateway, issuer, recording }: Addresses,
  logins: readonly Login[],
  truth: Truth,
  folder: string,
): Promise<readonly Verdict[]> {
  const good = await tokenOf(issuer, '1h')
  const tokens = { good, forged: await forge(good), expired: await tokenOf(issuer, '-1m') }
  const before = (await recordedEvents(recording)).length
  const proxy = await captureProxy({ target: gateway })
  try {
    const answers = await runClient(driver, { gateway: proxy.url, tokens, logins, folder })
    return verdicts({
      logins,
      answers,
      truth,
      language: driver.language,
      events: (await recordedEvents(recording)).slice(before),
      requests: proxy.conversations().flatMap(({ sent }) => httpMessages(sent)),
    })
  } catch (error) {
    return [
      { name: 'the client', complaint: error instanceof Error ? error.message : String(error) },
    ]
  } finally {
    await proxy.close()
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

process.exitCode = (await main()) ? 0 : 1
