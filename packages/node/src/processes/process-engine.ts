import { type Flow, type GroupInput, NodeError, type Process, RawJson } from '@concordat/protocol'
import {
  canonicalJson,
  instanceTopic,
  type JsonMap,
  loadDefinition,
  parseStrict,
  processTags,
  writeAdoption,
  writeCreation,
  writeDefinition,
} from '@concordat/protocol/process'
import { lookUp, resolveSigner, type SignerDeps } from '../identity/signer.ts'
import type { World } from '../lib/world.ts'
import type { MessageEngine } from '../messages/message-engine.ts'
import { expectEvent, type Waiters } from '../messages/waiters.ts'
import type { Wait } from '../namespace.ts'
import type { Database } from '../store/database.ts'
import { getFlow } from '../store/tables/flows.ts'
import { getProcess } from '../store/tables/processes.ts'
import { chooseFlow } from './choose-flow.ts'
import { FLOWS_TOPIC } from './creation.ts'
import { createStepExchange } from './lines/step-exchange.ts'
import { messageValue } from './message-value.ts'
import type { ProcessCommands } from './processes.ts'
import type { Spine } from './spine.ts'
import { createStepCommands } from './step-commands.ts'

export interface ProcessEngineDeps {
  readonly namespace: string
  readonly database: Database
  readonly world: World
  readonly messages: MessageEngine
  readonly signer: SignerDeps
  readonly waiters: Waiters
  readonly spine: Pick<Spine, 'find' | 'awaited'>
}

const NO_WAIT: Wait = { confirm: false, timeoutMs: 0, signal: AbortSignal.abort() }

export function createProcessEngine(deps: ProcessEngineDeps): ProcessCommands {
  const steps = createStepCommands(deps)
  return {
    propose: (input, wait) => propose(deps, input, wait),
    adopt: (flow, wait) => adopt(deps, flow, wait),
    create: (input, wait) => create(deps, input, wait),
    ...steps,
    ...createStepExchange({ ...deps, ...steps }),
  }
}

async function propose(
  deps: ProcessEngineDeps,
  { definition: document, members }: Parameters<ProcessCommands['propose']>[0],
  wait: Wait,
): Promise<Flow> {
  const { database, namespace, messages, signer } = deps
  const { definition, warnings, faults } = loadDefinition(document)
  if (!definition) {
    const texts = faults.map(({ path, message, mend }) => `${path}: ${message} ${mend}`)
    throw new NodeError('CC21001', { faults: texts.join('; ') })
  }
  const known = await getFlow(database.read, namespace, definition.hash)
  if (known) return known
  const value = writeDefinition(parseObject(canonicalJson(definition.document)))
  const header = { tag: processTags.definition, topics: [FLOWS_TOPIC] }
  const data = [messageValue(value)]
  const sent = members
    ? await messages.sendPrivate({ header, data, group: groupOf(members) }, wait)
    : await messages.broadcast({ header, data }, wait)
  const agreed = await getFlow(database.read, namespace, definition.hash)
  if (agreed) return agreed
  const { hash } = definition
  const { name, version, title } = definition.document
  return {
    hash,
    name,
    version,
    ...(title !== undefined && { title }),
    state: 'loaded',
    author: resolveSigner(signer, {}).author,
    ...(sent.header.group !== undefined && { group: sent.header.group }),
    message: sent.header.id,
    created: sent.header.created,
    warnings: [...warnings],
    adoptedBy: [],
    definition: new RawJson(canonicalJson(definition.document)),
  }
}

const groupOf = (members: readonly string[]): GroupInput => ({
  members: members.map((identity) => ({ identity })),
})

const parseObject = (text: string): JsonMap => parseStrict(text) as JsonMap

async function adopt(deps: ProcessEngineDeps, reference: string, wait: Wait): Promise<Flow> {
  const { database, namespace, messages, signer } = deps
  const flow = await mustFindFlow(deps, reference)
  if (flow.state === 'refused' || flow.state === 'unsupported')
    throw new NodeError('CC21003', { flow: reference, reason: `it is ${flow.state}` })
  if (flow.group !== undefined)
    throw new NodeError('CC21003', {
      flow: reference,
      reason: 'it was told to a group alone, whose members join each process instead',
    })
  if (flow.adoptedBy.includes(resolveSigner(signer, {}).author)) return flow
  const header = { tag: processTags.adoption, topics: [FLOWS_TOPIC] }
  const value = messageValue(writeAdoption(flow.hash))
  await messages.broadcast({ header, data: [value] }, wait)
  return (await getFlow(database.read, namespace, flow.hash)) ?? flow
}

async function mustFindFlow(
  { database, namespace }: ProcessEngineDeps,
  reference: string,
): Promise<Flow> {
  const flow = await getFlow(database.read, namespace, reference)
  if (!flow) throw new NodeError('CC21002', { flow: reference })
  return flow
}

async function create(
  deps: ProcessEngineDeps,
  input: Parameters<ProcessCommands['create']>[0],
  wait: Wait,
): Promise<Process> {
  const { database, namespace, messages, waiters, world, signer } = deps
  const id = input.id ?? world.uuid()
  if (await getProcess(database.read, namespace, id)) throw new NodeError('CC21007', { id })
  const parties = partiesOf(deps, input.parties)
  const members = [...new Set(Object.values(parties).flat())]
  const flow = await chooseFlow(deps, input.flow, members)
  const author = resolveSigner(signer, {})
  if (!members.includes(author.author))
    throw new NodeError('CC21006', { role: '*', reason: `${author.author} is none of the parties` })
  const decided = wait.confirm
    ? expectEvent(waiters, wait, id, ({ type }) => DECIDED.has(type))
    : undefined
  const text = writeCreation({ instance: id, definition: flow.hash, parties })
  const sent = await messages.sendPrivate(
    {
      header: { tag: processTags.creation, topics: [instanceTopic(id)] },
      group: groupOf(members),
      data: [messageValue(text)],
      idempotencyKey: `ffp.create:${id}`,
    },
    NO_WAIT,
  )
  await decided
  const made = await getProcess(database.read, namespace, id)
  if (made) return made
  const { header } = sent
  return {
    id,
    flow: flow.hash,
    name: flow.name,
    version: flow.version,
    group: header.group ?? '',
    topic: instanceTopic(id),
    creator: author.author,
    message: header.id,
    status: 'waiting',
    reason: 'its creation has not come back in the shared order yet',
    parties,
    awaited: [],
    stages: {},
    state: new RawJson('{}'),
    deadlines: {},
    operations: {},
    n: 0,
    hash: '0'.repeat(64),
    clock: header.created,
    created: header.created,
    updated: header.created,
  }
}

/** What ends the wait for a creation. */
const DECIDED = new Set(['process_created', 'process_closed'])

function partiesOf(
  { signer }: ProcessEngineDeps,
  given: Readonly<Record<string, string | readonly string[]>>,
): Record<string, string[]> {
  const parties: Record<string, string[]> = {}
  for (const [role, names] of Object.entries(given)) {
    const list = typeof names === 'string' ? [names] : names
    parties[role] = list.map((name) => lookUp(signer.directory, name).row.did)
  }
  return parties
}
