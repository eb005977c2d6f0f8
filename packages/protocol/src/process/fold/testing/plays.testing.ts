import fc from 'fast-check'
import type { ProfileSchema } from '../../schema/types.ts'
import type { Json, JsonMap } from '../../values/value.ts'
import { decide } from '../decide.ts'
import type { InstanceState } from '../state.ts'
import { openTasks } from '../tasks.ts'
import { makeDisclosure } from '../wire/disclosure.ts'
import { writeTick } from '../wire/messages.ts'
import {
  begin,
  didOf,
  fold,
  INSTANCE,
  lineOf,
  membersOf,
  type Scene,
  type Sent,
  START,
  type StepText,
  stepValues,
  toEvent,
} from './scene.testing.ts'
import {
  auctionScene,
  budgetScene,
  letterOfCreditScene,
  purchaseOrderScene,
} from './scenes.testing.ts'

/** A scene with what makes random runs of it go deep. */
export interface Play {
  readonly scene: Scene
  /** Who did what in a run that ends well: `step role:name`, or `wait seconds`. */
  readonly happy: readonly string[]
  /** Input that is likely to be accepted. */
  readonly inputFor: (state: InstanceState, step: string, author: string, pick: number) => JsonMap
}

const HOUR = 3600
const DAY = 24 * HOUR

const textOf = (state: InstanceState, field: string): string =>
  String(state.situation.fields[field] ?? '')

export const purchaseOrderPlay: Play = {
  scene: purchaseOrderScene,
  happy: [
    'propose buyer:buyer',
    'counter seller:seller',
    'counter buyer:buyer',
    'accept seller:seller',
    'deliver seller:seller',
    'invoice seller:seller',
    'dispute buyer:buyer',
    'resolve buyer:buyer',
    'pay seller:seller',
  ],
  inputFor: (state, step, _author, pick) => {
    const price = `${1 + (pick % 900)}.25`
    if (step === 'propose') return { item: 'steel', qty: 4, price, currency: 'EUR' }
    if (step === 'counter') return { price }
    if (step === 'accept') return { round: Number(state.situation.fields.round) }
    if (step === 'deliver') return { qty: 4 }
    const net = String((Number(textOf(state, 'price')) * 4).toFixed(0))
    return step === 'invoice' ? { net, vatRate: '0', total: net } : {}
  },
}

export const letterOfCreditPlay: Play = {
  scene: letterOfCreditScene,
  happy: [
    '$join iss',
    '$join adv',
    '$join ben',
    '$join car',
    'issue issuer:iss',
    'advise advising:adv',
    'ship carrier:car',
    'lodge beneficiary:ben',
    'present beneficiary:ben',
    'refuse issuer:iss',
    'present beneficiary:ben',
    'honour issuer:iss',
    'settled issuer:iss',
  ],
  inputFor: (_state, step, _author, pick) => {
    const hash = 'd'.repeat(64)
    if (step === 'ship') return { blHash: hash }
    if (step === 'lodge') return { kind: 'invoice', hash }
    if (step === 'refuse') return { list: ['late'] }
    if (step === 'settled') return pick % 3 === 0 ? { ref: 'r', failed: true } : { ref: 'r' }
    if (step !== 'issue') return {}
    const docsRequired = ['invoice', 'bill_of_lading']
    const [lastShip, expiry] = [START + 20 * DAY, START + 30 * DAY]
    return { amount: '100.5', expiry, lastShip, docsRequired }
  },
}

const SALT = 'c2FsdC1mb3ItYmlkLW9mLQ'

export const auctionPlay: Play = {
  scene: auctionScene,
  happy: [
    '$join b1',
    '$join b2',
    '$join b3',
    'open arranger:arr',
    'commit bank:b1',
    'commit bank:b2',
    'wait 5000',
    'reveal bank:b1',
    'reveal bank:b2',
    'wait 5000',
    'allot arranger:arr',
    'allot bank:b2',
    'close bank:b1',
  ],
  inputFor: (state, step, author, pick) => {
    const [amount, marginBp] = [5, 90 + author.length]
    const { clock } = state
    if (step === 'open') return { loan: 9, bidEnd: clock + 4000, revealEnd: clock + 9000 }
    if (step === 'commit')
      return { c: makeDisclosure(SALT, author, `${amount}@${marginBp}`).digest }
    if (step === 'reveal') return { salt: SALT, amount, marginBp }
    return step === 'allot' ? { bank: didOf(`b${1 + (pick % 3)}`) } : {}
  },
}

export const budgetPlay: Play = {
  scene: budgetScene,
  happy: [
    'ask owner:own',
    'note approver:p1',
    'vote approver:p1',
    'vote approver:own',
    'wait 60',
    'settle owner:own',
    'told owner:own',
  ],
  inputFor: (_state, step, _author, pick) => {
    if (step === 'ask') return { title: 'desks', amount: '3.10', tokens: String(2 ** 60 + pick) }
    if (step === 'vote') return { yes: pick % 4 !== 0 }
    if (step === 'note') return { text: `n${pick}` }
    return step === 'told' ? { failed: pick % 2 === 0 } : {}
  },
}

export const plays: readonly Play[] = [
  purchaseOrderPlay,
  letterOfCreditPlay,
  auctionPlay,
  budgetPlay,
]

/** One wish of chance, made into a message when the state is known in which it comes. */
interface Wish {
  readonly kind: 'task' | 'any' | 'again' | 'tick' | 'junk'
  readonly pick: number
  /** Seconds since the last message; less than none is a block whose time lies behind. */
  readonly wait: number
  /** How many decisions ago the author looked; none if negative. */
  readonly lag: number
  readonly expects: boolean
  readonly odd: boolean
  readonly sealed: boolean
  readonly junk: Json
}

const scalar = fc.oneof(
  fc.constantFrom('0', '1.50', '-3', '1e5', 'EUR', '', '\u{1f600}', '__proto__', 'constructor'),
  fc.integer({ min: -5, max: 200 }),
  fc.boolean(),
  fc.constant(null),
)

const junk: fc.Arbitrary<Json> = fc.oneof(
  { depthSize: 'small' },
  scalar,
  fc.array(scalar, { maxLength: 4 }),
  fc.dictionary(fc.constantFrom('a', 'price', 'yes', '__proto__', 'toString'), scalar, {
    maxKeys: 3,
  }),
)

const wish: fc.Arbitrary<Wish> = fc.record({
  kind: fc.oneof(
    { weight: 10, arbitrary: fc.constant('task' as const) },
    { weight: 3, arbitrary: fc.constant('any' as const) },
    { weight: 1, arbitrary: fc.constantFrom('again' as const, 'tick' as const, 'junk' as const) },
  ),
  pick: fc.nat(10_000),
  wait: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 90 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 3 * DAY }) },
    { weight: 1, arbitrary: fc.integer({ min: -50, max: 0 }) },
  ),
  lag: fc.integer({ min: -1, max: 4 }),
  expects: fc.integer({ min: 0, max: 7 }).map((n) => n === 0),
  odd: fc.integer({ min: 0, max: 7 }).map((n) => n === 0),
  sealed: fc.boolean(),
  junk,
})

/** A play and a run of it: a beginning that goes well, of any length, then what chance wants. */
export interface Performance {
  readonly play: Play
  readonly start: InstanceState
  readonly sent: readonly Sent[]
}

export const performanceOf = (play: Play): fc.Arbitrary<Performance> =>
  fc
    .tuple(
      fc.nat(play.happy.length),
      fc.array(wish, { minLength: 3, maxLength: 25 }),
      fc.uniqueArray(fc.constantFrom(...membersOf(play.scene)), { maxLength: 5 }),
    )
    .map(([length, wishes, adopted]) => perform(play, length, wishes, adopted))

function perform(
  play: Play,
  length: number,
  wishes: readonly Wish[],
  adopted: readonly string[],
): Performance {
  const start = begin(play.scene, length > 0 ? membersOf(play.scene) : adopted)
  const stage = new Stage(play, start)
  for (const line of play.happy.slice(0, length)) stage.follow(line)
  for (const each of wishes) stage.grant(each)
  const { sent } = stage
  const told = (): string =>
    `${play.scene.name}: ${fold(start, sent).records.map(lineOf).join('; ')}`
  return Object.assign({ play, start, sent }, { [fc.toStringMethod]: told })
}

/** Makes messages that fit the state they will be decided in. */
class Stage {
  readonly sent: Sent[] = []
  readonly #play: Play
  readonly #states: InstanceState[]
  #state: InstanceState
  #time = START

  constructor(play: Play, start: InstanceState) {
    this.#play = play
    this.#state = start
    this.#states = [start]
  }

  follow(line: string): void {
    const [step = '', who = ''] = line.split(' ')
    if (step === 'wait') {
      this.#time += Number(who)
      return
    }
    const [role, name] = who.includes(':') ? who.split(':', 2) : [undefined, who]
    this.#time += 1
    const author = didOf(name ?? '')
    const input = this.#play.inputFor(this.#state, step, author, 7)
    this.#submit(author, { step, input, intent: this.#next(), ...(role !== undefined && { role }) })
  }

  grant(wanted: Wish): void {
    this.#time = Math.max(START, this.#time + wanted.wait)
    const someone = this.#someone(wanted)
    if (wanted.kind === 'again') this.#repeat(wanted)
    else if (wanted.kind === 'tick') this.#send(someone, 'ffp.tick', [writeTick(INSTANCE)])
    else if (wanted.kind === 'junk') this.#send(someone, 'ffp.step', [JSON.stringify(wanted.junk)])
    else this.#act(wanted)
  }

  #act(wanted: Wish): void {
    const choice = wanted.kind === 'task' ? this.#task(wanted) : this.#any(wanted)
    const { author, step, role } = choice
    this.#submit(author, {
      step,
      input: this.#input(step, author, wanted),
      intent: this.#next(),
      ...(role !== undefined && { role }),
      ...memoryOf(this.#view(wanted), wanted),
      ...(wanted.sealed && { sealed: this.#next() }),
    })
  }

  #next(): string {
    return `m${this.sent.length + 1}`
  }

  /** What the author knows when it acts: perhaps not the latest. */
  #view({ lag }: Wish): InstanceState {
    return this.#states.at(-1 - Math.max(lag, 0)) ?? this.#state
  }

  #someone({ pick }: Wish): string {
    const members = membersOf(this.#play.scene)
    return members[pick % members.length] ?? ''
  }

  #repeat(wanted: Wish): void {
    const earlier = this.sent[wanted.pick % Math.max(this.sent.length, 1)]
    if (earlier === undefined) return
    const author = wanted.odd ? this.#someone(wanted) : earlier.author
    this.#send(author, earlier.tag, earlier.values)
  }

  /** A step that somebody could take now. */
  #task(wanted: Wish): { author: string; step: string; role?: string } {
    const tasks = membersOf(this.#play.scene).flatMap((author) =>
      openTasks(this.#view(wanted), author).map((task) => ({ author, ...task })),
    )
    return tasks[wanted.pick % Math.max(tasks.length, 1)] ?? this.#any(wanted)
  }

  #any(wanted: Wish): { author: string; step: string; role: string } {
    const { definition } = this.#play.scene
    const steps = [...definition.steps.keys(), '$tick', '$join', '$nothing', 'constructor']
    const roles = [...definition.roles, 'nobody']
    return {
      author: wanted.odd ? didOf('stranger') : this.#someone(wanted),
      step: steps[wanted.pick % steps.length] ?? '',
      role: roles[(wanted.pick >> 3) % roles.length] ?? '',
    }
  }

  #input(step: string, author: string, wanted: Wish): JsonMap {
    const good = this.#play.inputFor(this.#view(wanted), step, author, wanted.pick)
    if (!wanted.odd) return good
    const schema = this.#play.scene.definition.steps.get(step)?.input
    const names = namesOf(schema)
    const name = names[wanted.pick % Math.max(names.length, 1)] ?? 'more'
    return Object.assign(Object.create(null), good, { [name]: wanted.junk })
  }

  #submit(author: string, text: StepText): void {
    this.#send(author, 'ffp.step', stepValues(this.#state, text))
  }

  #send(author: string, tag: string, values: readonly string[]): void {
    const sent = { time: this.#time, author, id: this.#next(), tag, values }
    const { state, decisions } = decide(this.#state, toEvent(sent))
    this.sent.push(sent)
    this.#state = state
    if (decisions.length > 0) this.#states.push(state)
  }
}

function memoryOf({ n, hash: h }: InstanceState, { lag, expects }: Wish): Partial<StepText> {
  return lag < 0 ? {} : { seen: { n, h }, ...(expects && { expect: { n } }) }
}

const namesOf = (schema: ProfileSchema | undefined): readonly string[] =>
  typeof schema === 'object' ? Object.keys(schema.properties ?? {}) : []
