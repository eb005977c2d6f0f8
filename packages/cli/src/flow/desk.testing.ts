import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../run.ts'

/** What a command line answered. */
export interface Answer {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** A folder of its own, and the command line in it. */
export class Desk implements Disposable {
  readonly dir = mkdtempSync(join(tmpdir(), 'concordat-flow-'))

  async call(...args: string[]): Promise<Answer> {
    const out: string[] = []
    const err: string[] = []
    const code = await run({
      args,
      context: {
        print: (line) => out.push(line),
        cwd: this.dir,
        program: '',
        stop: new AbortController().signal,
      },
      complain: (line) => err.push(line),
    })
    return { code, out: out.join('\n'), err: err.join('\n') }
  }

  write(name: string, text: string | Uint8Array): void {
    writeFileSync(join(this.dir, name), text)
  }

  read(name: string): string {
    return readFileSync(join(this.dir, name), 'utf8')
  }

  [Symbol.dispose](): void {
    rmSync(this.dir, { recursive: true })
  }
}
