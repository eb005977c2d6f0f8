import { NodeError } from '@concordat/protocol'
import type { TaskCommands } from './tasks.ts'

/** Of a namespace that is shared with nobody. */
export function createNoTasks(namespace: string): TaskCommands {
  const refuse = async (): Promise<never> => {
    throw new NodeError('FF10414', { namespace })
  }
  return {
    describe: refuse,
    groupsOf: () => [],
    claim: refuse,
    release: refuse,
    delegate: refuse,
    comment: refuse,
    complete: refuse,
    confirm: refuse,
  }
}
