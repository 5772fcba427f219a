/**
 * The versions of RocketMQ that decide what a peer understands, as the ordinals the `version` of a header carries
 * (RocketMQ's `MQVersion.Version`). Every version's snapshot is its number less one.
 */
export const MQVersion = {
  V3_0_7_SNAPSHOT: 28,
  V3_0_11: 37,
  V3_1_8_SNAPSHOT: 62,
  V3_4_9: 121,
  V4_0_0: 213,
  V4_1_0_SNAPSHOT: 232,
  V4_1_0: 233,
  V4_2_0: 253,
  V4_3_0: 273,
  V4_4_0: 293,
  V4_5_0: 313,
  V4_5_2: 317,
  V4_6_0: 333,
  V4_7_0: 353,
  V4_8_0: 373,
  V4_9_0: 393,
  V4_9_3: 399,
  V4_9_4: 401,
  V4_9_7: 407,
  V4_9_8: 409,
  V5_0_0: 413,
  V5_1_0: 433,
  V5_1_4: 441,
  V5_2_0: 453,
  V5_3_0: 473,
  V5_3_1: 475,
  V5_3_2: 477,
  V5_3_3: 479,
  V5_4_0: 493,
  V5_5_0: 513,
  HIGHER_VERSION: 612,
  /** What nest-rocketmq says of itself: the behaviour it implements. */
  CURRENT: 479,
} as const;

/**
 * The name RocketMQ gives a version number, such as `V5_3_3` or `V4_9_3_SNAPSHOT`. Numbers from `HIGHER_VERSION` on are
 * all `HIGHER_VERSION`; those before 4.0.0 that nothing depends on are written as their number.
 */
export function versionName(version: number): string {
  if (version >= MQVersion.HIGHER_VERSION) return 'HIGHER_VERSION';
  if (version < MQVersion.V4_0_0 - 1) return String(version);
  // From 4.0.0 on every minor version has ten patches (0 to 9), each a snapshot and a release.
  const step = version - (MQVersion.V4_0_0 - 1);
  const patch = step >> 1;
  const name = `V${4 + Math.floor(patch / 100)}_${Math.floor(patch / 10) % 10}_${patch % 10}`;
  return step % 2 === 0 ? `${name}_SNAPSHOT` : name;
}
