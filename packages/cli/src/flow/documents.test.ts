import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  definitionHash,
  definitionSchema,
  readPayload,
  stepCodes,
  templates,
  voidCodes,
} from '@concordat/protocol/process'
import { loadYaml } from '@concordat/protocol/process/yaml'
import { parse, stringify } from 'yaml'
import { Desk } from './desk.testing.ts'

const folder = new URL('../../../../docs/process/', import.meta.url)
const pages = readdirSync(folder).filter((name) => name.endsWith('.md'))
const textOf = (page: string): string => readFileSync(new URL(page, folder), 'utf8')

interface Example {
  readonly language: string
  readonly text: string
  readonly at: string
}

function examplesOf(page: string): readonly Example[] {
  const text = textOf(page)
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map((found) => ({
    language: found[1] ?? '',
    text: found[2] ?? '',
    at: `${page}:${text.slice(0, found.index).split('\n').length}`,
  }))
}

type Part = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** The whole definition with a part put into it: sections are joined by name. */
function withPart(whole: Part, part: Part): object {
  const joined = Object.entries(part).map(([key, value]) => {
    const isSection = typeof value === 'object' && typeof whole[key] === 'object'
    return [key, isSection ? { ...whole[key], ...value } : value] as const
  })
  return { ...whole, ...Object.fromEntries(joined) }
}

const isWhole = (text: string): boolean => /^flow: flow\/1$/m.test(text)
const isScenario = (text: string): boolean => /^events:/m.test(text)

for (const page of pages) {
  test(`the examples of ${page} in YAML are sound, and its scenarios play as they say`, async () => {
    using desk = new Desk()
    await desk.call('flow', 'new', '--template', 'purchase-order', 'flow.yaml')
    for (const { language, text, at } of examplesOf(page)) {
      if (language !== 'yaml') continue
      if (isScenario(text)) {
        desk.write('story.yaml', text)
        const played = await desk.call('flow', 'simulate', 'flow.yaml', 'story.yaml')
        assert.equal(played.code, 0, `${at}\n${played.out}${played.err}`)
        assert.match(played.out, /\d expectations hold\.$/, at)
        continue
      }
      const part = isWhole(text)
        ? text
        : stringify(withPart(parse(desk.read('flow.yaml')), parse(text)))
      const { result } = loadYaml(part)
      assert.deepEqual(result.faults, [], at)
      if (isWhole(text)) {
        desk.write('flow.yaml', text)
        assert.deepEqual(result.warnings, [], at)
      }
    }
  })
}

test('the step that the tutorial shows is that of the template', async () => {
  using desk = new Desk()
  await desk.call('flow', 'new', '--template', 'purchase-order', 'order.yaml')
  const shown = examplesOf('tutorial.md').find(({ language }) => language === 'yaml')
  const { steps } = parse(desk.read('order.yaml'))
  assert.deepEqual(steps.accept, parse(shown?.text ?? '').steps.accept)
})

test('texts that pages show as output of a play are what it prints', async () => {
  for (const page of pages) {
    using desk = new Desk()
    let printed = ''
    for (const { language, text, at } of examplesOf(page)) {
      if (language === 'yaml' && isWhole(text)) desk.write('flow.yaml', text)
      if (language === 'yaml' && isScenario(text)) {
        desk.write('story.yaml', text)
        printed = (await desk.call('flow', 'simulate', 'flow.yaml', 'story.yaml')).out
      }
      if (language === 'text') assert.ok(printed.includes(text.trimEnd()), `${at}\n${printed}`)
    }
  }
})

test('the language page names every key of the format', () => {
  const page = textOf('language.md')
  const names = new Set<string>()
  const collect = (schema: unknown): void => {
    if (typeof schema !== 'object' || schema === null) return
    for (const [keyword, inner] of Object.entries(schema)) {
      if (keyword === 'properties') for (const key of Object.keys(inner)) names.add(key)
      collect(inner)
    }
  }
  collect(definitionSchema)
  assert.ok(names.size > 60)
  // Keys of what is not carried out yet, which the page names as a whole.
  const later = 'attest quorum self window vk system inputs definition pool listener report from'
  const unnamed = [...names].filter(
    (name) => !page.includes(`\`${name}\``) && !page.includes(`${name}:`),
  )
  assert.deepEqual(
    unnamed.filter((name) => !later.split(' ').includes(name)),
    [],
  )
})

test('the page on semantics names every verdict code of the engine', () => {
  const page = textOf('semantics.md')
  for (const code of [...stepCodes, ...voidCodes]) assert.ok(page.includes(`\`${code}\``), code)
})

test('the message that a FireFly client may send is a step of the template', () => {
  const shown = examplesOf('semantics.md').find(({ language }) => language === 'json')
  const payload = readPayload('ffp.step', [shown?.text])
  assert(payload?.kind === 'step')
  const { document } = loadYaml(templates['purchase-order'])
  assert.equal(payload.step.definition, definitionHash(document))
  assert.deepEqual({ ...payload.step.input }, { round: 2 })
})

test('links lead to pages that are there', () => {
  for (const page of pages) {
    for (const [, target = ''] of textOf(page).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
      if (target.startsWith('https://')) continue
      assert.ok(readFileSync(new URL(target, folder)).length > 0, `${page}: ${target}`)
    }
  }
})
