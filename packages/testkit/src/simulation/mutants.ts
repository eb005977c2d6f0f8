/** A mistake that somebody might make in what decides, sends or recovers. Some seed must notice. */
export interface Mutant {
  readonly mistake: string
  /** In `packages/node/src`. */
  readonly file: string
  /** Text that occurs there once. */
  readonly find: string
  readonly replace: string
}

const mutant = (file: string, mistake: string, find: string, replace: string): Mutant => ({
  ...{ file, mistake, find, replace },
})

export const mutants: readonly Mutant[] = [
  mutant(
    'aggregator/private-context.ts',
    'a copy by another key counts as the member’s own pin',
    'type === deps.verifierType && value === pin.signer',
    'type === deps.verifierType',
  ),
  mutant(
    'aggregator/private-context.ts',
    'not the earliest of the members’ next pins goes first',
    'pin.seq > positionOf(than) || ',
    '',
  ),
  mutant(
    'aggregator/private-context.ts',
    'a message is not held back by another of its topics',
    "    deps.touch(privateContext(topic, event.member.groupHash))\n    return {\n      kind: 'out_of_order',",
    "    deps.touch(privateContext(topic, event.member.groupHash))\n    if (event.pin.seq > 0) continue\n    return {\n      kind: 'out_of_order',",
  ),
  mutant(
    'aggregator/broadcast-context.ts',
    'a member’s pin without its payload holds nobody back',
    "if (standing.kind !== 'outsider') return { kind: 'blocked'",
    "if (standing.kind === 'undetermined') return { kind: 'blocked'",
  ),
  mutant(
    'aggregator/broadcast-context.ts',
    'a pin by another key decides the message',
    '    batch.payload.key !== pin.signer ||\n',
    '',
  ),
  mutant(
    'aggregator/broadcast-context.ts',
    'masked and open pins are mixed up',
    "    .where('masked', '=', 0)\n    .where('seq', '>', after)",
    "    .where('seq', '>', after)",
  ),
  mutant(
    'aggregator/broadcast-context.ts',
    'a message does not wait for its turn on its other topics',
    'refusal ? undefined : await heldBackElsewhere(deps, settlement, turn, pins)',
    'refusal ? undefined : await heldBackElsewhere(deps, settlement, turn, pins.slice(0, 0))',
  ),
  mutant(
    'aggregator/absence.ts',
    'what outsiders pin is never set aside',
    "if (absence.kind === 'gone') return true",
    'if (absence) return false',
  ),
  mutant(
    'aggregator/intake.ts',
    'what is missing after a start is not looked for',
    '    if (!this.#scanned) await this.#scan()\n',
    '',
  ),
  mutant(
    'aggregator/settlement.ts',
    'a turn that was taken is not used up',
    'const nonce = this.next(row).nonce + 1',
    'const nonce = this.next(row).nonce',
  ),
  mutant(
    'aggregator/receiver.ts',
    'contexts are not looked at when a batch comes',
    "    for (const context of touched) deps.aggregator.touch('private', context)\n",
    '',
  ),
  mutant(
    'batch/sealer.ts',
    'the counters of private messages are not kept',
    '  await saveNonces(tx, namespace, stored, sealed.nonces)\n',
    '',
  ),
  mutant(
    'batch/seal.ts',
    'messages on one topic share a counter’s value',
    'nonces.set(key, nonce + 1)',
    'nonces.set(key, nonce)',
  ),
  mutant(
    'network/claim-under-way.ts',
    'a newcomer waits for its own view before it joins',
    'return id === undefined ? undefined :',
    'return id !== undefined ? undefined : id === undefined ? undefined :',
  ),
  mutant(
    'processes/spine.ts',
    'a process that waits for a definition or an adoption is not looked at again',
    "const states = resumed ? ['waiting'] :",
    "const states = resumed ? ['nothing'] :",
  ),
  mutant(
    'processes/creation.ts',
    'a creation does not wait for adoptions that were pinned before it',
    'if (await mayBeMembers(tx, pin)) return true',
    'if (await mayBeMembers(tx, pin)) return false',
  ),
  mutant(
    'processes/creation.ts',
    'an adoption counts that was pinned after the creation',
    "    .where('position', '<', position)\n    .execute()\n  return rows.map(",
    '    .execute()\n  return rows.map(',
  ),
  mutant(
    'processes/restore-instance.ts',
    'the first event that was not saved is left out after a restart',
    "'>=', row.savedEvent",
    "'>', row.savedEvent",
  ),
  mutant(
    'processes/folding.ts',
    'what was saved is folded again',
    'savedEvent: row.nextEvent }',
    'savedEvent: row.nextEvent - 1 }',
  ),
  mutant(
    'processes/folding.ts',
    'the place of the last event is not kept',
    'const nextEvent = event.seq + 1',
    'const nextEvent = event.seq',
  ),
  mutant(
    'processes/instances.ts',
    'an instance is remembered as it was before a transaction',
    'for (const each of fresh.values()) this.keep(each)',
    'for (const each of fresh.values()) if (!this.#known.has(each.row.id)) this.keep(each)',
  ),
  mutant(
    'processes/step-commands.ts',
    'the same wish is sent as another message',
    '      idempotencyKey: intent,\n',
    '',
  ),
]
