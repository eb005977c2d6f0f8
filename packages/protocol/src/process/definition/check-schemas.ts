import { expandSchema, SCHEMA_LIMITS, type SchemaBudget } from '../schema/expand.ts'
import { isValid } from '../schema/is-valid.ts'
import type { ProfileSchema, ProfileSchemaObject } from '../schema/types.ts'
import type { Findings } from './faults.ts'
import type { Definition, Field, Step } from './types.ts'

interface Schemas {
  readonly fields: ReadonlyMap<string, ProfileSchema>
  readonly inputs: ReadonlyMap<string, ProfileSchemaObject>
}

/** The schemas of all fields and inputs, checked and written out. Those with faults let everything pass. */
export function checkSchemas(definition: Definition, findings: Findings): Schemas {
  const budget: SchemaBudget = { left: SCHEMA_LIMITS.allParts }
  const fields = new Map<string, ProfileSchema>()
  for (const [name, field] of Object.entries(definition.state ?? {})) {
    fields.set(name, checkField(name, field, findings, budget))
  }
  const inputs = new Map<string, ProfileSchemaObject>()
  for (const [name, step] of Object.entries(definition.steps)) {
    inputs.set(name, checkInput(name, step, findings, budget))
  }
  return { fields, inputs }
}

function checkField(
  name: string,
  field: Field,
  findings: Findings,
  budget: SchemaBudget,
): ProfileSchema {
  const path = ['state', name]
  const schema = expandSchema(field.schema, [...path, 'schema'], findings, budget)
  const { default: value = null } = field
  if (schema !== undefined && value !== null && !isValid(schema, value)) {
    findings.add('DEFAULT_INVALID', [...path, 'default'], {})
  }
  return schema ?? true
}

function checkInput(
  name: string,
  step: Step,
  findings: Findings,
  budget: SchemaBudget,
): ProfileSchemaObject {
  const closed = { type: 'object', additionalProperties: false } as const
  if (step.input === undefined) return closed
  const path = ['steps', name, 'input']
  const schema = expandSchema(step.input, path, findings, budget)
  if (schema === undefined) return { type: 'object' }
  if (typeof schema !== 'object' || schema.type !== 'object' || schema.oneOf !== undefined) {
    findings.add('SCHEMA_INPUT', path, {})
    return { type: 'object' }
  }
  return { ...closed, ...schema }
}
