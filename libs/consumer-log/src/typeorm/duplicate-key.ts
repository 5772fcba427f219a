/** PostgreSQL's SQLSTATE and MySQL's number for a row whose key is there already. */
const DUPLICATE_KEY = new Set<unknown>(['23505', 1062]);

/** Whether a driver refused a row because its key is there already; TypeORM puts the driver's error into its own. */
export function isDuplicateKey(error: unknown): boolean {
  const { driverError } = (error ?? {}) as { driverError?: { code?: unknown; errno?: unknown } };
  return DUPLICATE_KEY.has(driverError?.code) || DUPLICATE_KEY.has(driverError?.errno);
}
