import { NodeError } from '@concordat/protocol'
import { startChainReader } from '../aggregator/chain-reader.ts'
import { decideTermination } from '../aggregator/network-action.ts'
import { repin } from '../batch/repin.ts'
import type { ChainEvent } from '../chain/chain.ts'
import { announce, type Deciding } from './deciding.ts'
import type { Foundation } from './foundation.ts'
import type { Sending } from './sending.ts'

/** A network action that waits until it is known whose it is. */
export interface Undecided {
  readonly event: ChainEvent
  /** Milliseconds since 1970. */
  readonly since: number
}

export interface Reading extends AsyncDisposable {
  undecided(): Undecided | undefined
}

export interface ReadingDeps
  extends Pick<Deciding, 'intake' | 'aggregator'>,
    Pick<Sending, 'dispatcher'> {
  /** Nothing may be decided any more. */
  readonly onStop: (reason: string) => void
}

const PAUSE_MS = 200

/** Begins to read the chain, when all that it tells is there: one contract after another. */
export function startReading(base: Foundation, deps: ReadingDeps): Reading {
  const { contracts, world } = base
  let reader: AsyncDisposable | undefined
  let undecided: Undecided | undefined
  let stopped = false

  const isEnd = async (event: ChainEvent, signal: AbortSignal): Promise<boolean> => {
    if (contracts.toldEnd !== undefined) return contracts.toldEnd === event.protocolId
    const since = world.now()
    try {
      for (;;) {
        const verdict = await decideTermination(base, event)
        if (verdict !== undefined) return verdict
        undecided = { event, since }
        await world.sleep(PAUSE_MS, signal)
      }
    } finally {
      undecided = undefined
    }
  }

  const onNetworkAction = async (
    event: ChainEvent,
    signal: AbortSignal,
  ): Promise<'ended' | undefined> => {
    const { signer, action, protocolId } = event
    if (!(await isEnd(event, signal))) {
      base.log.warn({ signer, action, protocolId }, 'a network action without right or meaning')
      return undefined
    }
    await deps.dispatcher.hold(() =>
      base.database.transaction(async (tx) => {
        await contracts.moveOn(tx, protocolId)
        await repin(base, tx)
      }),
    )
    base.log.info({ protocolId, signer }, 'the network left a contract')
    read()
    return 'ended'
  }

  function read(): void {
    if (stopped) return
    const { active } = contracts
    if (!active) {
      const { message } = new NodeError('FF10396', { index: contracts.terminated.length })
      base.log.error({ reason: message }, 'this namespace stops')
      deps.onStop(message)
      return
    }
    reader = startChainReader({
      ...base,
      contract: active.location,
      firstEvent: active.firstEvent,
      contractIndex: active.index,
      onPins: (pins) => announce(pins, deps),
      onNetworkAction,
      onFork: deps.onStop,
    })
  }

  read()
  return {
    undecided: () => undecided,
    async [Symbol.asyncDispose]() {
      stopped = true
      await reader?.[Symbol.asyncDispose]()
    },
  }
}
