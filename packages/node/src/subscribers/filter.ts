import { NodeError } from '@concordat/protocol'
import { compilePattern, type Matcher } from './pattern.ts'

/** A subscription's filter as clients write it. Every expression given must match. */
export interface EventFilter {
  readonly events?: string
  readonly topic?: string
  readonly message?: { readonly tag?: string; readonly group?: string; readonly author?: string }
  readonly blockchainevent?: { readonly name?: string; readonly listener?: string }
  readonly transaction?: { readonly type?: string }
  /** Older names of `topic` and of the message's fields; the newer ones win. */
  readonly topics?: string
  readonly tag?: string
  readonly group?: string
  readonly author?: string
}

/** What an event is judged by. An object that the event does not have counts as empty texts. */
export interface EventFacts {
  readonly type: string
  readonly topic: string
  readonly tag: string
  readonly group: string
  readonly author: string
  readonly blockchainName: string
  readonly blockchainListener: string
  readonly transactionType: string
}

/** A filter in two steps, so that objects are only looked up for events that can still match. */
export interface CompiledFilter {
  /** Judges what the event's own row tells. */
  matchesRow(row: { readonly type: string; readonly topic: string | null }): boolean
  /** Judges the rest, once the event is enriched. */
  matchesFacts(facts: EventFacts): boolean
}

type FactName = Exclude<keyof EventFacts, 'type' | 'topic'>

/** Process events go only to those who ask for them by name. */
const BY_NAME_ONLY = 'process_'

/** Compiles a filter; a pattern that isn't RE2 is refused with FF10195. */
export function compileFilter(filter: EventFilter = {}): CompiledFilter {
  const events = compile('events', filter.events)
  const topic = compile('topic', filter.topic || filter.topics)
  const message = filter.message
  const rest: readonly (readonly [FactName, Matcher | undefined])[] = [
    ['tag', compile('message.tag', message?.tag || filter.tag)],
    ['group', compile('message.group', message?.group || filter.group)],
    ['author', compile('message.author', message?.author || filter.author)],
    ['blockchainName', compile('blockchainevent.name', filter.blockchainevent?.name)],
    ['blockchainListener', compile('blockchainevent.listener', filter.blockchainevent?.listener)],
    ['transactionType', compile('transaction.type', filter.transaction?.type)],
  ]
  const active = rest.flatMap(([name, matches]) => (matches ? [{ name, matches }] : []))
  return {
    matchesRow: (row) =>
      (events ? events(row.type) : !row.type.startsWith(BY_NAME_ONLY)) &&
      (topic === undefined || topic(row.topic ?? '')),
    matchesFacts: (facts) => active.every(({ name, matches }) => matches(facts[name])),
  }
}

function compile(field: string, pattern: string | undefined): Matcher | undefined {
  if (!pattern) return undefined
  try {
    return compilePattern(pattern)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new NodeError('FF10195', { field, pattern, reason }, { cause })
  }
}
