import { broadcastContext, maskedPin } from '@concordat/protocol'
import type { TestBatch, TestParty, TestPin } from './chain-fixtures.testing.ts'

interface Place {
  readonly position: number
  readonly event: number
  readonly idx: number
  readonly hash: string
  readonly pin: TestPin
}

interface Found {
  readonly id: string
  readonly topics: readonly string[]
  readonly first: number
  readonly topic: string
}

export interface Expected {
  /** Per topic: `id state` of its messages in order, and what was rejected. */
  readonly decided: Map<string, string[]>
  /** Per `group topic` of processes: `event idx id`, or `event idx void`, of each settled pin in order. */
  readonly settled: Map<string, string[]>
}

/** What must come of a whole chain when these payloads are here: written for reading, not for speed. */
export function referModel(
  chain: readonly TestPin[],
  arrived: ReadonlySet<TestBatch>,
  members: readonly TestParty[],
): Expected {
  let position = 0
  const places = chain.flatMap((pin, event) =>
    (pin.contexts ?? pin.batch.contexts).map(
      (hash, idx): Place => ({ position: position++, event, idx, hash, pin }),
    ),
  )
  const decided = new Map<string, string[]>()
  const final = new Set<string>()
  const decide = (id: string, state: string, topics: readonly string[]): void => {
    final.add(id)
    for (const topic of topics)
      decided.set(topic, [...(decided.get(topic) ?? []), `${id} ${state}`])
  }
  const byMember = places.filter(({ pin }) => members.some(({ key }) => key === pin.signer))
  settleBroadcasts(
    byMember.filter(({ pin }) => !pin.batch.group),
    arrived,
    { final, decide },
  )
  const masked = byMember.filter(({ pin }) => pin.batch.group)
  const model = new PrivateModel(masked, arrived, members, { final, decide })
  model.settle()
  return { decided, settled: model.settled }
}

interface Verdicts {
  readonly final: ReadonlySet<string>
  readonly decide: (id: string, state: string, topics: readonly string[]) => void
}

const isProcess = (topic: string): boolean => topic.startsWith('ffp-')

const isInvoked = ({ pin }: Place): boolean => pin.action === 'firefly:contract_invoke_pin'

/** A message on the topic of a process has no other topic. */
const isMalformed = ({ topics }: Found): boolean => topics.length > 1 && topics.some(isProcess)

/** The message that a pin is for, if the pin can be for one. */
function find({ idx, pin: { batch, signer, batchId } }: Place): Found | undefined {
  if (signer !== batch.author.key || (batchId ?? batch.id) !== batch.id) return undefined
  let first = 0
  for (const { header } of batch.payload.payload.messages) {
    const topic = header.topics[idx - first]
    if (topic !== undefined) return { id: header.id, topics: header.topics, first, topic }
    first += header.topics.length
  }
  return undefined
}

/** The places of a message's pins, one a topic, in one chain event. */
const placesOf = (
  { first, topics }: { readonly first: number; readonly topics: readonly string[] },
  event: Place['event'],
  places: readonly Place[],
): Place[] =>
  places.filter(
    (place) => place.event === event && place.idx >= first && place.idx < first + topics.length,
  )

const isRight = (own: readonly Place[], topics: readonly string[]): boolean =>
  own.length === topics.length &&
  own.every(({ hash }, i) => hash === broadcastContext(topics[i] ?? ''))

/** In chain order; whatever waits stops its topics for all that comes later. */
function settleBroadcasts(
  places: readonly Place[],
  arrived: ReadonlySet<TestBatch>,
  { final, decide }: Verdicts,
): void {
  const stopped = new Set<string>()
  const stop = (held: readonly Place[]): void => {
    for (const { hash } of held) stopped.add(hash)
  }
  const settle = (place: Place): void => {
    const message = find(place)
    if (!message || final.has(message.id)) return
    if (isInvoked(place) && message.topics.some(isProcess)) return
    const own = placesOf(message, place.event, places)
    const right = isRight(own, message.topics)
    if (right && own.some(({ hash }) => stopped.has(hash))) stop(own)
    else decide(message.id, right ? 'confirmed' : 'rejected', message.topics)
  }
  for (const place of places) {
    if (stopped.has(place.hash)) continue
    if (arrived.has(place.pin.batch)) settle(place)
    else stop([place])
  }
}

/** Each member's pins of a context count one after another; the earliest of those whose turn it is goes first. */
class PrivateModel {
  readonly #places: readonly Place[]
  readonly #arrived: ReadonlySet<TestBatch>
  readonly #members: readonly TestParty[]
  readonly #verdicts: Verdicts
  readonly #nonces = new Map<string, number>()
  readonly #used = new Set<Place>()
  /** `group topic`. */
  readonly #contexts = new Set<string>()
  readonly settled: Expected['settled'] = new Map()

  constructor(
    places: readonly Place[],
    arrived: ReadonlySet<TestBatch>,
    members: readonly TestParty[],
    verdicts: Verdicts,
  ) {
    this.#places = places
    this.#members = members
    this.#arrived = arrived
    this.#verdicts = verdicts
    // A context is known by any batch that came, pinned or not.
    for (const { group, payload } of arrived)
      if (group)
        for (const { header } of payload.payload.messages)
          for (const topic of header.topics) this.#contexts.add(`${group.hash} ${topic}`)
  }

  settle(): void {
    while ([...this.#contexts].some((context) => this.#step(context)));
  }

  #next(context: string): { place: Place; author: string } | undefined {
    const [hash = '', topic = ''] = context.split(' ')
    const group = this.#places.find(({ pin }) => pin.batch.group?.hash === hash)?.pin.batch.group
    const candidates = (group?.members ?? []).flatMap(({ identity }) => {
      const nonce = this.#nonces.get(`${context} ${identity}`) ?? 0
      const wanted = maskedPin(topic, hash, identity, nonce)
      const place = this.#places.find(
        (each) =>
          each.hash === wanted &&
          each.pin.signer === this.#keyOf(identity) &&
          !(isInvoked(each) && isProcess(topic)) &&
          !this.#used.has(each),
      )
      return place ? [{ place, author: identity }] : []
    })
    return candidates.sort((a, b) => a.place.position - b.place.position)[0]
  }

  #keyOf(identity: string): string | undefined {
    return this.#members.find(({ did }) => did === identity)?.key
  }

  #use(context: string, { place, author }: { place: Place; author: string }, what = 'void'): void {
    if (isProcess(context.split(' ')[1] ?? '')) {
      const line = `${place.event} ${place.idx} ${what}`
      this.settled.set(context, [...(this.settled.get(context) ?? []), line])
    }
    const counter = `${context} ${author}`
    this.#nonces.set(counter, (this.#nonces.get(counter) ?? 0) + 1)
    this.#used.add(place)
  }

  #step(context: string): boolean {
    const next = this.#next(context)
    if (!next || !this.#arrived.has(next.place.pin.batch)) return false
    const message = this.#messageFor(context, next.place)
    const isFinal = message && this.#verdicts.final.has(message.id)
    if (!message || isFinal || isMalformed(message)) {
      this.#use(context, next)
      if (message && !isFinal) this.#verdicts.decide(message.id, 'rejected', message.topics)
      return true
    }
    return this.#settle(context, next, message)
  }

  #settle(context: string, next: { place: Place; author: string }, message: Found): boolean {
    const [group = ''] = context.split(' ')
    const others = message.topics
      .map((topic) => `${group} ${topic}`)
      .filter((each) => each !== context)
      .map((each) => ({ context: each, next: this.#next(each) }))
    const whole = this.#isWhole(next.place, message)
    const isOwn = (place: Place | undefined): boolean =>
      place?.event === next.place.event &&
      place.idx >= message.first &&
      place.idx < message.first + message.topics.length
    const late = whole ? others.filter(({ next: other }) => !isOwn(other?.place)) : others
    if (whole && late.some((other) => !this.#givesWay(next.place, other.next?.place))) return false
    this.#use(context, next, message.id)
    if (whole)
      for (const other of others)
        if (other.next && !late.includes(other)) this.#use(other.context, other.next)
    this.#verdicts.decide(message.id, late.length > 0 ? 'rejected' : 'confirmed', message.topics)
    return true
  }

  #messageFor(context: string, place: Place): Found | undefined {
    const message = find(place)
    return message && context === `${place.pin.batch.group?.hash} ${message.topic}`
      ? message
      : undefined
  }

  #isWhole({ event }: Place, { first, topics }: Found): boolean {
    return this.#places.some(
      (each) => each.event === event && each.idx === first + topics.length - 1,
    )
  }

  /** The message of a place whose turn it is on its own topic, unless it is decided without the other topics. */
  #waiting(place: Place): Found | undefined {
    const message = find(place)
    if (!message || this.#verdicts.final.has(message.id) || isMalformed(message)) return undefined
    return this.#isWhole(place, message) ? message : undefined
  }

  /** Whether `other`, which holds `place` back, waits for it in turn, over however many others, and all of them are later. */
  #givesWay(place: Place, other: Place | undefined, seen: readonly Place[] = []): boolean {
    if (!other || seen.includes(other) || other.position < place.position) return false
    if (!this.#arrived.has(other.pin.batch)) return false
    const message = this.#waiting(other)
    if (!message) return false
    return message.topics.some((topic) => {
      if (topic === message.topic) return false
      const next = this.#next(`${other.pin.batch.group?.hash} ${topic}`)?.place
      if (!next || (next.event === other.event && find(next)?.id === message.id)) return false
      if (next.event === place.event && find(next)?.id === find(place)?.id) return true
      return this.#givesWay(place, next, [...seen, other])
    })
  }
}
