import {
  createInstance,
  decide,
  type InstanceState,
  loadDefinition,
  readPayload,
  type SpineEvent,
  templates,
  writePlainStep,
  writeSealedStep,
} from '@concordat/protocol/process'
import { parse } from 'yaml'

// node packages/testkit/bench/fold.ts: how many steps of a purchase order one core reads and decides in a second.

const STEPS = 50_000
const TIME = 1_700_000_000
const PARTIES = ['did:firefly:org/buyer', 'did:firefly:org/seller'] as const

const document = parse(templates['purchase-order'])
// So that it goes on for as long as is measured.
document.steps.counter.when = document.steps.counter.when.filter(
  ({ code }: { code: string }) => code !== 'ROUND_LIMIT',
)
const loaded = loadDefinition(document)
if (loaded.outcome !== 'loaded') throw new Error(JSON.stringify(loaded.faults))
const { definition } = loaded

function begin(): InstanceState {
  const [buyer, seller] = PARTIES
  const instance = '5d1f8a52-7d0a-4c43-9d8e-0c3f6a2b1e00'
  const parties = { buyer: [buyer], seller: [seller] }
  const creation = { instance, definition: definition.hash, parties }
  const context = { author: buyer, time: TIME, members: PARTIES, adopted: PARTIES }
  const created = createInstance(definition, creation, context)
  if (created.outcome !== 'created') throw new Error(created.code)
  const input = { item: 'steel', qty: 10, price: '100.00', currency: 'EUR' }
  const claim = claimOf(created.state, 'propose', 0)
  return decide(created.state, read(0, writePlainStep(claim, input))).state
}

const claimOf = ({ frame, hash }: InstanceState, step: string, i: number) => ({
  instance: frame.instance,
  definition: frame.definition.hash,
  step,
  role: i % 2 === 0 ? 'buyer' : 'seller',
  intent: `intent-${i}`,
  seen: { n: Math.max(0, i - 3), h: hash },
})

const read = (i: number, values: readonly string[]): SpineEvent => ({
  time: TIME + i,
  author: PARTIES[i % 2] ?? '',
  message: { id: `message-${i}`, hash: String(i).padStart(64, '0') },
  payload: readPayload('ffp.step', values) ?? { kind: 'void', code: 'MALFORMED' },
})

/** Milliseconds of work so far: what else the machine does is not counted. */
const coreTime = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function measure(what: string, sealed: boolean, makeStep: (i: number) => string): void {
  const start = begin()
  const messages = Array.from({ length: STEPS }, (_, i) => {
    const claim = claimOf(start, makeStep(i), i + 1)
    const input = claim.step === 'counter' ? { price: `${5 + (i % 9)}.25` } : { round: 1 }
    let salts = 0
    const newSalt = (): string => `${i}-${salts++}`.padStart(22, 'A')
    return sealed ? writeSealedStep(claim, input, newSalt) : writePlainStep(claim, input)
  })
  const begun = coreTime()
  const events = messages.map((values, i) => read(i + 1, values))
  const parsed = coreTime()
  let state = start
  const verdicts: Record<string, number> = {}
  for (const event of events) {
    const outcome = decide(state, event)
    state = outcome.state
    const verdict = outcome.decisions.at(-1)?.record.verdict ?? 'none'
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1
  }
  const decided = coreTime()
  const perSecond = (milliseconds: number): string =>
    Math.round((STEPS / milliseconds) * 1000).toLocaleString('en')
  process.stdout.write(
    `${what.padEnd(24)} read ${perSecond(parsed - begun)}/s, decided ${perSecond(decided - parsed)}/s, ` +
      `both ${perSecond(decided - begun)}/s ${JSON.stringify(verdicts)}\n`,
  )
}

for (const round of ['first', 'second']) {
  process.stdout.write(`${round} round\n`)
  measure('accepted, plain', false, () => 'counter')
  measure('accepted, sealed', true, () => 'counter')
  measure('rejected, plain', false, (i) => (i % 2 === 0 ? 'counter' : 'accept'))
}
