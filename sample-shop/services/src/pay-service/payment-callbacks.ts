import { Injectable } from '@nestjs/common';
import { RocketMQTemplate } from 'nest-rocketmq';
import { PayStatus, ShopError } from '@sample-shop/api';
import type { PaymentCallback, ShopEvents } from '@sample-shop/api';
import { toPaymentMade } from './pay.entities.ts';
import type { PaymentToMake } from './payment-transactions.ts';
import { Payments } from './payments.ts';

/** What a third party says of payments. It says so until it is answered, and sometimes afterwards. */
@Injectable()
export class PaymentCallbacks {
  constructor(
    private readonly payments: Payments,
    private readonly rocketmq: RocketMQTemplate<ShopEvents>,
  ) {}

  /**
   * Makes a payment, once, in a transaction with the message that tells everybody; what they do with it nobody waits for.
   * @throws ShopError `PAYMENT_NOT_FOUND`; `NOT_PAID` when that is what is said; `SEND_FAILED` when it has to be said again
   */
  async take({ payId, isPaid }: PaymentCallback): Promise<void> {
    const payment = await this.payments.find(payId);
    if (isPaid !== PayStatus.PAID) throw new ShopError('NOT_PAID', 'The payment was not made');
    if (payment.isPaid === PayStatus.PAID) return;
    const made = toPaymentMade(payment);
    const arg: PaymentToMake = { payment: made, since: Date.now() };
    const sent = await this.rocketmq
      .sendMessageInTransaction('payTopic:paid', made, { keys: payId, arg })
      .catch((error: unknown) => {
        throw new ShopError('SEND_FAILED', undefined, { cause: error });
      });
    if (sent.localTransactionState === 'COMMIT_MESSAGE') return;
    // Rolled back, because another callback was first; or because the broker, or the database, could not take it.
    if ((await this.payments.find(payId)).isPaid === PayStatus.PAID) return;
    throw new ShopError('SEND_FAILED', 'The payment could not be noted', { cause: sent.localException });
  }
}
