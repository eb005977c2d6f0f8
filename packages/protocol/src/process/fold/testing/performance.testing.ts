import fc from 'fast-check'
import { type Performance, performanceOf, plays } from './plays.testing.ts'
import { templatePlays } from './template-plays.testing.ts'

/** A run of any play; those that go deep come more often. */
export const performance: fc.Arbitrary<Performance> = fc.oneof(
  { weight: 3, arbitrary: fc.oneof(...plays.map(performanceOf)) },
  { weight: 1, arbitrary: fc.oneof(...templatePlays.map(performanceOf)) },
)
