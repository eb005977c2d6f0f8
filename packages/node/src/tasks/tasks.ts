import type { InboxTask, InboxTaskDetail, TaskAnswer } from '@concordat/protocol'
import type { JsonMap } from '@concordat/protocol/process'
import type { Wait } from '../namespace.ts'

/**
 * What people do with tasks. An actor is a person's name, as this node knows it. Throws FF10143 for a task there isn't,
 * CC21101 for one that is not in a state for it, CC21102 for somebody who may not.
 */
export interface TaskCommands {
  describe(id: string): Promise<InboxTaskDetail>
  /** The groups that a person is in. */
  groupsOf(actor: string): readonly string[]
  claim(id: string, actor: string): Promise<InboxTask>
  release(id: string, actor: string): Promise<InboxTask>
  /** To a person, or to `group:` and a group. */
  delegate(id: string, actor: string, to: string): Promise<InboxTask>
  comment(id: string, actor: string, text: string): Promise<InboxTask>
  /** Takes the task's step, or asks for the second person it needs. */
  complete(id: string, actor: string, input: JsonMap, wait: Wait): Promise<TaskAnswer>
  /** Agrees to what another wants sent. */
  confirm(id: string, actor: string, wait: Wait): Promise<TaskAnswer>
}
