// A Nest application whose handler kills its process at the tenth message, without a word. Says on standard output, line by
// line, which messages it has finished with. Arguments: name server, group, topic.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { RocketMQMessageListener, RocketMQModule } from 'nest-rocketmq';
import { writeSync } from 'node:fs';

const [nameServer, consumerGroup, topic] = process.argv.slice(2);

class Listener {
  begun = 0;

  async onMessage(id) {
    if (++this.begun === 10) process.kill(process.pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 5));
    writeSync(1, `${id}\n`);
  }
}
RocketMQMessageListener({
  consumerGroup,
  topic,
  concurrency: 4,
  consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
})(Listener);

class AppModule {}
Module({ imports: [RocketMQModule.forRoot({ nameServer })], providers: [Listener] })(AppModule);

await NestFactory.createApplicationContext(AppModule, { logger: ['error'] });
