import type { Command } from '../command.ts'
import { dev } from './dev.ts'
import { devChain } from './dev-chain.ts'
import { version } from './version.ts'

/** All commands, in the order in which help lists them. */
export const commands: readonly Command[] = [dev, version, devChain]
