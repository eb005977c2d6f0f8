import type { Exchange } from '@concordat/node'
import type { Chance } from './chance.ts'

interface Wrapper {
  readonly batch: {
    readonly payload: {
      readonly messages: { pins?: string[]; txid?: string }[]
      readonly data: { created?: string; validator?: string; value?: unknown; datatype?: unknown }[]
    }
  }
}

/**
 * A member that sends each receiver another payload for one pin: as far as hashes go it is the same, in all that no hash
 * covers it is not. Datatypes it leaves alone: by them members may judge a message differently, which is known.
 */
export function forge(exchange: Exchange, chance: Chance): Exchange {
  const change = (message: Uint8Array): Uint8Array =>
    Buffer.from(JSON.stringify(changed(JSON.parse(Buffer.from(message).toString()), chance)))
  return {
    ...exchange,
    sendMessage: (sender, recipient, message, signal) =>
      exchange.sendMessage(sender, recipient, change(message), signal),
    [Symbol.asyncDispose]: () => exchange[Symbol.asyncDispose](),
  }
}

function changed(wrapper: Wrapper, chance: Chance): Wrapper {
  for (const sent of wrapper.batch.payload.messages) {
    if (chance.happens(0.5)) delete sent.pins
    if (chance.happens(0.5)) sent.txid = '11111111-1111-4111-8111-111111111111'
  }
  for (const item of wrapper.batch.payload.data) {
    if (chance.happens(0.5)) item.created = '2001-01-01T00:00:00Z'
    if (item.datatype === undefined && chance.happens(0.5)) item.validator = 'none'
  }
  return wrapper
}
