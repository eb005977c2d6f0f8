import type { Findings } from '../definition/faults.ts'
import type { Path } from '../definition/path.ts'
import { canonicalJson } from '../values/canonical.ts'
import type { ProfileSchema } from './types.ts'

/** Every choice must require one and the same property with a constant of its own, so that at most one fits. */
export function checkChoices(
  choices: readonly ProfileSchema[],
  path: Path,
  findings: Findings,
): void {
  const [first] = choices
  const keys = first === undefined ? [] : constants(first).keys()
  for (const key of keys) {
    const values = choices.map((choice) => constants(choice).get(key))
    if (values.every((value) => value !== undefined) && new Set(values).size === values.length) {
      return
    }
  }
  findings.add('SCHEMA_CHOICE', path, {})
}

/** Required properties with a constant text, number, true, false or null. */
function constants(choice: ProfileSchema): Map<string, string> {
  const found = new Map<string, string>()
  if (typeof choice === 'boolean' || choice.type !== 'object') return found
  for (const key of choice.required ?? []) {
    const known = choice.properties !== undefined && Object.hasOwn(choice.properties, key)
    const property = known ? choice.properties?.[key] : undefined
    if (typeof property !== 'object' || property.const === undefined) continue
    if (typeof property.const === 'object' && property.const !== null) continue
    found.set(key, canonicalJson(property.const))
  }
  return found
}
