import { type FaultCode, faultTable } from './fault-table.ts'
import { describePlace, type Path, pathText } from './path.ts'

/** One thing wrong in a definition, or doubtful if it is a warning. */
export interface Fault {
  readonly code: FaultCode
  /** JSON path: `$.steps.accept.when[1].rule`. */
  readonly path: string
  /** Says what is wrong, and names the place. */
  readonly message: string
  /** Says how to put it right. */
  readonly mend: string
}

type Holes<S> = S extends `${string}{${infer Hole}}${infer Rest}` ? Hole | Holes<Rest> : never
type Details<C extends FaultCode> = {
  readonly [Hole in Holes<(typeof faultTable)[C]['text'] | (typeof faultTable)[C]['mend']>]:
    | string
    | number
}

/** More are of no use to a reader, and a hostile definition could have millions. */
const MAX_FAULTS = 100

/** Collects what checks find, each place and code once. */
export class Findings {
  readonly faults: Fault[] = []
  readonly warnings: Fault[] = []
  #count = 0
  #unsupported = false
  readonly #told = new Set<string>()

  /** Faults found, told or not; doubts are none. */
  get count(): number {
    return this.#count
  }

  /** True if a later version might judge differently. */
  get unsupported(): boolean {
    return this.#unsupported
  }

  add<C extends FaultCode>(code: C, path: Path, details: Details<C>): void {
    const { kind, text, mend } = faultTable[code]
    if (kind === 'unsupported') this.#unsupported = true
    if (kind !== 'doubt') this.#count++
    const list = kind === 'doubt' ? this.warnings : this.faults
    if (list.length >= MAX_FAULTS) return
    const place = describePlace(path)
    const message = `${place}: ${fill(text, details)}.`
    const key = `${pathText(path)} ${message}`
    if (this.#told.has(key)) return
    this.#told.add(key)
    list.push({ code, path: pathText(path), message, mend: fill(mend, details) })
  }
}

function fill(text: string, details: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (_, hole: string) => String(details[hole] ?? ''))
}
