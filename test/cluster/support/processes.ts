/** Processes of pods, where the node runs them on this machine: to end or to freeze them. */

import { readdirSync, readFileSync } from 'node:fs'

/** Of all processes whose environment has this variable with this value, and whose command this. */
export function pidsOf(variable: string, value: string, command: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const parts = (file: string): readonly string[] => read(`/proc/${pid}/${file}`).split('\0')
      return (
        parts('environ').includes(`${variable}=${value}`) &&
        parts('cmdline').some((each) => each.endsWith(command))
      )
    })
    .map(Number)
}

/** Whether pods are processes that this one may see. */
export function seesProcesses(nodeIp: string | undefined): boolean {
  return nodeIp !== undefined && process.platform === 'linux' && process.getuid?.() === 0
}

/** Empty for a process that has just ended. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
