// Plain JavaScript, so that the same application runs as an ES module and as CommonJS: decorators are called by hand.
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');

/** Runs a Nest application on an embedded cluster, has a message go round and a request answered; prints what came of it. */
module.exports = async function application({ common, core, starter }) {
  const { Injectable, Module } = common;
  const { NestFactory } = core;
  const { RocketMQMessageListener, RocketMQModule, RocketMQTemplate, RocketMQRegistry } = starter;

  const received = [];
  class Listener {
    onMessage(order, context) {
      received.push({ order, keys: context.keys });
      return { echo: order };
    }
  }
  Injectable()(Listener);
  RocketMQMessageListener({
    consumerGroup: 'packages',
    topic: 'packages',
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
  })(Listener);

  class OrderService {
    constructor(rocketmq) {
      this.rocketmq = rocketmq;
    }
  }
  Injectable()(OrderService);
  Reflect.defineMetadata('design:paramtypes', [RocketMQTemplate], OrderService);

  const storePath = mkdtempSync(path.join(tmpdir(), 'packages-'));
  class AppModule {}
  Module({
    imports: [RocketMQModule.forRoot({ embedded: { storePath } })],
    providers: [Listener, OrderService],
  })(AppModule);

  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  try {
    const { rocketmq } = app.get(OrderService);
    await rocketmq.send('packages', { id: 1 }, { keys: 'k' });
    const reply = await rocketmq.sendAndReceive('packages', { id: 2 }, { timeout: '20s' });
    while (received.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    const groups = app
      .get(RocketMQRegistry)
      .list()
      .map(({ consumerGroup }) => consumerGroup);
    process.stdout.write(`${JSON.stringify({ received, reply, groups })}\n`);
  } finally {
    await app.close();
    rmSync(storePath, { recursive: true, force: true });
  }
};
