import { compileRule, type Rule, RuleFault } from '@concordat/protocol/process'
import { fault, type Place } from './spec.ts'

/**
 * Reads rules that may ask about `roots` (names with spaces between). What is left out, or is no such rule, is `otherwise`;
 * the latter is a fault.
 */
export function ruleReader(
  roots: string,
  otherwise: Rule,
): (written: string, place: Place) => Rule {
  const known = new Set(roots.split(' '))
  return (written, place) => {
    if (written === '') return otherwise
    try {
      const rule = compileRule(written)
      const stranger = rule.reads.find(({ root }) => !known.has(root))
      if (!stranger) return rule
      fault(place, `'${stranger.root}' is unknown here`, `known are: ${[...known].join(', ')}`)
    } catch (error) {
      if (!(error instanceof RuleFault)) throw error
      fault(place, `is no rule (${error.message})`, 'correct it')
    }
    return otherwise
  }
}
