import { NodeError } from '../errors/node-error.ts'
import { isUuid } from './uuid.ts'

const NAME = /^[0-9a-zA-Z](?:[0-9a-zA-Z._-]{0,62}[0-9a-zA-Z])?$/

export const MAX_TOPICS = 10
/** All topics of a message together, in bytes. */
export const MAX_TOPICS_LENGTH = 1024
/** In bytes. */
export const MAX_DESCRIPTION_LENGTH = 4096

/** 1 to 64 letters, digits, dots, underscores and hyphens, with a letter or digit at both ends. */
export const isName = (text: string): boolean => NAME.test(text)

/** Throws FF00140 unless `text` is a name. */
export function validateName(text: string, field: string): void {
  if (!isName(text)) throw new NodeError('FF00140', { field })
}

/** Throws FF00140 or FF00141 unless `text` is a name that can't be mistaken for a UUID. */
export function validateNameNotUuid(text: string, field: string): void {
  validateName(text, field)
  if (isUuid(text)) throw new NodeError('FF00141', { field })
}

/** Throws unless each topic is a name, none appears twice, and there are not too many. */
export function validateTopics(topics: readonly string[]): void {
  if (topics.length > MAX_TOPICS) throw new NodeError('CC20705', { limit: MAX_TOPICS })
  let length = 0
  for (const [index, topic] of topics.entries()) {
    if (!isName(topic)) throw new NodeError('FF00140', { field: `header.topics[${index}]` })
    if (topics.indexOf(topic) !== index) throw new NodeError('CC20706', { topic })
    length += topic.length
  }
  if (length > MAX_TOPICS_LENGTH) throw new NodeError('CC20707', { limit: MAX_TOPICS_LENGTH })
}
