import type { Reference } from '../rules/rule.ts'
import type { Checking } from './checking.ts'

/** A variable that not everybody can read. */
export interface HiddenRead {
  readonly name: string
  readonly audience: readonly string[]
}

/** What an expression reads that is hidden from somebody. Whoever shall know its value must be of every audience. */
export type Label = readonly HiddenRead[]

/** What is hidden, and from whom. */
export interface Blindness {
  readonly reads: string
  readonly blind: string
}

export function labelOf(
  checking: Checking,
  reads: readonly Reference[],
  step: string | undefined,
): Label {
  const { definition, roles } = checking
  const label: HiddenRead[] = []
  const visible = step === undefined ? undefined : definition.steps[step]?.visible
  for (const { root, field } of reads) {
    const audience =
      field === undefined
        ? undefined
        : root === 'state'
          ? definition.state?.[field]?.visible
          : root === 'input'
            ? visible?.[field]
            : undefined
    if (audience === undefined || roles.every((role) => audience.includes(role))) continue
    label.push({ name: `${root}.${field}`, audience })
  }
  return label
}

/** Those of `readers` that cannot know a value with this label, and why; undefined if all can. */
export function blindness(label: Label, readers: readonly string[]): Blindness | undefined {
  const blind = readers.filter((role) => !label.every(({ audience }) => audience.includes(role)))
  if (blind.length === 0) return undefined
  const reads = label.filter(({ audience }) => blind.some((role) => !audience.includes(role)))
  return { reads: reads.map(({ name }) => name).join(', '), blind: blind.join(', ') }
}
