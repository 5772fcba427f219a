import 'reflect-metadata';
import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { expect, it } from '@jest/globals';
import { lastValueFrom } from 'rxjs';
import { RocketMQClient, RocketMQServer } from 'nest-rocketmq/microservices';
import type { JavaClient } from '../harness/java-client.ts';
import { until } from '../harness/until.ts';
import { caseTopic, type Cluster } from './cluster.ts';

let last = 0;

/** Nest's microservices on a cluster, with Apache's client on the other side. */
export function starterMicroserviceCases(cluster: () => Cluster, java: () => JavaClient): void {
  it('a Nest microservice: events and requests of Java, and its own to Java', async () => {
    const topic = await caseTopic(cluster(), java(), 'microservice');
    const theirs = await caseTopic(cluster(), java(), 'microservice-theirs');
    const { nameServer } = cluster();
    const id = `microservices-${++last}`;
    const events: unknown[] = [];

    @Controller()
    class Prices {
      @MessagePattern<string>(`${topic}:quote`)
      quote(@Payload() question: { sku: string }): { price: number } {
        return { price: question.sku.length };
      }

      @EventPattern<string>(`${topic}:changed`)
      changed(@Payload() event: unknown): void {
        events.push(event);
      }
    }
    const module = await Test.createTestingModule({ controllers: [Prices] }).compile();
    const strategy = new RocketMQServer({
      nameServer,
      consumer: { consumerGroup: `${topic}-group`, consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' },
    });
    const service = module.createNestMicroservice({ strategy, logger: false });
    await service.listen();
    const client = new RocketMQClient({ nameServer });
    await java().call('replay.startProducer', { id, nameServer });
    await java().call('replay.startConsumer', {
      id: `${id}-replier`,
      nameServer,
      topic: theirs,
      group: `${theirs}-group`,
    });
    try {
      const body = Buffer.from('{"sku":"abc"}').toString('base64');
      const reply = await java().call<{ body: string }>('replay.request', {
        id,
        timeout: 60_000,
        message: { topic, tags: 'quote', body },
      });
      expect(JSON.parse(Buffer.from(reply.body, 'base64').toString())).toEqual({ price: 3 });

      const sender = await java().producer(nameServer);
      await sender.send({ topic, tags: 'changed', body: '{"sku":"xyz"}' });
      await until('the event is handled', () => events.length > 0);
      expect(events).toEqual([{ sku: 'xyz' }]);

      // What Java replies has no contentType: it is text here, which JSON is, too.
      expect(await lastValueFrom(client.send(theirs, '"loud"'))).toBe('LOUD');
    } finally {
      await client.close();
      await service.close();
      for (const one of [id, `${id}-replier`]) await java().call('replay.stop', { id: one });
    }
  });
}
