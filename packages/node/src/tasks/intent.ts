import { sha256Hex } from '@concordat/protocol'
import type { TaskRow } from '../store/task-schema.ts'

/**
 * The wish to take a task's step. It follows from what all parties have, so a node that has lost its database makes the
 * same one again, and is told what it decided the first time.
 */
export const intentOf = (
  { process, n, party, role }: Pick<TaskRow, 'process' | 'n' | 'party' | 'role'>,
  step: string,
): string => `${process}/${n}/${step}/${sha256Hex(JSON.stringify([party, role])).slice(0, 8)}`
