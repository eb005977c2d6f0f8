import { NodeError } from '@concordat/protocol'
import type { ProcessCommands } from './processes.ts'

/** Of a namespace that is shared with nobody, so that there is no one to agree with; or where they are switched off. */
export function createNoProcesses(
  namespace: string,
  code: 'FF10414' | 'CC21013' = 'FF10414',
): ProcessCommands {
  const refuse = async (): Promise<never> => {
    throw new NodeError(code, { namespace })
  }
  const refuseNow = (): never => {
    throw new NodeError(code, { namespace })
  }
  return {
    importSteps: refuseNow,
    exportSteps: refuseNow,
    propose: refuse,
    adopt: refuse,
    create: refuse,
    submit: refuse,
    tryOut: refuse,
    turns: refuse,
  }
}
