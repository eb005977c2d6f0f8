import type { Command } from '../command.ts'
import { deploy } from './deploy.ts'
import { dev } from './dev.ts'
import { devChain } from './dev-chain.ts'
import { doctor } from './doctor.ts'
import { flowCheck } from './flow-check.ts'
import { flowDiagram } from './flow-diagram.ts'
import { flowDiff } from './flow-diff.ts'
import { flowNew } from './flow-new.ts'
import { flowOpenApi } from './flow-openapi.ts'
import { flowSimulate } from './flow-simulate.ts'
import { init } from './init.ts'
import { invite } from './invite.ts'
import { keys } from './keys.ts'
import { start } from './start.ts'
import { types } from './types.ts'
import { version } from './version.ts'

/** All commands, in the order in which help lists them. */
export const commands: readonly Command[] = [
  dev,
  init,
  deploy,
  start,
  doctor,
  invite,
  keys,
  flowNew,
  flowCheck,
  flowSimulate,
  flowDiagram,
  flowDiff,
  flowOpenApi,
  types,
  version,
  devChain,
]
