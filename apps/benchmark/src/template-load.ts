import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { RocketMQModule, RocketMQTemplate } from 'nest-rocketmq';
import { Measure, type LoadResult } from './measure.ts';

export interface TemplateLoadOptions {
  nameServer: string;
  topic: string;
  /** Sends in flight at once. */
  window: number;
  bodyBytes: number;
  warmUpMs: number;
  measuredMs: number;
}

/** Single sends through `RocketMQTemplate`, as an application makes them: `window` of them awaited at a time. */
export async function templateLoad(options: TemplateLoadOptions): Promise<LoadResult> {
  @Module({
    imports: [
      RocketMQModule.forRoot({ nameServer: options.nameServer, producer: { group: 'benchmark-template' } }),
    ],
  })
  class BenchmarkModule {}

  const app = await NestFactory.createApplicationContext(BenchmarkModule, { logger: ['error', 'warn'] });
  const template = app.get(RocketMQTemplate);
  const body = Buffer.alloc(options.bodyBytes, 'a');
  await template.send(options.topic, body);

  const measure = new Measure(options.warmUpMs, options.measuredMs);
  const sendUntilDone = async (): Promise<void> => {
    for (let running = true; running;) {
      const startedAt = performance.now();
      const result = await template.send(options.topic, body);
      if (result.sendStatus !== 'SEND_OK') throw new Error(`a send ended as ${result.sendStatus}`);
      running = measure.add(startedAt, performance.now(), 1, options.bodyBytes);
    }
  };
  await Promise.all(Array.from({ length: options.window }, sendUntilDone));
  await app.close();
  return measure.result();
}
