/** What an account may do with a topic or group (`Permission`): bits that may be combined. */
export const Permission = { PUB: 4, SUB: 8 } as const;

/** Any combination of {@link Permission}; 0 denies. */
export type PermissionBits = number;

const NAMES = new Map<string, PermissionBits>([
  ['DENY', 0],
  ['PUB', Permission.PUB],
  ['SUB', Permission.SUB],
  ['PUB|SUB', Permission.PUB | Permission.SUB],
  ['SUB|PUB', Permission.PUB | Permission.SUB],
]);

/** The permission that a word stands for; undefined when it is none. */
export function parsePermission(text: string): PermissionBits | undefined {
  return NAMES.get(text.trim());
}

/** The word for a permission, as files have it. */
export function permissionName(bits: PermissionBits): string {
  return [...NAMES].find(([, value]) => value === bits)?.[0] ?? 'DENY';
}
