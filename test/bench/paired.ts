/** Several pieces of work timed in turn, so that what slows the machine slows them alike. */

export interface Timed {
  /** Microseconds of CPU per pass, the median of all rounds. */
  readonly cpu: number
  /** How often faster than the baseline: the median of the rounds, and their extremes. */
  readonly ratio: number
  readonly low: number
  readonly high: number
}

export type Work = () => void | Promise<void>

/** CPU microseconds that one turn should take at least. */
const turn = 150_000

/**
 * Times each piece once a round, in an order that rotates; ratios are of two times of one round.
 * Each piece is warmed up first, which also tells how many passes make a turn.
 */
export async function paired(
  work: readonly Work[],
  baseline: number,
  rounds: number,
): Promise<readonly Timed[]> {
  const passes: number[] = []
  for (const run of work) passes.push(await warmUp(run))
  const times = work.map((): number[] => [])
  for (let round = 0; round < rounds; round += 1) {
    for (let place = 0; place < work.length; place += 1) {
      const index = (place + round) % work.length
      const [run, count] = [work[index], passes[index]]
      if (run !== undefined && count !== undefined) times[index]?.push(await cpuOf(run, count))
    }
  }
  return times.map((own) => {
    const ratios = own.map((time, round) => (times[baseline]?.[round] ?? NaN) / time)
    return {
      cpu: median(own),
      ratio: median(ratios),
      low: Math.min(...ratios),
      high: Math.max(...ratios),
    }
  })
}

async function warmUp(run: Work): Promise<number> {
  const first = await cpuOf(run, 1)
  await cpuOf(run, Math.ceil(turn / first))
  return Math.max(1, Math.ceil(turn / (await cpuOf(run, 1))))
}

/** CPU microseconds of one pass, of this whole process: the collector's and compiler's too. */
async function cpuOf(run: Work, passes: number): Promise<number> {
  const before = process.cpuUsage()
  for (let pass = 0; pass < passes; pass += 1) await run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / passes
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
}
