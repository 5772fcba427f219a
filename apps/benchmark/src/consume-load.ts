import { ConsumeFromWhere, DefaultMQPushConsumer } from '@nest-rocketmq/client';
import { Measure, type LoadResult } from './measure.ts';

export interface ConsumeLoadOptions {
  nameServer: string;
  topic: string;
  warmUpMs: number;
  measuredMs: number;
}

/**
 * Consumes a topic that holds messages already through `DefaultMQPushConsumer`, with its defaults, as a group of its own
 * from the first offset on. A message's time is that from being stored to being handed over.
 * @throws Error when the topic has no more messages before the measured time is over: what is left out would count as slow
 */
export async function consumeLoad(options: ConsumeLoadOptions): Promise<LoadResult> {
  const consumer = new DefaultMQPushConsumer({
    group: `benchmark-consumer-${Date.now()}`,
    nameServer: options.nameServer,
    consumeFromWhere: ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET,
  });
  consumer.subscribe(options.topic, '*');
  let measure: Measure | undefined;
  let lastAt = 0;
  let finish: () => void = () => {};
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const epoch = performance.timeOrigin;
  consumer.onMessage(async (messages) => {
    lastAt = performance.now();
    // The first message starts the clock: before it the consumer looks for its queues.
    measure ??= new Measure(options.warmUpMs, options.measuredMs);
    for (const message of messages) {
      if (!measure.add(message.storeTimestamp - epoch, lastAt, 1, message.body.length)) finish();
    }
  });
  await consumer.start();
  const starved = setInterval(() => {
    if (lastAt > 0 && performance.now() - lastAt > 1000) finish();
  }, 100);
  await finished;
  clearInterval(starved);
  const starvedAt = performance.now() - lastAt > 500;
  await consumer.shutdown();
  if (starvedAt || !measure)
    throw new Error(`${options.topic} had too few messages: fill it with a longer send load`);
  return measure.result();
}
