/** Bounds on an expression, whose text comes from peers. What exceeds one is refused as an expression that can't be parsed. */
export interface SqlLimits {
  /** Longest expression, in UTF-16 units. Default 65,536. */
  readonly maxLength: number;
  /** Deepest nesting, of the text and of the tree made of it (`a = b = c` nests to the left). Default 256. */
  readonly maxDepth: number;
  /** Most nodes: operators, properties and constants; the strings of an `IN` list are bounded by the length. Default 4,096. */
  readonly maxNodes: number;
}

/** RocketMQ has no bounds but its stack; these are above what anyone writes and keep an evaluation below a millisecond. */
export const DEFAULT_SQL_LIMITS: SqlLimits = { maxLength: 65_536, maxDepth: 256, maxNodes: 4_096 };
