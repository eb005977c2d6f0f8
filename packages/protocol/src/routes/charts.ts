import Type from 'typebox'
import { ChartHistogram } from '../model/event.ts'
import { queryText } from './filters.ts'
import { defineRoute } from './route.ts'
import { pathParams } from './schema.ts'

const resource = 'charts'

export const getChartHistogram = defineRoute({
  id: 'getChartHistogram',
  method: 'GET',
  path: '/charts/histogram/:collection',
  resource,
  summary: 'Count the rows of a collection in equal slices of time',
  status: 200,
  params: pathParams('collection'),
  query: Type.Object({ startTime: queryText, endTime: queryText, buckets: queryText }),
  reply: Type.Array(ChartHistogram),
})
