import type { Seed } from '../../exchange/exchange.ts'
import type { World } from '../../lib/world.ts'
import type { Fetched, StorageDeps } from '../storage.ts'

type Source = string | Seed

/** One attempt at one source; undefined: it answered that it has no such thing; `gone`: that nobody has. */
type Attempt<T extends object> = (
  from: Source,
  signal: AbortSignal,
) => Promise<T | 'gone' | undefined>

type Answer<T extends object> = { readonly content: T } | 'none' | 'gone' | 'silence'

/** How long a source may be silent before the next is asked beside it. */
const PATIENCE_MS = 1_000

/**
 * Asks peers and seeds, those first that last had what was asked for: one after another, and some at a time when they are slow. Absent or gone only if there is
 * someone to ask and all of them answered that they have none; seeds must only if no peer is known.
 */
export function createAsker({
  exchange,
  seeds,
  world,
  log,
}: Pick<StorageDeps, 'exchange' | 'seeds' | 'world' | 'log'>): <T extends object>(
  attempt: Attempt<T>,
  parallel: number,
  signal: AbortSignal,
) => Promise<Fetched<T>> {
  /** By name of source: how often it had something lately. */
  const scores = new Map<string, number>()
  const scoreOf = (from: Source): number => scores.get(nameOf(from)) ?? 0

  const askOne = async <T extends object>(
    from: Source,
    attempt: Attempt<T>,
    signal: AbortSignal,
  ): Promise<Answer<T>> => {
    try {
      const content = await attempt(from, signal)
      const isHere = typeof content === 'object'
      scores.set(nameOf(from), scoreOf(from) / 2 + (isHere ? 1 : 0))
      return isHere ? { content } : (content ?? 'none')
    } catch (error) {
      if (!signal.aborted) log.debug({ error, from: nameOf(from) }, 'A member could not be asked')
      return 'silence'
    }
  }

  return async (attempt, parallel, signal) => {
    const peers = exchange.peers()
    const sources: Source[] = [...peers, ...seeds]
    const queue = sources.sort((one, other) => scoreOf(other) - scoreOf(one))
    if (queue.length === 0) return { state: 'unreachable', reason: 'no member is known yet' }
    const answers = await askAll(queue, { parallel, world, signal }, (from, ending) =>
      askOne(from, attempt, ending),
    )
    signal.throwIfAborted()
    for (const [, answer] of answers) {
      if (typeof answer === 'object') return { state: 'found', content: answer.content }
    }
    // A seed that is no member yet may not know us either.
    const isAsked = (from: Source): boolean => typeof from === 'string' || peers.length === 0
    const silent = [...answers]
      .filter(([from, answer]) => answer === 'silence' && isAsked(from))
      .map(([from]) => nameOf(from))
    if (silent.length === 0)
      return { state: [...answers.values()].includes('gone') ? 'gone' : 'absent' }
    return { state: 'unreachable', reason: `no answer from ${silent.slice(0, 5).join(', ')}` }
  }
}

interface Asking {
  readonly parallel: number
  readonly world: Pick<World, 'sleep'>
  readonly signal: AbortSignal
}

/** Goes through the queue until it is empty or someone had it; then the others are called off. */
async function askAll<T extends object>(
  queue: Source[],
  { parallel, world, signal }: Asking,
  ask: (from: Source, signal: AbortSignal) => Promise<Answer<T>>,
): Promise<Map<Source, Answer<T>>> {
  const enough = new AbortController()
  const nobodyLeft = new AbortController()
  const ending = AbortSignal.any([signal, enough.signal])
  const idle = AbortSignal.any([ending, nobodyLeft.signal])
  const answers = new Map<Source, Answer<T>>()
  const askInTurn = async (_: unknown, turn: number): Promise<void> => {
    if (turn > 0) await world.sleep(turn * PATIENCE_MS, idle).catch(() => {})
    if (ending.aborted) return
    for (let from = queue.shift(); from !== undefined; from = queue.shift()) {
      if (queue.length === 0) nobodyLeft.abort()
      const answer = await ask(from, ending)
      answers.set(from, answer)
      if (typeof answer === 'object') enough.abort()
      if (ending.aborted) return
    }
  }
  await Promise.all(Array.from({ length: parallel }, askInTurn))
  return answers
}

const nameOf = (from: Source): string => (typeof from === 'string' ? from : from.url)
