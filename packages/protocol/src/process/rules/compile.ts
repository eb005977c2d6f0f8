import type { Calendars } from '../values/calendar.ts'
import { fault } from '../values/fault.ts'
import { isMap, type Value } from '../values/value.ts'
import type { Binary, Choice, Expression, MapLiteral, Unary, Variable } from './ast.ts'
import { attempt } from './attempt.ts'
import { compileCall } from './compile-call.ts'
import { compileMacro } from './compile-macro.ts'
import type { Code } from './frame.ts'
import { asBoolean, negate, operations, type StrictOperator, select } from './operators.ts'

/** What a compiler knows about the place where an expression stands. */
export interface Scope {
  /** Variables of the macros around, outermost first. */
  readonly bound: readonly string[]
  readonly calendars: Calendars
}

/** Turns a tree into functions. Each node costs one unit of work. Throws `RuleFault`. */
export function compile(node: Expression, scope: Scope): Code {
  switch (node.kind) {
    case 'literal':
      return constant(node.value)
    case 'variable':
      return compileVariable(node, scope)
    case 'field':
      return compileField(compile(node.of, scope), node.name)
    case 'has':
      return compileHas(compile(node.of, scope), node.name)
    case 'index':
      return compileIndex(compile(node.of, scope), compile(node.key, scope))
    case 'not':
    case 'negate':
      return compileUnary(node, scope)
    case 'binary':
      return compileBinary(node, scope)
    case 'choice':
      return compileChoice(node, scope)
    case 'list':
      return compileList(node.elements.map((element) => compile(element, scope)))
    case 'map':
      return compileMap(node, scope)
    case 'call':
      return compileCall(node, scope, compile)
    case 'macro':
      return compileMacro(node, scope, compile)
  }
}

export type Compile = typeof compile

function constant(value: Value): Code {
  return ({ meter }) => {
    meter.spend(1)
    return value
  }
}

function compileVariable({ name }: Variable, { bound }: Scope): Code {
  const slot = bound.lastIndexOf(name)
  if (slot >= 0) {
    return ({ meter, slots }) => {
      meter.spend(1)
      return slots[slot] ?? null
    }
  }
  return ({ meter, env }) => {
    meter.spend(1)
    if (!Object.hasOwn(env, name)) throw fault('NO_VARIABLE')
    return env[name] ?? null
  }
}

function compileField(of: Code, name: string): Code {
  return (frame) => {
    frame.meter.spend(1)
    return select(of(frame), name)
  }
}

function compileHas(of: Code, name: string): Code {
  return (frame) => {
    frame.meter.spend(1)
    const map = of(frame)
    if (!isMap(map)) throw fault('NO_OVERLOAD')
    return Object.hasOwn(map, name)
  }
}

function compileIndex(of: Code, key: Code): Code {
  return (frame) => {
    frame.meter.spend(1)
    return select(of(frame), key(frame))
  }
}

function compileUnary({ kind, of }: Unary, scope: Scope): Code {
  const operand = compile(of, scope)
  if (kind === 'not') {
    return (frame) => {
      frame.meter.spend(1)
      return !asBoolean(operand(frame))
    }
  }
  return (frame) => {
    frame.meter.spend(1)
    return negate(operand(frame))
  }
}

function compileBinary({ operator, left, right }: Binary, scope: Scope): Code {
  const sides = [compile(left, scope), compile(right, scope)] as const
  if (operator === '&&' || operator === '||') return compileLogic(...sides, operator === '||')
  return compileOperation(...sides, operator)
}

function compileOperation(left: Code, right: Code, operator: StrictOperator): Code {
  const operation = operations[operator]
  return (frame) => {
    frame.meter.spend(1)
    return operation(left(frame), right(frame), frame.meter)
  }
}

/** `decisive` on either side is the result, whatever the other side is; else a fault of the left side comes first. */
function compileLogic(left: Code, right: Code, decisive: boolean): Code {
  return (frame) => {
    frame.meter.spend(1)
    const first = attempt(left, frame)
    if (first === decisive) return decisive
    if (typeof first === 'boolean') return asBoolean(right(frame))
    if (attempt(right, frame) === decisive) return decisive
    throw first
  }
}

function compileChoice({ condition, whenTrue, whenFalse }: Choice, scope: Scope): Code {
  const test = compile(condition, scope)
  const [yes, no] = [compile(whenTrue, scope), compile(whenFalse, scope)]
  return (frame) => {
    frame.meter.spend(1)
    return asBoolean(test(frame)) ? yes(frame) : no(frame)
  }
}

function compileList(elements: readonly Code[]): Code {
  return (frame) => {
    frame.meter.spend(1 + elements.length)
    frame.meter.allocate(elements.length)
    return elements.map((element) => element(frame))
  }
}

function compileMap({ entries }: MapLiteral, scope: Scope): Code {
  const compiled = entries.map(
    ([key, value]) => [compile(key, scope), compile(value, scope)] as const,
  )
  return (frame) => {
    frame.meter.spend(1 + compiled.length)
    frame.meter.allocate(compiled.length)
    const map: Record<string, Value> = Object.create(null)
    for (const [keyCode, valueCode] of compiled) {
      const key = keyCode(frame)
      if (typeof key !== 'string') throw fault('NO_OVERLOAD')
      if (Object.hasOwn(map, key)) throw fault('DUPLICATE_KEY')
      map[key] = valueCode(frame)
    }
    return map
  }
}
