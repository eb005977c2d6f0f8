import { flushCompileCache } from 'node:module'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import {
  createLogger,
  createSystemWorld,
  loadConfig,
  startNode,
  systemAdapters,
} from '@concordat/node'
import { createFuse } from './fuse.ts'
import { fuseAdapters } from './fused-adapters.ts'
import { fuseDeliveries, fuseReplies } from './fused-servers.ts'
import { isPoint } from './points.ts'

/**
 * Runs a node as `concordat start` does, which can be told to die: from its start on, by `--crash POINT:COUNT`, or by a
 * message `{ point, count }` from its parent. Stops in order when the parent lets go.
 */
export async function runCrashNode(args: string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { crash: { type: 'string' } },
  })
  const fuse = createFuse(() => process.kill(process.pid, 'SIGKILL'))
  const arm = (point: string, count: number): void => {
    if (!isPoint(point) || !(count > 0)) throw new Error(`no such point: ${point}:${count}`)
    fuse.arm(point, count)
  }
  const [, point, count] = /^(.+):(\d+)$/.exec(values.crash ?? '') ?? []
  if (point) arm(point, Number(count))
  process.on('message', (order: { readonly point: string; readonly count: number }) => {
    arm(order.point, order.count)
    process.send?.('armed')
  })

  fuseReplies(fuse)
  const config = loadConfig(resolve(positionals[0] ?? 'config.yaml'), systemAdapters)
  const node = await startNode(config, {
    world: createSystemWorld(),
    log: createLogger(config.log),
    adapters: fuseAdapters(fuse),
  })
  for (const { subscribers } of node.core.namespaces) fuseDeliveries(subscribers, fuse)
  process.once('disconnect', () => {
    void node[Symbol.asyncDispose]().then(() => process.exit())
  })
  process.send?.('ready')
  flushCompileCache()
}
