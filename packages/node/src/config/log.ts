import { type DestinationStream, destination, pino } from 'pino'
import type { Logger } from '../lib/logger.ts'
import type { NodeConfig } from './config.ts'

/** The node's log: JSON lines on the standard output, or in a file. */
export function createLogger({ level, filename }: NodeConfig['log']): Logger {
  const to: DestinationStream = destination(
    filename === '' ? { dest: 1, sync: false } : { dest: filename, sync: false, mkdir: true },
  )
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, to)
}
