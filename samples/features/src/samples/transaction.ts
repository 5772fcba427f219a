import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  Payload,
  RocketMQLocalTransactionState,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQTemplate,
  RocketMQTransactionListener,
  type MessageExt,
  type RocketMQLocalTransactionListener,
  type TransactionMessage,
} from 'nest-rocketmq';
import { cluster } from '../cluster.ts';
import { until } from '../until.ts';

interface Payment {
  id: string;
  amount: number;
}

/** Stands for a table of payments. */
@Injectable()
class Payments {
  readonly #booked = new Set<string>();

  book({ id, amount }: Payment): void {
    if (amount > 100) throw new Error(`payment ${id} is too high`);
    this.#booked.add(id);
  }

  isBooked(id: string): boolean {
    return this.#booked.has(id);
  }
}

@Injectable()
@RocketMQTransactionListener({ topic: 'transaction-sample' })
class PaymentTransactions implements RocketMQLocalTransactionListener<Payment> {
  constructor(private readonly payments: Payments) {}

  /** The broker has the message by now, and keeps it back until this says COMMIT. */
  executeLocalTransaction(_message: TransactionMessage, payment: Payment): RocketMQLocalTransactionState {
    try {
      this.payments.book(payment);
      return RocketMQLocalTransactionState.COMMIT;
    } catch {
      return RocketMQLocalTransactionState.ROLLBACK;
    }
  }

  /** The broker asks any replica when it has not heard: after a crash, say. */
  checkLocalTransaction({ keys }: MessageExt): RocketMQLocalTransactionState {
    return this.payments.isBooked(keys[0] ?? '')
      ? RocketMQLocalTransactionState.COMMIT
      : RocketMQLocalTransactionState.ROLLBACK;
  }
}

@Injectable()
@RocketMQMessageListener({ consumerGroup: 'transaction-receipts', topic: 'transaction-sample' })
class ReceiptListener {
  readonly printed: string[] = [];

  onMessage(@Payload() { id }: Payment): void {
    this.printed.push(id);
    console.log(`receipt for payment ${id}`);
  }
}

@Module({
  imports: [RocketMQModule.forRoot({ ...cluster, producer: { group: 'transaction-sample' } })],
  providers: [Payments, PaymentTransactions, ReceiptListener],
})
class AppModule {}

/** A message that is delivered if, and only if, the local transaction has succeeded. */
export async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] });
  const rocketmq = app.get(RocketMQTemplate);

  for (const payment of [
    { id: 'P1', amount: 30 },
    { id: 'P2', amount: 3000 },
    { id: 'P3', amount: 70 },
  ]) {
    const { localTransactionState } = await rocketmq.sendMessageInTransaction('transaction-sample', payment, {
      keys: payment.id,
      arg: payment,
    });
    console.log(`payment ${payment.id}: ${localTransactionState}`);
  }

  await until(() => app.get(ReceiptListener).printed.length === 2);
  await app.close();
}
