/**
 * Statements that wait for people, with four drivers at once: decided by the command line at
 * `frostgate up`; on the page in Chromium and by a signed interaction of Slack, over a desk of this
 * process; given up, expired, and changed meanwhile.
 */

import { join } from 'node:path'

import { captureProxy } from '../../wire/capture-proxy.ts'
import { executable, remedy } from '../../operator/page/support/chromium.ts'
import * as jdbc from '../clients/jdbc.ts'
import * as node from '../clients/node.ts'
import { python4, python5 } from '../clients/python.ts'
import type { Broken, Driver, Skipped } from '../driver.ts'
import { tokenOf } from '../gateway.ts'
import type { Ready, Scene, ScenarioSuite, Verdict } from '../suite.ts'
import { writeConfiguration, type Configuration } from './configuration.ts'
import { follow, type Followed } from './follow.ts'
import { logInAt, peopleWith, type Session } from './people.ts'
import { embeddedFor, peoplePlace, soonPlace, upPlace, type Place } from './places.ts'
import type { FolderPlace, PeoplePlace } from './places.ts'
import { scenariosOf, type Step } from './scenarios.ts'
import { delayTable } from './table.ts'

const title = 'approvals, by people'

const available = { node: node.available, python4, python5, jdbc: jdbc.available } as const

type Own = Pick<Scene, 'folder' | 'truth'>
type Drivers = ReadonlyMap<string, Driver>

export const suite: ScenarioSuite = {
  title,
  prepare: async (say): Promise<Ready<Own> | Skipped | Broken> => {
    if (executable === undefined) return { title, skipped: remedy }
    const drivers = new Map<string, Driver>()
    for (const [name, client] of Object.entries(available)) {
      const driver = await client(say)
      if (!('command' in driver)) return { ...driver, title }
      drivers.set(name, driver)
    }
    const notes: string[] = []
    return {
      version: `(${drivers.size} drivers)`,
      notes,
      run: async (scene) => {
        const all = await run(drivers, scene)
        notes.push(...delayTable(all))
        return all.flatMap(({ title: of, followed }) =>
          followed.map(({ verdict }): Verdict => ({ ...verdict, name: `${of}: ${verdict.name}` })),
        )
      },
    }
  },
}

interface Places {
  readonly configuration: Configuration
  readonly up: FolderPlace & { readonly reload: (said: string) => Promise<void> }
  readonly soon: FolderPlace
  readonly people: PeoplePlace
  readonly owner: Session
}

async function run(drivers: Drivers, { folder, truth }: Own) {
  const configuration = await writeConfiguration(folder, [...drivers.keys()])
  const embedded = await embeddedFor(configuration)
  const stops: (() => Promise<void>)[] = [() => embedded.close()]
  const kept = <T extends Place>(place: T): T => {
    stops.unshift(() => place.stop())
    return place
  }
  try {
    const up = kept(await upPlace(configuration, folder))
    const soon = kept(await soonPlace(embedded, configuration, folder))
    const people = kept(await peoplePlace(embedded, folder))
    const owning = await tokenOf(up.issuer, '1h', { group: 'table-owners', subject: 'owner' })
    const owner = await logInAt(up.gateway, owning)
    const places = { configuration, up, soon, people, owner }
    return await Promise.all(
      [...drivers].map(async ([name, driver]) => ({
        title: driver.title,
        followed: await runClient(name, driver, places, truth, join(folder, name)),
      })),
    )
  } finally {
    for (const stop of stops) await stop()
  }
}

async function runClient(
  name: string,
  driver: Driver,
  { configuration, up, soon, people, owner }: Places,
  truth: Scene['truth'],
  folder: string,
): Promise<readonly Followed[]> {
  const scenarios = scenariosOf(name)
  for (const sql of scenarios.tables) await owner.execute(sql)
  const at = async (place: Place, steps: readonly Step[], part: string) => {
    const proxy = await captureProxy({ target: place.gateway })
    try {
      return await follow({
        ...{ driver, truth, steps, gateway: proxy.url, keeper: place.keeper },
        token: await tokenOf(place.issuer, '1h', { subject: name }),
        folder: join(folder, part),
        people: peopleWith({
          ...{ client: name, configuration, proxy },
          folder: 'approvals' in place ? (place as FolderPlace) : undefined,
          others: place === people ? people : undefined,
          reload: up.reload,
          alter: () => owner.execute(scenarios.alter),
        }),
      })
    } finally {
      await proxy.close()
    }
  }
  const found = await Promise.all([
    at(up, scenarios.up, 'up').then(async (first) => [
      ...first,
      ...(await at(up, scenarios.again, 'again')),
    ]),
    at(people, scenarios.people, 'people'),
    at(soon, scenarios.soon, 'soon'),
  ])
  return found.flat()
}
