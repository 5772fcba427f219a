/**
 * The consumer groups that a message is for, by its tag: so that the page can show who has not got it yet. What else
 * consumes it appears when it does.
 */
const EXPECTED = new Map<string, readonly string[]>([
  ['order_cancel', ['goods-service', 'coupon-service', 'user-service', 'order-service']],
  ['order_unpaid', ['order-service']],
  ['order_refund', ['user-service']],
  ['paid', ['order-service-paid', 'user-service-paid', 'payment-log']],
]);

/** Where a group stands among those that consume a tag: in the order in which an order is taken apart. */
export function placeOf(tag: string, group: string): number {
  const place = EXPECTED.get(tag)?.indexOf(group) ?? -1;
  return place < 0 ? Number.MAX_SAFE_INTEGER : place;
}

/** The groups that will consume a tag and are not among those that did. */
export function expectedGroups(tag: string, seen: readonly string[]): string[] {
  return (EXPECTED.get(tag) ?? []).filter((group) => !seen.includes(group));
}
