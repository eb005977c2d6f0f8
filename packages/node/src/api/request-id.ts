import type { IncomingMessage } from 'node:http'
import type { World } from '../lib/world.ts'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz-'
const LENGTH = 8
const POOL = 4096

/** Names requests: by their `X-FireFly-Request-ID` header, or by eight characters of chance. */
export function createRequestIds(
  world: Pick<World, 'random'>,
): (request: IncomingMessage) => string {
  let pool = world.random(POOL)
  let used = 0
  return ({ headers }) => {
    const given = headers['x-firefly-request-id']
    if (typeof given === 'string' && /^[\x21-\x7e]{1,64}$/.test(given)) return given
    if (used + LENGTH > POOL) {
      pool = world.random(POOL)
      used = 0
    }
    let id = ''
    for (let i = 0; i < LENGTH; i++) id += ALPHABET[(pool[used++] ?? 0) & 63]
    return id
  }
}
