/** How an expression is to be read. */
export const ExpressionType = { TAG: 'TAG', SQL92: 'SQL92' } as const;

/** Whether the type means tags, which is also what no type means. */
export function isTagType(type: string | undefined): boolean {
  return type === undefined || type === '' || type === ExpressionType.TAG;
}
