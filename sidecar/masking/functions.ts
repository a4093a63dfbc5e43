/**
 * What a function does with a protected argument, as strict use sees it: a scalar function gives
 * one value per row, which is only ever projected; an aggregate or window function mixes rows.
 */

import { isBuiltIn } from '../policy/functions.ts'

export type FunctionKind = 'scalar' | 'aggregate' | 'window' | 'unknown'

const aggregates = new Set(
  `ANY_VALUE APPROXIMATE_COUNT_DISTINCT APPROXIMATE_JACCARD_INDEX APPROXIMATE_SIMILARITY
  APPROX_COUNT_DISTINCT APPROX_PERCENTILE APPROX_PERCENTILE_ACCUMULATE APPROX_PERCENTILE_COMBINE
  APPROX_PERCENTILE_ESTIMATE APPROX_TOP_K APPROX_TOP_K_ACCUMULATE APPROX_TOP_K_COMBINE
  APPROX_TOP_K_ESTIMATE ARRAY_AGG ARRAY_UNION_AGG ARRAY_UNIQUE_AGG AVG BITAND_AGG
  BITMAP_CONSTRUCT_AGG BITMAP_OR_AGG BITOR_AGG BITXOR_AGG BIT_AND_AGG BIT_OR_AGG BIT_XOR_AGG
  BOOLAND_AGG BOOLOR_AGG BOOLXOR_AGG CORR COUNT COUNT_IF COVAR_POP COVAR_SAMP GROUPING GROUPING_ID
  HASH_AGG HLL HLL_ACCUMULATE HLL_COMBINE HLL_ESTIMATE HLL_EXPORT HLL_IMPORT KURTOSIS LISTAGG MAX
  MAX_BY MEDIAN MIN MINHASH MINHASH_COMBINE MIN_BY MODE OBJECT_AGG PERCENTILE_CONT PERCENTILE_DISC
  REGR_AVGX REGR_AVGY REGR_COUNT REGR_INTERCEPT REGR_R2 REGR_SLOPE REGR_SXX REGR_SXY REGR_SYY SKEW
  STDDEV STDDEV_POP STDDEV_SAMP SUM VARIANCE VARIANCE_POP VARIANCE_SAMP VAR_POP
  VAR_SAMP`.split(/\s+/),
)

const windows = new Set(
  `CONDITIONAL_CHANGE_EVENT CONDITIONAL_TRUE_EVENT CUME_DIST DENSE_RANK FIRST_VALUE LAG LAST_VALUE
  LEAD NTH_VALUE NTILE PERCENT_RANK RANK RATIO_TO_REPORT ROW_NUMBER`.split(/\s+/),
)

/** `name` folded, one entry per part. A function that is not built in may do anything. */
export function functionKind(name: readonly string[]): FunctionKind {
  const [single] = name
  if (single === undefined || !isBuiltIn({ name, type: 'Scalar', span: { start: 0, end: 0 } })) {
    return 'unknown'
  }
  if (aggregates.has(single)) return 'aggregate'
  return windows.has(single) ? 'window' : 'scalar'
}
