import { NodeError } from '@concordat/protocol'
import type { OperationCommands } from '../namespace.ts'

/** Of a namespace that is shared with nobody: there is nothing to repeat, cancel or ask for. */
export function createNoOperations(namespace: string): OperationCommands {
  const refuse = async (): Promise<never> => {
    throw new NodeError('FF10414', { namespace })
  }
  return { retry: refuse, cancelBatch: refuse, rewind: refuse, requestPayload: refuse }
}
