import { destination, pino } from 'pino'
import type { Logger } from '../lib/logger.ts'
import type { NodeConfig } from './config.ts'

/** The node's log: JSON lines on the standard output, or in a file. */
export function createLogger({ level, filename }: NodeConfig['log']): Logger {
  const to = destination(
    filename === '' ? { dest: 1, sync: false } : { dest: filename, sync: false, mkdir: true },
  )
  // A line that can't be written is lost; what the node keeps does not depend on it.
  to.on('error', () => {})
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, to)
}
