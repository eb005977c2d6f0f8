import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Failure } from '../failure.ts'
import { markOf, type ProcessMark, runs } from './processes.ts'

/** Who runs on a data folder: this process first, then what it started. */
export interface RunFile {
  /** Notes a process, so that a later start may end it if it was left behind. */
  add(pid: number): Promise<void>
  remove(): void
}

const graceMs = 12_000
const pauseMs = 50

/**
 * Takes the data folder. Refuses if another `dev` runs on it; ends what an earlier one left behind, and only that: a
 * process is known by its number and the moment it began.
 */
export async function takeRunFile(dataDir: string): Promise<RunFile> {
  const file = join(dataDir, 'run.json')
  const [owner, ...children] = readMarks(file)
  if (owner !== undefined && (await runs(owner))) {
    throw new Failure(
      `a network runs on ${dataDir} already (process ${owner.pid}); stop that one first`,
    )
  }
  await Promise.all(children.map(endLeftover))
  const marks: ProcessMark[] = []
  const add = async (pid: number): Promise<void> => {
    const mark = await markOf(pid)
    if (mark !== undefined) marks.push(mark)
    writeFileSync(file, JSON.stringify(marks))
  }
  await add(process.pid)
  return { add, remove: () => rmSync(file, { force: true }) }
}

function readMarks(file: string): ProcessMark[] {
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return Array.isArray(parsed) ? parsed.filter(isMark) : []
  } catch {
    return []
  }
}

const isMark = (value: unknown): value is ProcessMark =>
  typeof value === 'object' &&
  value !== null &&
  'pid' in value &&
  typeof value.pid === 'number' &&
  'began' in value &&
  typeof value.began === 'string'

/** Asks, which does no harm to one that is stopping already; then insists. */
async function endLeftover(mark: ProcessMark): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!(await runs(mark))) return
    process.kill(mark.pid, signal)
    for (let waited = 0; waited < graceMs && (await runs(mark)); waited += pauseMs)
      await delay(pauseMs)
  }
}
