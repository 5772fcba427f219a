/** What a topic or broker allows, as bits (RocketMQ's `PermName`). A topic usually has 6: read and write. */
export const PermName = { PRIORITY: 8, READ: 4, WRITE: 2, INHERIT: 1 } as const;

/** Whether messages may be read. */
export function isReadable(perm: number): boolean {
  return (perm & PermName.READ) !== 0;
}

/** Whether messages may be sent. */
export function isWriteable(perm: number): boolean {
  return (perm & PermName.WRITE) !== 0;
}

/** Whether other topics may be created in this one's image, as with TBW102. */
export function isInherited(perm: number): boolean {
  return (perm & PermName.INHERIT) !== 0;
}

/** Whether the number is a permission at all: 0 to 7 as Java's `PermName.isValid` has it. */
export function isValidPerm(perm: number): boolean {
  return Number.isInteger(perm) && perm >= 0 && perm < PermName.PRIORITY;
}

/** The permission as RocketMQ's tools show it: `RW-`, with `X` where others inherit. */
export function permToString(perm: number): string {
  return `${isReadable(perm) ? 'R' : '-'}${isWriteable(perm) ? 'W' : '-'}${isInherited(perm) ? 'X' : '-'}`;
}
