import { Logger } from '@nestjs/common';
import { MQAdmin } from '@nest-rocketmq/client';
import { ORDER_TOPIC, PAY_TOPIC } from '@sample-shop/api';

const QUEUES = 4;

/**
 * Creates the shop's topics where they are not there, so that consumers find them when they start. A cluster that doesn't let
 * an application do so has them created by an operator (`mqadmin updateTopic`), or with the first message.
 */
export async function createTopics(nameServer: string): Promise<void> {
  const admin = new MQAdmin({ nameServer });
  await admin.start();
  try {
    const there = new Set(await admin.topicList());
    for (const topic of [ORDER_TOPIC, PAY_TOPIC].filter((name) => !there.has(name))) {
      await admin.createTopic({ topic, readQueueNums: QUEUES, writeQueueNums: QUEUES });
    }
  } catch (error) {
    new Logger('shop').warn(`The topics could not be created: ${(error as Error).message}`);
  } finally {
    await admin.shutdown();
  }
}
