/** What a file of `commands/` holds. */

import type { Command } from 'commander'

import type { Terminal } from './output.ts'

/** Makes one command; its action prints to the terminal and says the exit code there. */
export type CommandFactory = (terminal: Terminal) => Command
