import type { InstanceState } from '@concordat/protocol/process'
import type { ProcessRow } from '../../store/process-schema.ts'
import type { Link } from './link.ts'

/** What this node's bindings make follow from the end of instances. */
export class Links {
  readonly #links: readonly Link[]

  constructor(links: readonly Link[]) {
    this.#links = links
  }

  /** Names of those that follow from an instance that has ended. */
  following(process: Pick<ProcessRow, 'name' | 'version'>, state: InstanceState): string[] {
    return this.#links.filter((link) => isMeant(link, process, state)).map(({ name }) => name)
  }

  find(name: string): Link | undefined {
    return this.#links.find((link) => link.name === name)
  }
}

/** `version` is one, or what begins one: `1` for `1.0.0`. */
const isMeant = (
  { flow, version, stages }: Link,
  process: Pick<ProcessRow, 'name' | 'version'>,
  { situation }: InstanceState,
): boolean =>
  process.name === flow &&
  (version === '' || `${process.version}.`.startsWith(`${version}.`)) &&
  [...stages].every(([track, stage]) => situation.entries[track]?.stage === stage)
