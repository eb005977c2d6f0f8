import { formats } from './formats.ts'
import { MAX_COUNT, MAX_ENUM } from './keywords.ts'

const self = { $ref: '#/$defs/schema' }
const count = { type: 'integer', minimum: 0, maximum: MAX_COUNT }
const texts = { type: 'array', items: { type: 'string' }, uniqueItems: true }
const type = { enum: ['null', 'boolean', 'integer', 'string', 'array', 'object'] }

/** The profile, as JSON Schema for editors; it stands under `$defs/schema`. */
export const profileSchema = {
  anyOf: [
    { type: 'boolean' },
    {
      type: 'object',
      additionalProperties: false,
      properties: {
        title: { type: 'string' },
        description: { type: 'string' },
        default: true,
        type: { anyOf: [type, { type: 'array', items: type, minItems: 1, uniqueItems: true }] },
        enum: { type: 'array', minItems: 1, maxItems: MAX_ENUM },
        const: true,
        required: texts,
        properties: { type: 'object', additionalProperties: self },
        additionalProperties: self,
        items: self,
        minItems: count,
        maxItems: count,
        minLength: count,
        maxLength: count,
        minimum: { type: 'integer' },
        maximum: { type: 'integer' },
        format: { enum: Object.keys(formats) },
        oneOf: { type: 'array', items: self, minItems: 2, maxItems: 20 },
        $ref: { type: 'string', pattern: '^#/\\$defs/.' },
        $defs: { type: 'object', additionalProperties: self },
      },
    },
  ],
}
