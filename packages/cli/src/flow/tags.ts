import { digestOf, makeDisclosure } from '@concordat/protocol/process'
import { isScalar, Scalar, type Tags, type YAMLSeq } from 'yaml'

/** A party by its name in the network, or by its DID. */
export const toDid = (name: string): string =>
  name.startsWith('did:') ? name : `did:firefly:org/${name}`

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z$/

/** Unix seconds of a time in UTC such as `2026-12-01T09:00Z`; undefined if it is none. */
export function toSeconds(text: string): number | undefined {
  const milliseconds = TIME.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000
}

/** What scenarios may write in inputs: times, parties and seals, as rules see them. */
export const scenarioTags: Tags = [
  {
    tag: '!time',
    resolve(text: string, onError: (problem: string) => void) {
      const seconds = toSeconds(text)
      if (seconds === undefined) onError('write a time as !time 2026-12-01T09:00Z')
      return seconds ?? 0
    },
  },
  { tag: '!did', resolve: toDid },
  {
    tag: '!sealed',
    collection: 'seq',
    resolve(list, onError) {
      const [salt, key, value] = textsOf(list)
      if (salt === undefined || key === undefined || value === undefined) {
        onError('write a seal as !sealed [salt, key, value], all of them texts')
        return new Scalar('')
      }
      return new Scalar(digestOf(makeDisclosure(salt, key, value).text))
    },
  },
]

const textsOf = (list: unknown): readonly string[] =>
  hasItems(list) ? list.items.map((item) => (isScalar(item) ? String(item.value) : '')) : []

const hasItems = (list: unknown): list is YAMLSeq =>
  typeof list === 'object' && list !== null && 'items' in list && Array.isArray(list.items)
