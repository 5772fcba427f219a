import type { ApiResponseOptions } from '@nestjs/swagger';
import { OrderStatus, PayStatus, ShippingStatus, TIMELINE_KINDS } from '@sample-shop/api';
import type {
  Coupon,
  CreatedPayment,
  Goods,
  Order,
  Payment,
  PlacedOrder,
  ShopInfo,
  TimelineEntry,
  User,
  UserDetail,
} from '@sample-shop/api';

/** A schema of OpenAPI. */
export type Schema = Extract<ApiResponseOptions, { schema: unknown }>['schema'];

const ID: Schema = { type: 'string', pattern: String.raw`^\d{1,19}$`, example: '345988230098857984' };
const MONEY: Schema = { type: 'string', pattern: String.raw`^-?\d+\.\d{2}$`, example: '129.00' };
const TIME: Schema = { type: 'string', format: 'date-time' };
const TEXT: Schema = { type: 'string' };
const COUNT: Schema = { type: 'integer' };
const FLAG: Schema = { type: 'boolean' };
const orNull = (schema: Schema): Schema => ({ ...schema, nullable: true });
/** One of a few numbers, with what they mean. */
const status = (values: Readonly<Record<string, number>>): Schema => ({
  type: 'integer',
  enum: Object.values(values),
  description: Object.entries(values)
    .map(([name, value]) => `${value} ${name.toLowerCase()}`)
    .join(', '),
});

/** An object with all of its properties: the compiler finds one that is missing here. */
function objectOf<T>(properties: { readonly [Name in keyof Required<T>]: Schema }): Schema {
  return { type: 'object', properties, required: Object.keys(properties) };
}

export const listOf = (items: Schema): Schema => ({ type: 'array', items });
/** The data of what has nothing to tell but that it was done. */
export const DONE: Schema = { type: 'boolean', enum: [true] };

export const PLACED_ORDER = objectOf<PlacedOrder>({ orderId: ID, payAmount: MONEY });

export const ORDER = objectOf<Order>({
  orderId: ID,
  userId: ID,
  orderStatus: status(OrderStatus),
  payStatus: status(PayStatus),
  shippingStatus: status(ShippingStatus),
  address: TEXT,
  consignee: TEXT,
  goodsId: ID,
  goodsNumber: COUNT,
  goodsPrice: MONEY,
  goodsAmount: MONEY,
  shippingFee: MONEY,
  orderAmount: MONEY,
  couponId: orNull(ID),
  couponPaid: MONEY,
  moneyPaid: MONEY,
  payAmount: MONEY,
  addTime: TIME,
  confirmTime: orNull(TIME),
  payTime: orNull(TIME),
});

export const TIMELINE_ENTRY = objectOf<TimelineEntry>({
  topic: TEXT,
  tag: TEXT,
  key: TEXT,
  msgId: TEXT,
  kind: { type: 'string', enum: [...TIMELINE_KINDS] },
  group: TEXT,
  attempt: COUNT,
  time: TIME,
});

export const GOODS = objectOf<Goods>({
  goodsId: ID,
  goodsName: TEXT,
  goodsNumber: COUNT,
  goodsPrice: MONEY,
  goodsDesc: TEXT,
  addTime: TIME,
});

const COUPON = objectOf<Coupon>({
  couponId: ID,
  couponPrice: MONEY,
  userId: ID,
  orderId: orNull(ID),
  isUsed: { type: 'integer', enum: [0, 1] },
  usedTime: orNull(TIME),
});

const USER_FIELDS = {
  userId: ID,
  userName: TEXT,
  userMobile: TEXT,
  userScore: COUNT,
  userRegTime: TIME,
  userMoney: MONEY,
};
export const USER = objectOf<User>(USER_FIELDS);
export const USER_DETAIL = objectOf<UserDetail>({ ...USER_FIELDS, coupons: listOf(COUPON) });

export const SHOP_INFO = objectOf<ShopInfo>({
  failureSwitches: FLAG,
  unpaidTimeout: COUNT,
  shippingFee: MONEY,
  freeShippingFrom: MONEY,
});

export const CREATED_PAYMENT = objectOf<CreatedPayment>({ payId: ID });
export const PAYMENT = objectOf<Payment>({
  payId: ID,
  orderId: ID,
  payAmount: MONEY,
  isPaid: status(PayStatus),
});
