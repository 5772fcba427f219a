import type { Order, PlacedOrder } from '../orders/order.ts';
import type { PlaceOrder } from '../orders/place-order.ts';
import type { ResendMessage } from '../orders/resend-message.ts';
import type { TimelineEntry } from '../timeline/timeline.ts';
import type { Id } from '../values/ids.ts';
import { CHANGE, CHANGE_OF_MANY, READ, READ_OF_MANY, rpcContract } from './contract.ts';
import type { Goods } from './goods-api.ts';
import type { HealthApi, ServiceHealth } from './health-api.ts';
import type { User, UserDetail } from './user-api.ts';

/** The order service, as other services see it. */
export interface OrderApi extends HealthApi {
  /** Places an order. @throws ShopError with the code of what is wrong, or failed */
  place(request: PlaceOrder): Promise<PlacedOrder>;
  /** The orders of a user (of all without one), the newest first; those that were never confirmed nor cancelled are not there. */
  list(request: { userId?: Id | undefined }): Promise<Order[]>;
  /** @throws ShopError `ORDER_NOT_FOUND`, also while it is not confirmed */
  find(request: { orderId: Id }): Promise<Order>;
  /** What happened to the messages of an order, oldest first. @throws ShopError `ORDER_NOT_FOUND` */
  timeline(request: { orderId: Id }): Promise<TimelineEntry[]>;
  /** Gives the balance of a cancelled order back. @throws ShopError `ORDER_NOT_FOUND`, `ORDER_INVALID`, `NOT_PAID`, `REFUND_ALREADY_DONE` */
  refund(request: { orderId: Id }): Promise<true>;
  /**
   * Sends the last message of an order again.
   * @throws ShopError `MESSAGE_TOPIC_EMPTY`, `MESSAGE_BODY_EMPTY`, `REQUEST_PARAMETER_INVALID`, `ORDER_NOT_FOUND`
   */
  resend(request: ResendMessage): Promise<true>;
  /** What can be ordered: for the page, which talks to this service alone. */
  goods(request: object): Promise<Goods[]>;
  /** Who can order. */
  users(request: object): Promise<User[]>;
  /** @throws ShopError `USER_NOT_FOUND` */
  user(request: { userId: Id }): Promise<UserDetail>;
  /** How this service is, and those that it needs. */
  healthOfAll(request: object): Promise<ServiceHealth[]>;
}

export const ORDER_RPC = rpcContract<OrderApi>('order-service', {
  place: CHANGE_OF_MANY,
  list: READ,
  find: READ,
  timeline: READ,
  refund: CHANGE_OF_MANY,
  resend: CHANGE,
  goods: READ_OF_MANY,
  users: READ_OF_MANY,
  user: READ_OF_MANY,
  healthOfAll: READ_OF_MANY,
  health: READ,
});
