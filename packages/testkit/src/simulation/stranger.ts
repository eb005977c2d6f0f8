import { createHash } from 'node:crypto'
import type { LedgerTransaction, MemoryHub, MemoryLedger, World } from '@concordat/node'
import type { Chance } from './chance.ts'

/** Of no member. */
export const STRANGER = `0x${'e'.repeat(40)}`

/** Someone with a key that nobody registered, who sees what waits for a block and pins what should do no harm. */
export interface Stranger {
  start(): void
  stop(): void
  /** What is about to wait for a block. */
  see(transaction: LedgerTransaction): void
}

type PinCall = Extract<LedgerTransaction['call'], { method: 'pinBatch' }>

/** In one run: what it pins is asked for again and again. */
const MOST = 25

export interface StrangerPlace {
  readonly ledger: MemoryLedger
  readonly hub: MemoryHub
  readonly world: World
  readonly parties: readonly string[]
}

export function createStranger(
  { ledger, hub, world, parties }: StrangerPlace,
  chance: Chance,
): Stranger {
  /** Keys, and hashes of transactions. */
  const seen = new Set<string>()
  let nonce = 0
  let works = false
  const hex = (length: number): string => Buffer.from(chance.bytes(length)).toString('hex')
  const send = (contract: string, pin: PinCall['pin']): void => {
    if (nonce >= MOST) return
    const hash = `0x${createHash('sha256').update(`stranger ${nonce}`).digest('hex')}`
    ledger.send({ hash, key: STRANGER, nonce, contract, call: { method: 'pinBatch', pin } })
    nonce += 1
  }
  /** Brings a payload to one of them, late: when the others may have said already that nobody holds it. */
  const bring = async (content: Uint8Array, hash: string): Promise<void> => {
    const from = { id: 'stranger', registered: false, nodes: [] }
    const signal = new AbortController().signal
    await world.sleep(chance.whole(1, 40_000))
    for (let i = 0; i < 5 && works; i++) {
      const taken = await hub
        .call('stranger', chance.pick(parties), signal, (to) =>
          to.handlers.payload(from, hash, content),
        )
        .catch(() => undefined)
      if (taken?.answer === 'accepted') return
      await world.sleep(2_000)
    }
  }
  const withJunk = (pin: PinCall['pin']): PinCall['pin'] => {
    const content = chance.bytes(40)
    const payloadRef = createHash('sha256').update(content).digest('hex')
    void bring(content, payloadRef)
    return { ...pin, payloadRef, batchHash: hex(32) }
  }
  const spoil = [
    (pin: PinCall['pin']) => pin,
    (pin: PinCall['pin']) => (pin.payloadRef ? withJunk(pin) : pin),
    (pin: PinCall['pin']) => ({ ...pin, batchHash: hex(32) }),
    (pin: PinCall['pin']) => ({ ...pin, batchId: uuidOf(hex(16)) }),
    (pin: PinCall['pin']) => ({ ...pin, contexts: pin.contexts.toReversed() }),
    (pin: PinCall['pin']) => ({ ...pin, contexts: [...pin.contexts, ...pin.contexts] }),
    (pin: PinCall['pin']) => ({ ...pin, payloadRef: pin.payloadRef ? hex(32) : '' }),
    (pin: PinCall['pin']) => ({ ...pin, payloadRef: hex(32), batchHash: hex(32) }),
  ] as const
  return {
    start() {
      works = true
    },
    stop() {
      works = false
    },
    see({ hash, contract, call, key }) {
      if (!works || call.method !== 'pinBatch' || seen.has(hash)) return
      // Whoever joins is spoilt first: a claim is the first that a key pins.
      if (!seen.has(key) && chance.happens(0.7)) send(contract, chance.pick(spoil)(call.pin))
      seen.add(key).add(hash)
      while (chance.happens(0.3)) send(contract, chance.pick(spoil)(call.pin))
    },
  }
}

const uuidOf = (hex: string): string =>
  [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
