import { RuleFault } from '../../values/fault.ts'
import type { Anchor, PatternNode, Ranges } from './node.ts'

const MAX_INSTRUCTIONS = 2000

export type Instruction =
  | { readonly kind: 'set'; readonly ranges: Ranges }
  | { readonly kind: 'anchor'; readonly anchor: Anchor }
  /** Goes on at both places. */
  | { readonly kind: 'fork'; first: number; second: number }
  | { readonly kind: 'match' }

/** Thompson's construction: instructions that follow each other, forks, one `match` at the end. Throws BAD_PATTERN. */
export function assemble(node: PatternNode): readonly Instruction[] {
  const program: Instruction[] = []
  emit(node, program)
  push(program, { kind: 'match' })
  return program
}

function push<T extends Instruction>(program: Instruction[], instruction: T): T {
  if (program.length >= MAX_INSTRUCTIONS) throw new RuleFault('BAD_PATTERN', -1, 'too large')
  program.push(instruction)
  return instruction
}

function fork(program: Instruction[]): { kind: 'fork'; first: number; second: number } {
  const next = program.length + 1
  return push(program, { kind: 'fork', first: next, second: next })
}

function emit(node: PatternNode, program: Instruction[]): void {
  switch (node.kind) {
    case 'set':
    case 'anchor':
      push(program, node)
      return
    case 'sequence':
      for (const part of node.parts) emit(part, program)
      return
    case 'choice':
      emitChoice(node.parts, program)
      return
    case 'repeat':
      emitRepeat(node, program)
  }
}

function emitChoice(parts: readonly PatternNode[], program: Instruction[]): void {
  const ends: { first: number; second: number }[] = []
  for (const [i, part] of parts.entries()) {
    const more = i < parts.length - 1
    const start = more ? fork(program) : undefined
    emit(part, program)
    if (start === undefined) continue
    ends.push(fork(program))
    start.second = program.length
  }
  for (const end of ends) end.first = end.second = program.length
}

function emitRepeat(
  { of, least, most }: Extract<PatternNode, { kind: 'repeat' }>,
  program: Instruction[],
): void {
  for (let i = 0; i < least; i++) {
    const before = program.length
    emit(of, program)
    // Nothing, often: such repetitions in each other would take for ever.
    if (program.length === before) break
  }
  if (most !== Number.POSITIVE_INFINITY) {
    const skips: { second: number }[] = []
    for (let i = least; i < most; i++) {
      skips.push(fork(program))
      emit(of, program)
    }
    for (const skip of skips) skip.second = program.length
    return
  }
  const start = program.length
  const enter = fork(program)
  emit(of, program)
  const again = fork(program)
  again.first = again.second = start
  enter.second = program.length
}
