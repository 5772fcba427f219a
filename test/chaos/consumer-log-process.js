// A consumer and a relay, as a process that may be killed: it consumes every message again and again, and sends what its
// handlers wrote to the outbox, until everything is done and sent.
import { setTimeout as pause } from 'node:timers/promises';
import {
  ConsumerLog,
  Outbox,
  OutboxRelay,
  OutboxRepository,
  TypeOrmConsumerLogStore,
  TypeOrmOutboxStore,
} from '@nest-rocketmq/consumer-log';
import { silentLogger, systemClock } from '@nest-rocketmq/runtime';
import { DefaultMessageConverter } from 'nest-rocketmq';
import { DataSource } from 'typeorm';

const [url, messages, lanes] = process.argv.slice(2);
const groupName = 'chaos';
const dataSource = await new DataSource({ type: 'postgres', url, poolSize: 4 }).initialize();
const settings = { maxFailures: 1_000, processingTimeout: 300 };
const log = new ConsumerLog(new TypeOrmConsumerLogStore(dataSource), settings, systemClock, silentLogger);
const store = new TypeOrmOutboxStore(dataSource);
const outbox = new Outbox(store, {
  groupName,
  converter: new DefaultMessageConverter(),
  clock: systemClock,
  written: () => relay.wake(),
});
const transport = {
  send: async ({ id, msgKey, hashKey }) => {
    await pause(Math.random() * 4);
    await dataSource.query('INSERT INTO sent (id, name, lane) VALUES ($1, $2, $3)', [id, msgKey, hashKey]);
  },
};
const relay = new OutboxRelay(
  store,
  transport,
  {
    groupName,
    interval: 50,
    batch: 5,
    concurrency: 3,
    lease: 400,
    backoff: { first: 20, longest: 100 },
    maxAttempts: undefined,
  },
  systemClock,
  silentLogger,
);
relay.start();

const deliver = async (index) => {
  const key = `message-${index}`;
  const message = { groupName, msgTag: 'tag', msgKey: key, msgId: key, msgBody: '{}' };
  const consumption = await log.consume(message, async (manager) => {
    await manager.query('INSERT INTO changed (name) VALUES ($1)', [key]);
    const hashKey = `lane-${index % Number(lanes)}`;
    await outbox.send(manager, 'topic', { index }, { keys: key, hashKey });
    await pause(Math.random() * 10);
  });
  return consumption.outcome;
};

const repository = new OutboxRepository(store, groupName, systemClock);
for (let done = 0; done < Number(messages);) {
  const order = Array.from({ length: Number(messages) }, (_, index) => index).sort(() => Math.random() - 0.5);
  done = 0;
  for (const index of order) if ((await deliver(index)) === 'duplicate') done++;
}
while ((await repository.backlog()).count > 0) await pause(50);
await relay.stop();
await dataSource.destroy();
