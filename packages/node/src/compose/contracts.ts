import { NodeError } from '@concordat/protocol'
import type { ContractLocation } from '../chain/chain.ts'
import type { MultipartyConfig } from '../config/namespaces.ts'
import type { Transaction } from '../store/database.ts'
import { type Terminated, writeTerminated } from '../store/tables/namespaces.ts'

export interface NetworkContract {
  /** Its place among those of the namespace. */
  readonly index: number
  readonly location: ContractLocation
  readonly firstEvent: string
  /** Position of the event that ended it. */
  readonly finalEvent?: string
}

/** The contracts of a namespace, one after another: the network is at one of them, and has left those before. */
export interface Contracts {
  /** Undefined if the network has moved to one that is not configured. */
  readonly active: NetworkContract | undefined
  readonly terminated: readonly NetworkContract[]
  /** Throws FF10396 where `active` is undefined. */
  use(): NetworkContract
  /** Where the active one ended by the configuration's word; undefined if it says nothing. */
  readonly toldEnd: string | undefined
  /** Whether there is one to go on with. */
  readonly hasNext: boolean
  /** The network leaves the active one: so it is from the commit on. */
  moveOn(tx: Transaction, finalEvent: string): Promise<void>
}

/** Throws CC20401 when the configuration contradicts what was left behind. */
export function createContracts(
  namespace: string,
  configured: MultipartyConfig['contract'],
  left: Terminated,
): Contracts {
  checkLeft(namespace, configured, left)
  let terminated = left
  const at = (index: number): NetworkContract | undefined => {
    const found = configured[index]
    const before = terminated[index - 1]
    return found && { index, location: found.location, firstEvent: firstEventOf(found, before) }
  }
  return {
    get active() {
      return at(terminated.length)
    },
    get terminated() {
      return terminated.flatMap(({ finalEvent }, index) => {
        const contract = at(index)
        return contract ? [{ ...contract, finalEvent }] : []
      })
    },
    use() {
      const contract = at(terminated.length)
      if (!contract) throw new NodeError('FF10396', { index: terminated.length })
      return contract
    },
    get toldEnd() {
      return configured[terminated.length]?.finalEvent || undefined
    },
    get hasNext() {
      return configured.length > terminated.length + 1
    },
    async moveOn(tx, finalEvent) {
      const address = at(terminated.length)?.location.address ?? ''
      const all = [...terminated, { address, finalEvent }]
      await writeTerminated(tx, namespace, all)
      tx.onCommit(() => {
        terminated = all
      })
    },
  }
}

/** `newest`, which differs between members, is for a later contract where the one before it ended. */
function firstEventOf(
  { firstEvent }: MultipartyConfig['contract'][number],
  before: Terminated[number] | undefined,
): string {
  if (!before || (firstEvent !== 'newest' && firstEvent !== 'latest')) return firstEvent
  return String(Number(before.finalEvent.split('/')[0]))
}

function checkLeft(
  namespace: string,
  configured: MultipartyConfig['contract'],
  left: Terminated,
): void {
  const other = left.findIndex(
    ({ address }, i) => configured[i]?.location.address.toLowerCase() !== address.toLowerCase(),
  )
  if (other < 0) return
  const faults = `namespace ${namespace}: contract[${other}] was ${left[other]?.address}, and the network has left it; keep it in the list, in its place`
  throw new NodeError('CC20401', { faults })
}
