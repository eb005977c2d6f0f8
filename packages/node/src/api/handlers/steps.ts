import { NodeError, type ProcessDecision, type RawJson, type StepAnswer } from '@concordat/protocol'
import { type JsonMap, parseStrict } from '@concordat/protocol/process'
import type { Namespace, Wait } from '../../namespace.ts'
import { getDecision } from '../../store/tables/decisions.ts'
import { StatusReply } from '../handler.ts'

type StepWish = Parameters<Namespace['processes']['submit']>[0]

/** The input of a step, which is a JSON object that means the same to every party. */
export function readInput(step: string, input: RawJson | undefined): JsonMap {
  if (input === undefined) return {}
  try {
    const json = parseStrict(input.text)
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as JsonMap
  } catch (error) {
    if (!(error instanceof NodeError)) throw error
    throw new NodeError('CC21009', { step, reason: String(error.details.reason) }, { cause: error })
  }
  throw new NodeError('CC21009', { step, reason: 'it is no object' })
}

/** Looks at the clock are for nodes: nobody is told what became of one. */
export function checkStep(step: string): void {
  if (step === '$tick') throw new NodeError('CC21011', { step, code: 'UNKNOWN_STEP' })
}

/** Submits a step. Of the same wish made twice at once the later one finds the earlier. */
export async function submitStep(
  { processes }: Namespace,
  wish: StepWish,
  wait: Wait,
): Promise<StepAnswer> {
  try {
    return await processes.submit(wish, wait)
  } catch (error) {
    const isTwin = error instanceof NodeError && error.code === 'FF10430'
    if (!isTwin || wish.intent === undefined) throw error
    return processes.submit(wish, wait)
  }
}

/**
 * What a caller is told of a step: 200 when it was accepted, 202 when it is not decided; what does not count is an error
 * that carries the decision. The same wish again is answered as it was at first.
 */
export async function answerStep(
  namespace: Namespace,
  answer: StepAnswer,
): Promise<StatusReply<StepAnswer>> {
  const decision = answer.decision && (await firstDecision(namespace, answer.decision))
  if (!decision) return new StatusReply(202, answer)
  if (decision.verdict !== 'accepted') throw refusal(answer.step, decision)
  const { message = answer.message } = decision
  return new StatusReply(200, { ...answer, ...(message && { message }), decision })
}

async function firstDecision(
  { database, name }: Namespace,
  decision: ProcessDecision,
): Promise<ProcessDecision> {
  const { code, of: n, process } = decision
  if (code !== 'DUPLICATE' || n === undefined) return decision
  return (await getDecision(database.read, name, { process, n })) ?? decision
}

/** Lost to something that came before, or refused for what it is. */
function refusal(step: string, decision: ProcessDecision): NodeError {
  const { code = decision.verdict, rule = code, winner } = decision
  const facts = { decision }
  if (code === 'EXPECT_FAILED') {
    const reason = 'the decision that it names is not the last'
    return new NodeError('CC21010', { step, reason }, { facts })
  }
  if (code !== 'CONFLICT') return new NodeError('CC21011', { step, code }, { facts })
  return new NodeError('CC21010', { step, reason: `${describe(winner)}, hence ${rule}` }, { facts })
}

function describe(winner: ProcessDecision['winner']): string {
  if (!winner) return 'another came first'
  const { n, deadline, step = '', author = '' } = winner
  const what = deadline === undefined ? `'${step}' of ${author}` : `deadline '${deadline}'`
  return `decision ${n}, ${what}, came first`
}
