/** The services that are called by RPC. The name is also its consumer group and the beginning of its patterns. */
export const SERVICES = [
  'goods-service',
  'coupon-service',
  'user-service',
  'order-service',
  'pay-service',
] as const;
export type ServiceName = (typeof SERVICES)[number];

/** The HTTP front ends. */
export const WEBS = ['pay-web', 'order-web'] as const;
export type WebName = (typeof WEBS)[number];

/** Everything that runs by itself, in the order in which it is started: whoever needs another one comes later. */
export const PARTS = [...SERVICES, ...WEBS] as const;
export type PartName = ServiceName | WebName;

/** Whether a text names a part. */
export function isPart(text: string): text is PartName {
  return (PARTS as readonly string[]).includes(text);
}
