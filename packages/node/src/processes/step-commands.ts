import { Buffer } from 'node:buffer'
import { NodeError, type ProcessDecision } from '@concordat/protocol'
import {
  dryRun,
  type InstanceState,
  instanceTopic,
  openTasks,
  processTags,
  type StepClaim,
  type StepRecord,
  writeSealedStep,
} from '@concordat/protocol/process'
import { resolveSigner, type SignerRef } from '../identity/signer.ts'
import { expectEvent } from '../messages/waiters.ts'
import type { Wait } from '../namespace.ts'
import { decisionOfMessage, rowToDecision, toDecision } from '../store/tables/decisions.ts'
import { messageValue } from './message-value.ts'
import type { ProcessEngineDeps } from './process-engine.ts'
import type { ProcessCommands, StepResult, StepWish, Turn } from './processes.ts'

/** A step made ready: who does it, as what, and what would become of it now. */
interface Trial {
  readonly state: InstanceState
  readonly group: string
  readonly signer: SignerRef
  /** What the message says besides instance, definition and input. */
  readonly claim: Omit<StepClaim, 'instance' | 'definition'>
  readonly record: StepRecord
}

const NO_WAIT: Wait = { confirm: false, timeoutMs: 0, signal: AbortSignal.abort() }
/** Verdicts on a submitted step. */
const DECIDED = new Set(['process_step_accepted', 'process_step_rejected', 'process_step_voided'])

export const createStepCommands = (
  deps: ProcessEngineDeps,
): Pick<ProcessCommands, 'submit' | 'tryOut' | 'turns'> => ({
  submit: (wish, wait) => submit(deps, wish, wait),
  async tryOut(wish) {
    const { record, state } = await prepare(deps, wish)
    return toDecision(state.frame.instance, record)
  },
  turns: (process) => turns(deps, process),
})

async function turns({ spine, world }: ProcessEngineDeps, process: string): Promise<Turn[]> {
  const state = (await spine.find(process))?.state
  if (!state) return []
  const time = Math.floor(world.now() / 1000)
  return [...state.frame.rolesOf.keys()]
    .map((party) => ({ party, tasks: openTasks(state, party, time) }))
    .filter(({ tasks }) => tasks.length > 0)
}

async function submit(deps: ProcessEngineDeps, wish: StepWish, wait: Wait): Promise<StepResult> {
  const before = await findEarlier(deps, wish, wait)
  if (before) return before
  const trial = await prepare(deps, wish)
  const { record } = trial
  const { intent } = trial.claim
  const { process, step } = wish
  // What can't count as things stand is not worth a pin.
  if (record.verdict !== 'accepted')
    return { process, step, intent, decision: toDecision(process, record) }
  const id = await send(deps, wish, trial).catch(async (error: unknown) => {
    // The same wish came twice at once: the other one is on its way.
    const other = isRepeated(error) ? await findEarlier(deps, wish, NO_WAIT) : undefined
    if (other?.message === undefined) throw error
    return other.message
  })
  const isUndecided = async (): Promise<boolean> =>
    (await deps.spine.find(process))?.state?.n === trial.state.n
  return { process, step, intent, message: id, ...(await decisionOn(deps, id, wait, isUndecided)) }
}

const isRepeated = (error: unknown): boolean =>
  error instanceof NodeError && error.code === 'FF10430'

/** The answer to the same wish made before. */
async function findEarlier(
  deps: ProcessEngineDeps,
  { process, step, intent }: StepWish,
  wait: Wait,
): Promise<StepResult | undefined> {
  if (intent === undefined) return undefined
  const { database, namespace, spine } = deps
  const row = await database.read
    .selectFrom('messages')
    .select(['id', 'topics', 'groupHash'])
    .where('namespace', '=', namespace)
    .where('idempotencyKey', '=', intent)
    .where('idempotencyKey', 'is not', null)
    .executeTakeFirst()
  if (!row) return undefined
  const instance = await spine.find(process)
  if (!instance?.state || row.groupHash !== instance.row.groupHash) return undefined
  if (row.topics !== instanceTopic(instance.state.frame.instance)) return undefined
  return { process, step, intent, message: row.id, ...(await decisionOn(deps, row.id, wait)) }
}

async function prepare(deps: ProcessEngineDeps, wish: StepWish): Promise<Trial> {
  const { world, spine } = deps
  const instance = await spine.find(wish.process)
  if (!instance) throw new NodeError('FF10109', {})
  const { state, row } = instance
  if (!state || state.stop)
    throw new NodeError('CC21004', { id: row.id, reason: row.reason ?? `it is ${row.status}` })
  const signer = resolveSigner(deps.signer, wish)
  const roles = state.frame.rolesOf.get(signer.author)
  if (!roles) throw new NodeError('CC21008', { author: signer.author, id: row.id })
  const role = wish.role ?? roleFor(state, wish.step, roles)
  const intent = wish.intent ?? world.uuid()
  const { n, hash } = state
  const claim = {
    step: wish.step,
    ...(role !== undefined && { role }),
    intent,
    seen: { n, h: hash },
    ...(wish.expect && { expect: wish.expect }),
  }
  const trial = { ...claim, input: wish.input, author: signer.author }
  const record = dryRun(state, trial, Math.floor(world.now() / 1000))
  if (!record) throw new NodeError('CC21004', { id: row.id, reason: 'this step would stop it' })
  return { state, group: row.groupHash, signer, claim, record }
}

/** The one role in which a party may do a step. */
function roleFor(
  { frame }: InstanceState,
  step: string,
  roles: ReadonlySet<string>,
): string | undefined {
  const definition = frame.definition.steps.get(step)
  if (!definition) return undefined
  const possible = [...roles].filter((role) => definition.by.has(role))
  if (possible.length > 1) throw new NodeError('CC21005', { step, roles: possible.join(', ') })
  return possible[0] ?? [...roles][0]
}

/** Resolves the id of the message that carries the step, once it is durable. */
async function send(deps: ProcessEngineDeps, wish: StepWish, trial: Trial): Promise<string> {
  const { state, signer, group } = trial
  const { instance, definition } = state.frame
  const claim = { instance, definition: definition.hash, ...trial.claim }
  const newSalt = (): string => Buffer.from(deps.world.random(16)).toString('base64url')
  const values = writeSealedStep(claim, wish.input, newSalt)
  const { header } = await deps.messages.sendPrivate(
    {
      header: { tag: processTags.step, topics: [instanceTopic(instance)], group, ...signer },
      data: values.map(messageValue),
      idempotencyKey: claim.intent,
    },
    NO_WAIT,
  )
  return header.id
}

/** `isUndecided` spares a look into the database where it is certain that there is no decision yet. */
async function decisionOn(
  { database, namespace, waiters, spine }: ProcessEngineDeps,
  message: string,
  wait: Wait,
  isUndecided = async (): Promise<boolean> => false,
): Promise<{ decision?: ProcessDecision }> {
  const read = () => decisionOfMessage(database.read, namespace, message)
  if (!wait.confirm) return (await isUndecided()) ? {} : found(await read())
  const { timeoutMs } = wait
  const done = new AbortController()
  const signal = AbortSignal.any([wait.signal, done.signal])
  using awaited = spine.awaited.await(message)
  const decided = expectEvent(
    waiters,
    { confirm: true, timeoutMs, signal },
    message,
    ({ type, reference }) => reference === message && DECIDED.has(type),
  )
  try {
    const known = (await isUndecided()) ? undefined : await read()
    if (known) return found(known)
    await decided
    return found(awaited.row ? rowToDecision(awaited.row) : await read())
  } finally {
    // A wait that nobody needs would hold its place until it is over.
    done.abort()
  }
}

const found = (decision: ProcessDecision | undefined): { decision?: ProcessDecision } =>
  decision ? { decision } : {}
