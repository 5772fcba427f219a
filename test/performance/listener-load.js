// Consumes a topic that is full of JSON messages with 20 handlers at a time, through the bare client or through the starter,
// and prints how many a second, and how much processor time (user and system) each took. Arguments: name server, topic, `client` or `starter`, what a
// handler waits for (`1ms`, `turn` of the loop, `none`), warm-up and measured time in milliseconds.
import 'reflect-metadata';
import { setImmediate as turn, setTimeout as time } from 'node:timers/promises';
import { DefaultMQPushConsumer } from '@nest-rocketmq/client';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { RocketMQMessageListener, RocketMQModule } from 'nest-rocketmq';

const [nameServer, topic, through, waits, warmUpMs, measuredMs] = process.argv.slice(2);
const consumerGroup = `overhead-${through}-${Date.now()}`;
const settings = { consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET', concurrency: 20 };

let from = 0;
let until = Infinity;
let lastAt = 0;
let count = 0;
let cpuBegin;
let cpu;
let sum = 0;
let finish;
const finished = new Promise((resolve) => (finish = resolve));

/** What both do with a payload. */
async function handle(order) {
  if (waits === '1ms') await time(1);
  else if (waits === 'turn') await turn();
  sum += order.amount;
  const now = performance.now();
  lastAt = now;
  if (from === 0) {
    // The first message starts the clock: before it the consumer looks for its queues.
    from = now + Number(warmUpMs);
    until = from + Number(measuredMs);
  }
  if (now >= until) {
    cpu ??= process.cpuUsage(cpuBegin);
    finish();
  } else if (now >= from) {
    cpuBegin ??= process.cpuUsage();
    count++;
  }
}

let stop;
if (through === 'client') {
  const consumer = new DefaultMQPushConsumer({ group: consumerGroup, nameServer, ...settings });
  consumer.subscribe(topic, '*');
  consumer.onMessage(([message]) => handle(JSON.parse(message.body.toString())));
  await consumer.start();
  stop = () => consumer.shutdown({ drainMs: 0 });
} else {
  class Listener {
    onMessage(order) {
      return handle(order);
    }
  }
  RocketMQMessageListener({ consumerGroup, topic, ...settings })(Listener);
  class AppModule {}
  const imports = [RocketMQModule.forRoot({ nameServer, shutdown: { drain: 0 } })];
  Module({ imports, providers: [Listener] })(AppModule);
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] });
  stop = () => app.close();
}
const starved = setInterval(() => {
  if (lastAt > 0 && performance.now() - lastAt > 1000) {
    process.stderr.write(`${topic} had too few messages\n`);
    process.exit(1);
  }
}, 100);
await finished;
clearInterval(starved);
await stop();
const perSecond = (count * 1000) / Number(measuredMs);
const cpuUs = (cpu.user + cpu.system) / count;
process.stdout.write(`${JSON.stringify({ perSecond, cpuUs, sum: sum > 0 })}\n`);
