import {
  createMeter,
  dryRun,
  type InstanceState,
  type Json,
  type JsonMap,
  makeEnvironment,
  RuleFault,
  valueToJson,
} from '@concordat/protocol/process'
import type { FlowBinding, LocalRule } from '../config/bindings.ts'
import type { TaskRow } from '../store/task-schema.ts'
import { intentOf } from './intent.ts'

type RuledTask = Pick<TaskRow, 'process' | 'n' | 'party' | 'role' | 'step'>

/** The input with which a rule of this node takes a task's step now; undefined if none does, or the step would not count. */
export function decideByRule(
  state: InstanceState,
  task: RuledTask,
  binding: FlowBinding | undefined,
  seconds: number,
): JsonMap | undefined {
  const { party: author, role } = task
  const now = Math.max(seconds, state.clock)
  for (const rule of binding?.rules ?? []) {
    if (rule.do !== task.step) continue
    const input = evaluate(state, rule, { author, role: role ?? '', now })
    if (!input) continue
    const trial = {
      step: task.step,
      ...(role !== null && { role }),
      intent: intentOf(task, task.step),
      seen: { n: state.n, h: state.hash },
      input,
      author,
    }
    if (dryRun(state, trial, now)?.verdict === 'accepted') return input
  }
  return undefined
}

interface Asker {
  readonly author: string
  readonly role: string
  readonly now: number
}

/** Undefined if the rule does not hold, or has no value. */
function evaluate(
  { frame, situation, n }: InstanceState,
  rule: LocalRule,
  { author, role, now }: Asker,
): JsonMap | undefined {
  const actor = { author, role, input: Object.create(null) }
  const environment = makeEnvironment(frame, { situation, now, n: n + 1 }, actor)
  const schema = frame.definition.steps.get(rule.do)?.input
  const properties = (typeof schema === 'object' && schema.properties) || {}
  const meter = createMeter()
  try {
    if (rule.when.evaluate(environment, meter) !== true) return undefined
    const input: Record<string, Json> = Object.create(null)
    for (const [name, value] of rule.input) {
      const own = Object.hasOwn(properties, name) ? properties[name] : undefined
      input[name] = valueToJson(value.evaluate(environment, meter), own)
    }
    return input
  } catch (error) {
    if (error instanceof RuleFault) return undefined
    throw error
  }
}
