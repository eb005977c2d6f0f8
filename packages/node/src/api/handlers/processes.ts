import { NodeError, type ProcessInput } from '@concordat/protocol'
import {
  getDecisions,
  getProcessByID,
  getProcessDecision,
  getProcessDecisions,
  getProcesses,
  getProcessWhy,
  postProcess,
  postProcessStep,
} from '@concordat/protocol/routes'
import { decisionFields, getDecision, listDecisions } from '../../store/tables/decisions.ts'
import { fieldsOfProcesses, getProcess, listProcesses } from '../../store/tables/processes.ts'
import { type AnyCall, handle, ListReply, StatusReply } from '../handler.ts'
import { hasFlag, parseQueryAsWritten, type Query } from '../query.ts'
import { found, getOne, listRows, replyList, uuidOf } from './find.ts'
import { explainProcess } from './process-why.ts'
import { answerStep, checkStep, readInput, submitStep } from './steps.ts'

export const processHandlers = [
  handle(postProcess, async ({ namespace, body, wait }) => {
    const { id, ...rest } = body
    checkParties(rest.parties)
    const input = id === undefined ? rest : { id: uuidOf(id), ...rest }
    const process = await namespace.processes.create(input, wait)
    if (process.status === 'refused')
      throw new NodeError('CC21012', { id: process.id, reason: process.reason ?? 'it is refused' })
    return process
  }),
  handle(getProcesses, async (call, { limits }) => {
    const { namespace } = call
    const query = queryAsWritten(call)
    const fields = fieldsOfProcesses(namespace.name, namesIn(query))
    const { items, total } = await listRows(namespace, query, limits, fields, listProcesses)
    return new ListReply(items, total)
  }),
  handle(getProcessByID, ({ namespace, params }) =>
    getOne(namespace, getProcess, uuidOf(params.id)),
  ),
  handle(getProcessDecisions, async (call, context) => {
    const { id } = await getOne(call.namespace, getProcess, uuidOf(call.params.id))
    return replyList(call, context, decisionFields, listDecisions, (eb) => eb('process', '=', id))
  }),
  handle(getProcessDecision, async ({ namespace, params }) => {
    const process = uuidOf(params.id)
    const { database, name } = namespace
    const key = { process, n: numberOf(params.n) }
    return found(
      await getDecision(database.read, name, key),
      `decision ${key.n} of process ${process}`,
    )
  }),
  handle(getProcessWhy, async ({ namespace, params }) =>
    explainProcess(namespace, await getOne(namespace, getProcess, uuidOf(params.id))),
  ),
  handle(postProcessStep, async ({ namespace, params, query, body, wait }) => {
    const { input, ...rest } = body
    const { step } = params
    checkStep(step)
    const process = uuidOf(params.id)
    const wish = { process, step, input: readInput(step, input), ...rest }
    if (hasFlag(query, 'dryrun')) {
      const decision = await namespace.processes.tryOut(wish)
      const { intent } = rest
      return new StatusReply(200, { process, step, ...(intent && { intent }), decision })
    }
    return answerStep(namespace, await submitStep(namespace, wish, wait))
  }),
  handle(getDecisions, (call, context) => replyList(call, context, decisionFields, listDecisions)),
]

const ROLE = /^[A-Za-z][A-Za-z0-9_]{0,39}$/

/** What no definition could take. */
function checkParties(parties: ProcessInput['parties']): void {
  for (const [role, names] of Object.entries(parties)) {
    const shown = role.slice(0, 100)
    if (!ROLE.test(role))
      throw new NodeError('CC21006', { role: shown, reason: 'no role has such a name' })
    if (names.length === 0) throw new NodeError('CC21006', { role, reason: 'it has nobody' })
  }
}

/** Names of fields, tracks and roles have a case. */
const queryAsWritten = ({ request }: AnyCall): Query => parseQueryAsWritten(request.raw.url ?? '')

/** The names that conditions and order are about. */
function namesIn(query: Query): readonly string[] {
  const sorts = Object.entries(query)
    .filter(([name]) => name.toLowerCase() === 'sort')
    .flatMap(([, texts = []]) => texts.flatMap((text) => text.split(',')))
  return [...Object.keys(query), ...sorts.map((name) => name.replace(/^-/, ''))]
}

function numberOf(text: string): number {
  if (!/^\d{1,15}$/.test(text))
    throw new NodeError('CC20002', { reason: 'the number of a decision is a whole number' })
  return Number(text)
}
