import { describeInstance } from '@concordat/protocol/process'
import { defineCommand } from '../command.ts'
import { needed } from '../flow/arguments.ts'
import { openDefinition } from '../flow/definition-file.ts'
import { type Judgement, judgePlay } from '../flow/judge-play.ts'
import { type Play, play } from '../flow/play.ts'
import { playToLines } from '../flow/print-play.ts'
import { readScenario } from '../flow/read-scenario.ts'
import { inOrder, plural, readSource, remarkToText } from '../flow/source.ts'
import { scenarioTags } from '../flow/tags.ts'

export const flowSimulate = defineCommand({
  name: 'flow simulate',
  summary: 'Play a scenario of a process on this machine, without a network',
  positionals: ['FILE', '[SCENARIO]'],
  options: {
    json: { type: 'boolean', description: 'Print decisions, state and failures as JSON' },
  },
  notes: [
    'Without SCENARIO it is the one beside FILE: order.scenario.yaml for order.yaml.',
    'Each step is decided as every node would decide it. Exit code 1 if an "expect" of the scenario does not hold.',
    'How to write a scenario: docs/process/language.md. An example: concordat flow new.',
  ],
  async run({ json }, { print, cwd }, [given, story]) {
    const file = needed('flow simulate', 'FILE', given)
    const definition = openDefinition(cwd, file)
    const name = story ?? `${file.replace(/\.(ya?ml|json)$/, '')}.scenario.yaml`
    const source = readSource(cwd, name, scenarioTags)
    const { scenario, remarks } = readScenario(source, definition)
    if (scenario === undefined) {
      for (const remark of inOrder(remarks)) print(remarkToText(name, remark))
      print(`${name}: ${plural(remarks.length, 'fault')}.`)
      return 1
    }
    const played = play(definition, scenario)
    const judgement = judgePlay(source, played.scenes)
    if (json) print(JSON.stringify(toJson(played, judgement), undefined, 2))
    else {
      for (const line of playToLines(scenario, played)) print(line)
      for (const line of judgementToLines(name, judgement)) print(line)
    }
    return judgement.failures.length === 0 ? 0 : 1
  },
})

function judgementToLines(name: string, { expectations, failures }: Judgement): readonly string[] {
  if (expectations === 0) return []
  const held = expectations - failures.length
  return [
    '',
    ...failures.map((failure) => remarkToText(name, failure)),
    `${held} of ${expectations} expectations hold.`,
  ]
}

const toJson = ({ scenes, state }: Play, { expectations, failures }: Judgement): object => ({
  decisions: scenes.flatMap(({ moments }) => moments.map(({ decision }) => decision)),
  process: describeInstance(state),
  expectations,
  failures: failures.map(({ line, column, message }) => ({ line, column, message })),
})
