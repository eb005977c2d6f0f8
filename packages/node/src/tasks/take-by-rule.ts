import type { InstanceState } from '@concordat/protocol/process'
import type { FlowBinding } from '../config/bindings.ts'
import type { TaskRow } from '../store/task-schema.ts'
import { intentOf } from './intent.ts'
import { decideByRule } from './local-rules.ts'
import type { TaskWrites } from './task-writes.ts'

/** Takes a task's step by a rule of this node, if nobody has it and a rule holds; says whether one did. */
export function takeByRule(
  writes: TaskWrites,
  row: TaskRow,
  state: InstanceState,
  binding: FlowBinding | undefined,
): boolean {
  if (row.state !== 'open' || row.submission !== null) return false
  const input = decideByRule(state, row, binding, Math.floor(writes.ms / 1000))
  if (!input) return false
  const { step } = row
  const intent = intentOf(row, step)
  const submission = JSON.stringify({ step, input: JSON.stringify(input), intent, by: 'rule' })
  const needsPerson = binding?.tasks.get(step)?.fourEyes === true
  const changes = { state: needsPerson ? 'confirming' : 'sent', submission }
  writes.change(row, changes, { kind: 'completed', actor: 'rule' })
  if (!needsPerson) writes.plan(row, 'submit', writes.ms)
  return true
}
