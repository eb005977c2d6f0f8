import type { MessageRow } from '../store/schema.ts'
import type { AssemblerOptions } from './assembler.ts'

/** Messages of one author to one group (or to all), in order: they are cut into batches one after another. */
export interface Processor {
  readonly name: string
  readonly pending: MessageRow[]
  bytes: number
  /** When the last batch was cut, and of how many messages. */
  lastSealed: number
  lastSize: number
  inFlight: number
  totalBatches: number
  totalMessages: number
}

/** A batch that may be cut now. */
export interface Cut {
  readonly processor: Processor
  readonly messages: readonly MessageRow[]
}

type Sorted = Pick<MessageRow, 'author' | 'groupHash' | 'txtype'>

const BATCH_OVERHEAD = 512
/** What the last batch held says how long gathering is worth while. */
const MS_PER_MESSAGE = 2

/** Sorts messages by author and group, and says which make a batch. Keeps no clock: it is told the time, in milliseconds. */
export class Processors {
  readonly all = new Map<string, Processor>()
  #pending = 0

  /** Messages that wait. */
  get pending(): number {
    return this.#pending
  }

  add(row: MessageRow): void {
    const processor = this.#of(row)
    processor.pending.push(row)
    processor.bytes += row.size
    this.#pending += 1
  }

  released(batch: Sorted): void {
    const processor = this.#of(batch)
    processor.inFlight = Math.max(0, processor.inFlight - 1)
  }

  /** At most `max` batches that may be cut now, each from the front of its processor. */
  due(options: AssemblerOptions, now: number, max: number): Cut[] {
    const cuts: Cut[] = []
    for (const processor of this.all.values()) {
      let from = 0
      let bytes = processor.bytes
      let inFlight = processor.inFlight
      while (
        cuts.length < max &&
        isDue(
          { ...processor, pending: processor.pending.slice(from), bytes, inFlight },
          options,
          now,
        ) === 0
      ) {
        const messages = takeBatch(processor.pending.slice(from), options)
        cuts.push({ processor, messages })
        from += messages.length
        bytes -= sizeOf(messages)
        inFlight += 1
        // What is left over from a full batch gathers like any other.
        if (processor.pending.length - from < options.maxMessages) break
      }
    }
    return cuts
  }

  /** The cuts were made. */
  take(cuts: readonly Cut[], now: number): void {
    for (const { processor, messages } of cuts) {
      processor.pending.splice(0, messages.length)
      processor.bytes -= sizeOf(messages)
      processor.lastSealed = now
      processor.lastSize = messages.length
      processor.inFlight += 1
      processor.totalBatches += 1
      processor.totalMessages += messages.length
      this.#pending -= messages.length
    }
  }

  /** Milliseconds until a batch may be cut; undefined: not before something changes. */
  dueIn(options: AssemblerOptions, now: number): number | undefined {
    const times = [...this.all.values()].flatMap(
      (processor) => isDue(processor, options, now) ?? [],
    )
    return times.length === 0 ? undefined : Math.min(...times)
  }

  #of({ author, groupHash, txtype }: Sorted): Processor {
    const kind =
      groupHash === null
        ? 'pinned_broadcast'
        : txtype === 'unpinned'
          ? 'unpinned_private'
          : 'pinned_private'
    const name = `${kind}|${author}|${groupHash ?? ''}`
    const found = this.all.get(name)
    if (found) return found
    const made = {
      name,
      pending: [],
      bytes: 0,
      lastSealed: Number.NEGATIVE_INFINITY,
      lastSize: 0,
      inFlight: 0,
      totalBatches: 0,
      totalMessages: 0,
    }
    this.all.set(name, made)
    return made
  }
}

const sizeOf = (messages: readonly MessageRow[]): number =>
  messages.reduce((sum, { size }) => sum + size, 0)

/** Milliseconds until the processor may cut a batch: 0 is now, undefined is "not before something changes". */
function isDue(
  { pending, bytes, inFlight, lastSealed, lastSize }: Processor,
  options: AssemblerOptions,
  now: number,
): number | undefined {
  if (pending.length === 0 || inFlight >= options.maxInFlight) return undefined
  if (pending.length >= options.maxMessages || bytes >= options.maxBytes) return 0
  // While one is on its way to the chain, more would only queue behind it.
  const worthwhile = inFlight > 0 ? options.lingerMs : MS_PER_MESSAGE * lastSize
  const linger = Math.min(options.lingerMs, worthwhile)
  return Math.max(0, lastSealed + linger - now)
}

/** The longest run from the front that makes one batch: same key and transaction type, within the limits; never empty. */
function takeBatch(
  pending: readonly MessageRow[],
  { maxMessages, maxBytes }: AssemblerOptions,
): MessageRow[] {
  const [first] = pending
  const batch: MessageRow[] = []
  let bytes = BATCH_OVERHEAD
  for (const row of pending) {
    bytes += row.size
    if (
      batch.length >= maxMessages ||
      row.key !== first?.key ||
      row.txtype !== first.txtype ||
      (bytes > maxBytes && batch.length > 0)
    )
      break
    batch.push(row)
  }
  return batch
}
