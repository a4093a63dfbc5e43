import { describe, expect, test, vi } from 'vitest'
import { KubeClient } from '../../../operator/kube/client.ts'
import { eventMessage, eventReasons } from '../../../operator/kube/event-reasons.ts'
import type { Events } from '../../../operator/kube/events.ts'
import { events } from '../../../operator/kube/events.ts'
import type { FakeApiServer } from '../../support/fake-api-server/server.ts'
import { fakeApiServer } from '../../support/fake-api-server/server.ts'
import { FakeClock } from './fake-clock.ts'

const pod = { apiVersion: 'v1', kind: 'Pod', namespace: 'ci', name: 'runner', uid: 'u1' }

interface Scene {
  readonly server: FakeApiServer
  readonly recorder: Events
  readonly clock: FakeClock
  readonly problems: unknown[]
  readonly stored: () => readonly object[]
}

async function scene(use: (scene: Scene) => Promise<void>): Promise<void> {
  const server = await fakeApiServer()
  const client = new KubeClient(server.access())
  const clock = new FakeClock()
  const problems: unknown[] = []
  const recorder = events(client, {
    instance: 'frostgate-0',
    clock,
    onProblem: (error) => problems.push(error),
  })
  try {
    await use({ server, recorder, clock, problems, stored: () => server.objects.all('events') })
  } finally {
    await recorder.stop()
    await client.close()
    await server.close()
  }
}

const until = (check: () => void) => vi.waitFor(check, { timeout: 3000, interval: 5 })

describe('An event', () => {
  test('is written in the form that kubectl shows with age, source and count', async () => {
    await scene(async ({ recorder, stored }) => {
      recorder.record(pod, 'SidecarEnrolled', { connection: 'frostgate/acme' })
      await until(() => {
        expect(stored()).toMatchObject([
          {
            kind: 'Event',
            metadata: {
              namespace: 'ci',
              name: expect.stringMatching(/^runner\.[0-9a-f]{16}$/) as string,
            },
            involvedObject: pod,
            type: 'Normal',
            reason: 'SidecarEnrolled',
            message:
              'The sidecar proved to belong to this pod and may use SnowflakeConnection frostgate/acme.',
            source: { component: 'frostgate' },
            reportingInstance: 'frostgate-0',
            count: 1,
          },
        ])
      })
    })
  })

  test('that comes again raises a count, at most every ten seconds', async () => {
    await scene(async ({ server, recorder, clock, stored }) => {
      const again = () => {
        recorder.record(pod, 'SecondEnrolment', { message: 'It came second.' })
      }
      again()
      await until(() => {
        expect(stored()).toHaveLength(1)
      })
      for (let time = 0; time < 500; time += 1) again()
      await clock.advance(9000, () => new Promise((resolve) => setTimeout(resolve, 20)))
      expect(stored()).toMatchObject([{ count: 1 }])
      await clock.advance(1000, () => new Promise((resolve) => setTimeout(resolve, 20)))
      await until(() => {
        expect(stored()).toMatchObject([{ count: 501 }])
      })
      expect(server.requests.map(({ verb }) => verb)).toEqual(['create', 'patch'])
    })
  })

  test('of an object of the cluster is in namespace default', async () => {
    await scene(async ({ recorder, stored }) => {
      const node = { apiVersion: 'v1', kind: 'Namespace', namespace: undefined, name: 'ci' }
      recorder.record(node, 'Injected', { connection: 'frostgate/acme' })
      await until(() => {
        expect(stored()).toMatchObject([{ metadata: { namespace: 'default' } }])
      })
    })
  })

  test('that cannot be written is dropped, and nobody is kept waiting', async () => {
    await scene(async ({ server, recorder, problems, stored }) => {
      server.fail('serverError', 'create')
      recorder.record(pod, 'ConnectionClosed', { message: 'no credential' })
      await until(() => {
        expect(problems).toHaveLength(1)
      })
      expect(recorder.dropped).toBe(1)
      expect(stored()).toEqual([])
    })
  })

  test('of one object that never stops leaves room for those of others', async () => {
    await scene(async ({ recorder, stored }) => {
      for (let time = 0; time < 100; time += 1) {
        recorder.record(pod, 'ConnectionClosed', { message: `reason ${time}` })
      }
      recorder.record({ ...pod, name: 'other', uid: 'u2' }, 'ConnectionClosed', { message: 'm' })
      await until(() => {
        expect(stored()).toHaveLength(26)
      })
      expect(recorder.dropped).toBe(75)
    })
  })

  test('that was recorded before a stop is written, and none after it', async () => {
    await scene(async ({ recorder, stored }) => {
      recorder.record(pod, 'Injected', { connection: 'a/b' })
      await recorder.stop()
      recorder.record(pod, 'Injected', { connection: 'c/d' })
      await recorder.stop()
      expect(stored()).toHaveLength(1)
    })
  })
})

describe('The sentences of events', () => {
  test.each(Object.entries(eventReasons))(
    '%s is a sentence, with its parameters in it',
    (name, reason) => {
      const parameters = Object.fromEntries(
        [...reason.sentence.matchAll(/\{(\w+)\}/g)].map(([, key = '']) => [key, `<${key}>`]),
      )
      const message = eventMessage(name as keyof typeof eventReasons, parameters)
      expect(message).toMatch(/^[A-Z]/)
      expect(message).not.toMatch(/[{}]/)
      expect(message).not.toContain('  ')
      for (const value of Object.values(parameters)) expect(message).toContain(value)
    },
  )

  test('take no line breaks or terminal codes from what they quote, and stay short', () => {
    const message = eventMessage('ConnectionClosed', {
      message: `a\n\u001b[31mb\u202e${'x'.repeat(2000)}`,
    })
    expect(message).toMatch(/corrected: a \[31mb x+…$/)
    expect(message).toHaveLength(1024)
  })
})
