import { existsSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type TemplateName, templates } from '@concordat/protocol/process'
import { defineCommand } from '../command.ts'
import { Failure } from '../failure.ts'
import { scenarios } from '../flow/scenarios/scenarios.ts'

const names = Object.keys(templates)

export const flowNew = defineCommand({
  name: 'flow new',
  summary: 'Begin a process definition from a template, with a scenario that plays it',
  positionals: ['[FILE]'],
  options: {
    template: { type: 'string', placeholder: 'NAME', description: `${names.join(', ')}; required` },
    force: { type: 'boolean', description: 'Write over files that are there' },
  },
  notes: [
    'Writes FILE (NAME.yaml) and the scenario beside it: order.yaml gets order.scenario.yaml.',
    'Next: concordat flow check FILE, concordat flow simulate FILE.',
  ],
  async run({ template, force }, { print, cwd }, [file = `${template}.yaml`]) {
    if (template === undefined || !isTemplate(template)) {
      const problem = template === undefined ? 'say which' : `there is no template '${template}'`
      throw new Failure(`${problem}: --template ${names.join('|')}`, { exitCode: 2 })
    }
    const base = /^(.+)\.ya?ml$/.exec(file)?.[1]
    if (base === undefined) {
      throw new Failure(`the name of the file must end in .yaml, not ${file}`, { exitCode: 2 })
    }
    const scenario = `${base}.scenario.yaml`
    const texts = [
      [file, templates[template]],
      [scenario, scenarios[template]],
    ] as const
    const taken = force ? undefined : texts.find(([name]) => existsSync(resolve(cwd, name)))
    if (taken !== undefined) {
      throw new Failure(`${taken[0]} is there already; --force writes over it`)
    }
    for (const [name, text] of texts) {
      writeFileSync(resolve(cwd, name), text, { flag: force ? 'w' : 'wx' })
    }
    print(`Wrote ${file} and ${scenario}. Next:`)
    print(`  concordat flow check ${file}`)
    print(`  concordat flow simulate ${file}`)
    return 0
  },
})

const isTemplate = (name: string): name is TemplateName => Object.hasOwn(templates, name)
