import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { Payload, RocketMQMessageListener, RocketMQModule, RocketMQTemplate } from 'nest-rocketmq';
import { TestCluster } from '@nest-rocketmq/testing';
import { eventually } from './client-cluster.ts';

@Injectable()
@RocketMQMessageListener({
  consumerGroup: 'slow',
  topic: 'work',
  payload: 'text',
  consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
})
class SlowListener {
  readonly begun: string[] = [];
  readonly ended: string[] = [];
  /** Lets go what waits. */
  release: () => void = () => undefined;
  wait = true;

  async onMessage(@Payload() work: string): Promise<void> {
    this.begun.push(work);
    if (this.wait) await new Promise<void>((resolve) => (this.release = resolve));
    this.ended.push(work);
  }
}

describe('an application that stops while handlers run', () => {
  let cluster: TestCluster;
  let lines: string[];

  beforeEach(async () => {
    cluster = await TestCluster.start({ topics: ['work'] });
    lines = [];
  });

  afterEach(() => cluster.stop());

  async function start(drain: string): Promise<{ app: TestingModule; listener: SlowListener }> {
    const app = await Test.createTestingModule({
      imports: [RocketMQModule.forRoot(cluster.options({ shutdown: { drain } }))],
      providers: [SlowListener],
    }).compile();
    const log = (line: unknown): void => void lines.push(String(line));
    app.useLogger({ log, warn: log, error: log });
    await app.init();
    return { app, listener: app.get(SlowListener) };
  }

  it('waits for them, and their messages are done', async () => {
    const { app, listener } = await start('20s');
    await app.get(RocketMQTemplate).send('work', 'one');
    await eventually(async () => listener.begun.length === 1);
    const closing = app.close();
    await eventually(async () => lines.some((line) => line.includes('Group slow stops: 1 handler')));
    expect(listener.ended).toEqual([]);
    listener.release();
    await closing;
    expect(listener.ended).toEqual(['one']);
    expect(lines.at(-1)).toBe('Group slow has stopped: all handlers have ended');
    const again = await start('1s');
    await again.app.get(RocketMQTemplate).send('work', 'two');
    await eventually(async () => again.listener.begun.length === 1);
    expect(again.listener.begun).toEqual(['two']);
    again.listener.release();
    await again.app.close();
  });

  it('gives up one that never ends, says so, and its message comes again', async () => {
    const { app, listener } = await start('100ms');
    await app.get(RocketMQTemplate).send('work', 'endless');
    await eventually(async () => listener.begun.length === 1);
    await app.close();
    expect(lines).toContain(
      'Handlers of the group slow still run after 100 ms (1): their messages come again',
    );
    const again = await start('1s');
    await eventually(async () => again.listener.begun.length === 1);
    expect(again.listener.begun).toEqual(['endless']);
    again.listener.release();
    await again.app.close();
    expect(again.listener.ended).toEqual(['endless']);
  });
});
