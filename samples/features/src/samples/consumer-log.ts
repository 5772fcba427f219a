import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ConsumeOnce, ConsumerLogModule, Outbox, Transaction } from '@nest-rocketmq/consumer-log';
import { EmbeddedDatabase } from '@nest-rocketmq/consumer-log/pglite';
import { Payload, RocketMQMessageListener, RocketMQModule, RocketMQTemplate } from 'nest-rocketmq';
import { Column, DataSource, Entity, PrimaryColumn, type EntityManager } from 'typeorm';
import { cluster } from '../cluster.ts';
import { until } from '../until.ts';

interface Refund {
  id: string;
  user: string;
  amount: number;
}

@Entity({ name: 'account' })
class Account {
  @PrimaryColumn('varchar') user!: string;
  @Column('int') money!: number;
}

@Injectable()
class OrderService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox,
  ) {}

  /** The message is written with the business change, and sent when, and only when, that is committed. */
  async cancel(refund: Refund, fail = false): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await this.outbox.send(manager, 'consumer-log-sample:cancelled', refund, { keys: refund.id });
      if (fail) throw new Error(`order ${refund.id} can't be cancelled`);
    });
  }
}

@Injectable()
@RocketMQMessageListener({ consumerGroup: 'consumer-log-accounts', topic: 'consumer-log-sample' })
class AccountListener {
  calls = 0;

  /** In one transaction with the note that the message is done: it counts once, however often it comes. */
  @RocketMQMessageListener({ tags: 'cancelled' })
  @ConsumeOnce()
  async refund(@Payload() { user, amount }: Refund, @Transaction() manager: EntityManager): Promise<void> {
    this.calls++;
    await manager.increment(Account, { user }, 'money', amount);
  }

  @RocketMQMessageListener({ tags: 'end' })
  end(): void {
    this.ended = true;
  }

  ended = false;
}

/** The application, on any PostgreSQL or MySQL. */
function appModule(url: string) {
  @Module({
    imports: [
      TypeOrmModule.forRoot({ type: 'postgres', url, entities: [Account], synchronize: true }),
      RocketMQModule.forRoot({ ...cluster, producer: { group: 'consumer-log-sample' } }),
      ConsumerLogModule.forRoot({ createTables: true }),
    ],
    providers: [OrderService, AccountListener],
  })
  class AppModule {}
  return AppModule;
}

/** Each message once, and sent with the business change or not at all. */
export async function main(): Promise<void> {
  // PostgreSQL in this process, in memory, where the environment names no other.
  const database = process.env.DATABASE_URL ? undefined : await EmbeddedDatabase.start();
  const app = await NestFactory.createApplicationContext(
    appModule(database?.url ?? process.env.DATABASE_URL ?? ''),
    { logger: ['error', 'warn'] },
  );
  const accounts = app.get(DataSource).getRepository(Account);
  await accounts.save({ user: 'ada', money: 100 });
  const listener = app.get(AccountListener);

  const id = `order-${Date.now()}`;
  const orders = app.get(OrderService);
  await orders.cancel({ id, user: 'ada', amount: 10 });
  await orders.cancel({ id: `${id}-failed`, user: 'ada', amount: 10 }, true).catch((error: Error) => {
    console.log(`not sent: ${error.message.replace(id, 'order')}`);
  });
  await until(() => listener.calls === 1);

  // The same message again, as after a crash of its producer; then one to see that it has come.
  const rocketmq = app.get(RocketMQTemplate);
  await rocketmq.send(
    'consumer-log-sample:cancelled',
    { id, user: 'ada', amount: 10 },
    { keys: id, queue: 0 },
  );
  await rocketmq.send('consumer-log-sample:end', {}, { queue: 0 });
  await until(() => listener.ended);

  const account = await accounts.findOneByOrFail({ user: 'ada' });
  console.log(`the handler ran ${listener.calls} time, ada has ${account.money}`);
  await app.close();
  await database?.close();
}
