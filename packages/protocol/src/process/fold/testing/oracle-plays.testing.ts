import type { JsonMap } from '../../values/value.ts'
import { letterOfCredit } from './letter-of-credit.testing.ts'
import { auctionPlay, letterOfCreditPlay, type Play, purchaseOrderPlay } from './plays.testing.ts'
import { makeScene } from './scene.testing.ts'
import { auctionScene, purchaseOrderScene } from './scenes.testing.ts'

const { effects: _, output: __, ...honour } = letterOfCredit.steps.honour
const { result: ___, ...settled } = letterOfCredit.steps.settled

const withoutEffects: JsonMap = {
  ...letterOfCredit,
  govern: { consent: 'standing', clock: 'block' },
  steps: { ...letterOfCredit.steps, honour, settled },
}

const isNoJoin = (line: string): boolean => !line.startsWith('$join')

/** Processes that ask for nothing but what the first sketch of the fold could do. */
export const oraclePlays: readonly Play[] = [
  { ...purchaseOrderPlay, scene: purchaseOrderScene },
  {
    ...letterOfCreditPlay,
    happy: letterOfCreditPlay.happy.filter(isNoJoin),
    scene: makeScene(withoutEffects, {
      applicant: 'app',
      issuer: 'iss',
      advising: 'adv',
      beneficiary: 'ben',
      carrier: 'car',
    }),
  },
  {
    ...auctionPlay,
    happy: auctionPlay.happy.filter(isNoJoin),
    scene: makeScene(
      { ...auctionScene.document, govern: { consent: 'standing', clock: 'block' } },
      { arranger: 'arr', bank: 'b1 b2 b3' },
    ),
  },
]
