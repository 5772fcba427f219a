/** The services that send or consume messages. */
export const SERVICES = ['order', 'goods', 'coupon', 'user', 'pay'] as const;
export type Service = (typeof SERVICES)[number];

/** The service that a producer or consumer group belongs to: groups are named after it (`goods-service`, `payment-log`). */
export function serviceOf(group: string): Service | undefined {
  return SERVICES.find((service) => group.startsWith(service));
}
