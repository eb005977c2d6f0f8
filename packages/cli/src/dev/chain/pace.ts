import { callOne, field } from './rpc.ts'

/** Between two blocks without transactions, in milliseconds: each stays in memory for as long as the chain runs. */
const idleMs = 15_000

/** Has blocks made every so many milliseconds if there is something to put in, and else now and then. */
export function startPace(url: string, everyMs: number, restMs = idleMs): Disposable {
  let last = performance.now()
  let working = false
  const hasPending = async (): Promise<boolean> =>
    Number(field(await callOne(url, 'txpool_status'), 'pending')) > 0
  const turn = async (): Promise<void> => {
    if (working) return
    working = true
    try {
      if (performance.now() - last >= restMs || (await hasPending())) {
        await callOne(url, 'evm_mine')
        last = performance.now()
      }
    } catch {
      // If the chain has stopped, whoever watches the process says so.
    } finally {
      working = false
    }
  }
  const timer = setInterval(() => void turn(), everyMs)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
