// A push consumer in a process of its own, to be killed at any moment. Says on standard output, line by line, which
// messages (by their key) it has finished with. Arguments: name server, group, topic.
import { ConsumeFromWhere, DefaultMQPushConsumer } from '@nest-rocketmq/client';

const [nameServer, group, topic] = process.argv.slice(2);
const consumer = new DefaultMQPushConsumer({
  group,
  nameServer,
  consumeFromWhere: ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET,
});
consumer.subscribe(topic, '*');
consumer.onMessage(async (messages) => {
  for (const message of messages) process.stdout.write(`${message.keys[0]}\n`);
});
process.once('SIGTERM', () => {
  void consumer.shutdown().then(() => process.exit(0));
});
await consumer.start();
