import { NodeError } from '@concordat/protocol'
import type { ProcessCommands } from './processes.ts'

/** Of a namespace that is shared with nobody: there is no one to agree with. */
export function createNoProcesses(namespace: string): ProcessCommands {
  const refuse = async (): Promise<never> => {
    throw new NodeError('FF10414', { namespace })
  }
  return {
    propose: refuse,
    adopt: refuse,
    create: refuse,
    submit: refuse,
    tryOut: refuse,
    turns: refuse,
  }
}
