import { RuleFault } from '../values/fault.ts'
import type { Call, Expression } from './ast.ts'
import type { Compile, Scope } from './compile.ts'
import type { Code } from './frame.ts'
import type { Apply, BuiltIn } from './functions/built-in.ts'
import { builtIns } from './functions/table.ts'

/** A call of one of flow/1's functions. Faults in its literal arguments come up here, not while evaluating. */
export function compileCall(call: Call, scope: Scope, compile: Compile): Code {
  const builtIn = Object.hasOwn(builtIns, call.name) ? builtIns[call.name] : undefined
  if (builtIn === undefined) throw new RuleFault('UNKNOWN_FUNCTION', call.at, call.name)
  const asMethod = call.receiver !== undefined
  if (builtIn.form !== 'either' && (builtIn.form === 'method') !== asMethod) {
    throw new RuleFault('WRONG_ARGUMENTS', call.at, `${call.name} is a ${builtIn.form}`)
  }
  const operands = call.receiver === undefined ? call.args : [call.receiver, ...call.args]
  if (operands.length < builtIn.arity[0] || operands.length > builtIn.arity[1]) {
    throw new RuleFault('WRONG_ARGUMENTS', call.at, `${call.name} takes others`)
  }
  const apply = prepare(builtIn, call, operands, scope)
  const codes = operands.map((operand) => compile(operand, scope))
  return (frame) => {
    frame.meter.spend(2)
    return apply(
      codes.map((code) => code(frame)),
      frame.meter,
    )
  }
}

function prepare(
  builtIn: BuiltIn,
  call: Call,
  operands: readonly Expression[],
  { calendars }: Scope,
): Apply {
  if ('apply' in builtIn) return builtIn.apply
  const operand = operands[builtIn.literal]
  const literal = operand?.kind === 'literal' ? operand.value : undefined
  const at = operand?.at ?? call.at
  if (literal === undefined && builtIn.dynamic !== undefined) return builtIn.dynamic
  if (typeof literal !== 'string') {
    throw new RuleFault('WRONG_ARGUMENTS', at, `${call.name} needs a text written here`)
  }
  try {
    return builtIn.prepare(literal, calendars)
  } catch (error) {
    if (!(error instanceof RuleFault)) throw error
    throw new RuleFault(error.code, at, literal)
  }
}
