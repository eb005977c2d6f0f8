import { fault, type RuleFault } from '../values/fault.ts'
import { isList, isMap, type Value } from '../values/value.ts'
import type { Macro } from './ast.ts'
import { attempt } from './attempt.ts'
import type { Compile, Scope } from './compile.ts'
import type { Code, Frame } from './frame.ts'
import { asBoolean, sortedKeys } from './operators.ts'

/** Runs over a list's elements, or a map's keys in code-point order, with each in its slot. */
type Loop = (elements: readonly Value[], frame: Frame, slot: number) => Value

/** A macro's variable lives in the slot of its depth; an inner macro of the same depth may use it again. */
export function compileMacro(node: Macro, scope: Scope, compile: Compile): Code {
  const over = compile(node.over, scope)
  const slot = scope.bound.length
  const inner = { ...scope, bound: [...scope.bound, node.variable] }
  const body = compile(node.body, inner)
  const condition = node.condition === undefined ? undefined : compile(node.condition, inner)
  const loop = loopOf(node, body, condition)
  return (frame) => {
    frame.meter.spend(1)
    const elements = elementsOf(over(frame), frame)
    frame.meter.spend(elements.length)
    return loop(elements, frame, slot)
  }
}

function elementsOf(value: Value, { meter }: Frame): readonly Value[] {
  if (isList(value)) return value
  if (!isMap(value)) throw fault('NO_OVERLOAD')
  return sortedKeys(value, meter)
}

function loopOf({ macro }: Macro, body: Code, condition: Code | undefined): Loop {
  switch (macro) {
    case 'all':
      return loopUntil(body, false)
    case 'exists':
      return loopUntil(body, true)
    case 'exists_one':
      return (elements, frame, slot) => chosen(elements, body, frame, slot).length === 1
    case 'filter':
      return (elements, frame, slot) => {
        const kept = chosen(elements, body, frame, slot)
        frame.meter.allocate(kept.length)
        return kept
      }
    case 'map':
      return loopMap(body, condition)
  }
}

/** `decisive` for one element is the result, even if others have faults; else the first fault comes up. */
function loopUntil(body: Code, decisive: boolean): Loop {
  return (elements, frame, slot) => {
    let first: RuleFault | undefined
    for (const element of elements) {
      frame.slots[slot] = element
      const found = attempt(body, frame)
      if (found === decisive) return decisive
      if (typeof found !== 'boolean') first ??= found
    }
    if (first !== undefined) throw first
    return !decisive
  }
}

function chosen(elements: readonly Value[], body: Code, frame: Frame, slot: number): Value[] {
  return elements.filter((element) => {
    frame.slots[slot] = element
    return asBoolean(body(frame))
  })
}

function loopMap(body: Code, condition: Code | undefined): Loop {
  return (elements, frame, slot) => {
    const mapped: Value[] = []
    for (const element of elements) {
      frame.slots[slot] = element
      if (condition !== undefined && !asBoolean(condition(frame))) continue
      frame.meter.allocate(1)
      mapped.push(body(frame))
    }
    return mapped
  }
}
