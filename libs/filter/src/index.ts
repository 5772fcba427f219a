export { buildSubscription } from './build-subscription.ts';
export { ExpressionType, isTagType } from './expression-type.ts';
export { matchesTag, matchesTagsCode } from './match-tags.ts';
export { compileSql, type SqlFilter, type SqlResult } from './sql/compile-sql.ts';
export type { PropertyLookup } from './sql/sql-evaluator.ts';
export { DEFAULT_SQL_LIMITS, type SqlLimits } from './sql/sql-limits.ts';
