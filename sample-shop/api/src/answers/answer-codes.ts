/** What one kind of answer means: the HTTP status it has, and what is said when nothing better is known. */
interface AnswerKind {
  readonly status: number;
  readonly message: string;
}

/**
 * Every answer the shop gives. 400: what was asked can never be right; 404: what it is about is not there; 409: it is not
 * possible as things are; 5xx: the shop could not do it.
 */
export const ANSWERS = {
  SUCCESS: { status: 200, message: 'Done' },
  FAIL: { status: 500, message: 'Something went wrong' },

  REQUEST_PARAMETER_INVALID: { status: 400, message: 'The request is not valid' },
  ORDER_NOT_FOUND: { status: 404, message: 'There is no such order' },
  ORDER_INVALID: { status: 409, message: 'The order is in another state than this needs' },
  GOODS_NOT_FOUND: { status: 404, message: 'There are no such goods' },
  USER_NOT_FOUND: { status: 404, message: 'There is no such user' },
  GOODS_PRICE_INVALID: { status: 400, message: 'The goods have another price' },
  STOCK_NOT_ENOUGH: { status: 409, message: 'There are not so many in stock' },
  SHIPPING_FEE_INVALID: { status: 400, message: 'The shipping fee is another one' },
  ORDER_AMOUNT_INVALID: { status: 400, message: 'The order comes to another amount' },
  COUPON_NOT_FOUND: { status: 404, message: 'There is no such coupon' },
  COUPON_INVALID: { status: 409, message: 'The coupon was used, or is of another user' },
  BALANCE_NEGATIVE: { status: 400, message: 'The balance to use is below zero' },
  BALANCE_NOT_ENOUGH: { status: 409, message: 'The balance is not enough' },

  ORDER_SAVE_FAILED: { status: 500, message: 'The order could not be saved' },
  REDUCE_STOCK_FAILED: { status: 500, message: 'The stock could not be taken' },
  COUPON_USE_FAILED: { status: 500, message: 'The coupon could not be used' },
  BALANCE_REDUCE_FAILED: { status: 500, message: 'The balance could not be taken' },
  ORDER_CONFIRM_FAILED: { status: 500, message: 'The order could not be confirmed' },

  PAYMENT_NOT_FOUND: { status: 404, message: 'There is no such payment' },
  ALREADY_PAID: { status: 409, message: 'It is paid already' },
  PAYMENT_CREATE_FAILED: { status: 500, message: 'The payment could not be created' },
  NOT_PAID: { status: 409, message: 'It is not paid' },

  MESSAGE_TOPIC_EMPTY: { status: 400, message: 'The message has no topic' },
  MESSAGE_BODY_EMPTY: { status: 400, message: 'The message has no body' },
  SEND_FAILED: { status: 503, message: 'The message could not be sent' },
  REFUND_ALREADY_DONE: { status: 409, message: 'It was refunded already' },
} as const satisfies Record<string, AnswerKind>;

/** The code of an answer. */
export type AnswerCode = keyof typeof ANSWERS;

/** Whether a text, from another process say, is one of the codes. */
export function isAnswerCode(text: unknown): text is AnswerCode {
  return typeof text === 'string' && Object.hasOwn(ANSWERS, text);
}
