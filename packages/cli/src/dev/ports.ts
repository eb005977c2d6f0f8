import { once } from 'node:events'
import { createServer } from 'node:net'

const host = '127.0.0.1'

/** Chooses ports that are free now, each once. */
export interface Ports {
  choose(): Promise<number>
}

export function createPorts(taken: readonly number[]): Ports {
  const given = new Set(taken)
  return {
    async choose() {
      for (;;) {
        const port = await freePort()
        if (given.has(port)) continue
        given.add(port)
        return port
      }
    },
  }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  probe.listen(0, host)
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

export async function isFree(port: number): Promise<boolean> {
  const probe = createServer()
  try {
    probe.listen(port, host)
    await once(probe, 'listening')
  } catch {
    return false
  }
  probe.close()
  await once(probe, 'close')
  return true
}
