import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/** A process that can be told from a later one with the same number. */
export interface ProcessMark {
  readonly pid: number
  /** When it began, as the system tells it, and since which boot. */
  readonly began: string
}

/** The mark of a running process; undefined if there is none. */
export async function markOf(pid: number): Promise<ProcessMark | undefined> {
  const began = process.platform === 'linux' ? await beganOnLinux(pid) : await beganByPs(pid)
  return began === undefined ? undefined : { pid, began }
}

/** Whether the very process that was marked still runs. */
export async function runs(mark: ProcessMark): Promise<boolean> {
  return (await markOf(mark.pid))?.began === mark.began
}

async function beganOnLinux(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The name may hold spaces and brackets; what follows the last bracket is regular, from field 3 on.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [state] = fields
    if (state === 'Z' || state === 'X') return undefined
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8')
    return `${fields[19]}@${boot.trim()}`
  } catch {
    return undefined
  }
}

const run = promisify(execFile)

async function beganByPs(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await run('ps', ['-p', `${pid}`, '-o', 'lstart='])
    return stdout.trim() || undefined
  } catch {
    return undefined
  }
}
