import { resolve } from 'node:path'
import { createLogger, createSystemWorld, loadConfig, startNode } from '@concordat/node'
import { adapterSchemas } from '../adapters.ts'
import { defineCommand } from '../command.ts'
import { Failure } from '../failure.ts'
import { aborted, tieToParent } from '../lifeline.ts'

export const start = defineCommand({
  name: 'start',
  summary: "Run one party's node",
  options: {
    file: {
      type: 'string',
      short: 'f',
      placeholder: 'FILE',
      description: 'The configuration (config.yaml)',
    },
    'with-parent': {
      type: 'boolean',
      description: 'Stop when the process that started this one ends',
    },
  },
  notes: ['SIGTERM and Ctrl-C stop it in order: open requests end, what was accepted is kept.'],
  async run({ file = 'config.yaml', 'with-parent': withParent }, { print, cwd, stop }) {
    const config = loadConfig(resolve(cwd, file), adapterSchemas)
    const lifeline = withParent ? tieToParent(stop) : undefined
    await using node = await startNode(config, {
      world: createSystemWorld(),
      log: createLogger(config.log),
    })
    print(`API at ${node.addresses.api}`)
    lifeline?.ready(node.addresses)
    const failure = await Promise.race([node.core.failed, aborted(lifeline?.signal ?? stop)])
    if (failure === undefined) return 0
    throw new Failure(
      `the disk under ${config.dataDir} is full, or fails; make room and start again: what was accepted is kept`,
      { cause: failure },
    )
  },
})
