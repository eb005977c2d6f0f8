import type { InstanceState } from '@concordat/protocol/process'

/** Seconds between the turns of two parties. */
export const TURN_SECONDS = 30

/** The parties in the order in which they see to a deadline: first those that may act once it has fired. */
export function turnsAtDeadline(state: InstanceState): readonly string[] {
  const { frame, situation } = state
  const due = situation.dues.find(({ fired }) => !fired)
  const to = frame.definition.deadlines.get(due?.name ?? '')?.to ?? new Map<string, string>()
  const roles = new Set<string>()
  for (const step of frame.definition.steps.values()) {
    const isPossible = [...step.in].every(([track, stages]) =>
      stages.has(to.get(track) ?? situation.entries[track]?.stage ?? ''),
    )
    if (isPossible) for (const role of step.by) roles.add(role)
  }
  return inTurn(state, (did) => [...(frame.rolesOf.get(did) ?? [])].some((role) => roles.has(role)))
}

/** The parties that may take a step, in the order in which their nodes do: first those of the first role. */
export function turnsAtStep(state: InstanceState, name: string): readonly string[] {
  const { frame } = state
  const step = frame.definition.steps.get(name)
  const rolesOf = (did: string) => frame.rolesOf.get(did) ?? new Set<string>()
  const first = step?.document.by[0] ?? ''
  return inTurn(state, (did) => rolesOf(did).has(first)).filter((did) =>
    [...rolesOf(did)].some((role) => step?.by.has(role)),
  )
}

function inTurn({ frame }: InstanceState, isFirst: (did: string) => boolean): readonly string[] {
  const dids = [...frame.rolesOf.keys()].sort()
  return [...dids.filter(isFirst), ...dids.filter((did) => !isFirst(did))]
}

/** The first party of this node, with the number of those before it; undefined if there is none. */
export function ownTurn(
  turns: readonly string[],
  isOurs: (did: string) => boolean,
): { readonly did: string; readonly before: number } | undefined {
  const before = turns.findIndex(isOurs)
  const did = turns[before]
  return did === undefined ? undefined : { did, before }
}
