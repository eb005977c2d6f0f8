import type { BlockLog, LoggedBlock } from './block-log.ts'
import { field, headOf, readBlock } from './rpc.ts'

/** Logs every block from `from` on, as soon as it is announced. Resolves once announcements are on their way. */
export async function followBlocks(
  { url, wsUrl }: { readonly url: string; readonly wsUrl: string },
  log: BlockLog,
  from: number,
  onLost: (error: unknown) => void,
): Promise<void> {
  let next = from
  let working = false
  let announced = true
  const catchUp = async (): Promise<void> => {
    announced = true
    if (working) return
    working = true
    try {
      while (announced) {
        announced = false
        next = await logBlocks(url, log, next)
      }
    } catch (error) {
      // If the chain has stopped, whoever watches the process says so.
      if (error instanceof LogFailure) onLost(error.cause)
    } finally {
      working = false
    }
  }
  await subscribe(wsUrl, () => void catchUp())
  await catchUp()
}

async function logBlocks(url: string, log: BlockLog, from: number): Promise<number> {
  const head = await headOf(url)
  let next = from
  while (next <= head) {
    const block: LoggedBlock | undefined = await readBlock(url, next)
    if (block === undefined) break
    append(log, block)
    next++
  }
  return next
}

class LogFailure extends Error {}

function append(log: BlockLog, block: LoggedBlock): void {
  try {
    log.append([block])
  } catch (cause) {
    throw new LogFailure('a block could not be logged', { cause })
  }
}

function subscribe(wsUrl: string, onHead: () => void): Promise<void> {
  const socket = new WebSocket(wsUrl)
  return new Promise((resolve, reject) => {
    socket.addEventListener('open', () => {
      const request = { jsonrpc: '2.0', id: 1, method: 'eth_subscribe', params: ['newHeads'] }
      socket.send(JSON.stringify(request))
    })
    socket.addEventListener('message', ({ data }) => {
      const message: unknown = JSON.parse(String(data))
      if (field(message, 'method') === 'eth_subscription') onHead()
      else resolve()
    })
    socket.addEventListener('error', () => reject(new Error('the chain announces no blocks')))
  })
}
