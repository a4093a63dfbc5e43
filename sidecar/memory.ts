/** How much memory there is for this process: the container's, or the machine's. Bytes. */

import { totalmem } from 'node:os'

/** Zero, or more than there is, where no container limits it. */
export function memory(): number {
  const constrained = process.constrainedMemory()
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
}
