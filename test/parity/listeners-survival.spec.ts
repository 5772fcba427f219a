import 'reflect-metadata';
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Payload, RocketMQMessageListener } from 'nest-rocketmq';
import { TestCluster } from '@nest-rocketmq/testing';
import { eventually } from '../integration/client-cluster.ts';
import { Applications, freshName } from './listening.ts';

const FIRST = 'CONSUME_FROM_FIRST_OFFSET';

/** Everything that a handler may throw, and some that it should not. */
const THROWN: Record<string, () => unknown> = {
  'an error': () => new Error('no'),
  nothing: () => undefined,
  null: () => null,
  'a text': () => 'no',
  'a number': () => 0,
  'a symbol': () => Symbol('no'),
  'a function': () => () => undefined,
  'an object without a prototype': () => Object.create(null),
  'an error whose message throws': () =>
    Object.defineProperty(new Error('no'), 'message', {
      get: () => {
        throw new Error('worse');
      },
    }),
  'a revoked proxy': () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  'an object whose getStatus throws': () => ({
    getStatus: () => {
      throw new Error('worse');
    },
  }),
  'an object that can not be text': () => ({ message: Object.create(null) }),
  'something frozen': () => Object.freeze(new Error('no')),
};

describe('a handler that fails', () => {
  let cluster: TestCluster;
  let apps: Applications;
  let topic: string;
  let group: string;

  beforeAll(async () => {
    cluster = await TestCluster.start();
    apps = new Applications(cluster);
  });

  afterEach(() => apps.close());

  afterAll(() => cluster.stop());

  async function fresh(): Promise<void> {
    topic = freshName('survival');
    group = freshName('survivors');
    await cluster.createTopic(topic);
  }

  it('with whatever it throws loses no message, and stops no other handler', async () => {
    await fresh();
    const failed = new Set<string>();
    const done: string[] = [];
    const others: number[] = [];

    @Injectable()
    class Listener {
      @RocketMQMessageListener({ consumerGroup: group, topic, tags: 'bad', consumeFromWhere: FIRST })
      bad(@Payload() name: string) {
        if (failed.has(name)) return void done.push(name);
        failed.add(name);
        throw THROWN[name]?.();
      }

      @RocketMQMessageListener({ consumerGroup: group, topic, tags: 'good', consumeFromWhere: FIRST })
      good(@Payload() { i }: { i: number }) {
        others.push(i);
      }
    }
    const { template } = await apps.start([Listener]);
    const names = Object.keys(THROWN);
    for (const [i, name] of names.entries()) {
      await template.send(`${topic}:bad`, name);
      await template.send(`${topic}:good`, { i });
    }
    await eventually(() => others.length === names.length && failed.size === names.length);
    await eventually(async () => {
      await cluster.advance('10s');
      return done.length === names.length;
    });
    expect(new Set(done)).toEqual(new Set(names));
  });

  it('by never ending loses no message, and stops no other handler of its group', async () => {
    await fresh();
    const HUNG = 60;
    const begun: number[] = [];
    const done: number[] = [];
    const others: number[] = [];
    let hangs = true;

    @Injectable()
    @RocketMQMessageListener({
      consumerGroup: group,
      topic,
      concurrency: 4,
      consumeFromWhere: FIRST,
      consumeTimeout: '3s',
    })
    class Listener {
      @RocketMQMessageListener({ tags: 'bad' })
      async bad(@Payload() { i }: { i: number }) {
        begun.push(i);
        if (hangs) await new Promise(() => undefined);
        done.push(i);
      }

      @RocketMQMessageListener({ tags: 'good' })
      good(@Payload() { i }: { i: number }) {
        others.push(i);
      }
    }
    const { template } = await apps.start([Listener]);
    await template.sendBatch(
      `${topic}:bad`,
      Array.from({ length: HUNG }, (_, i) => ({ i })),
    );
    await eventually(() => begun.length >= 3);
    await template.sendBatch(
      `${topic}:good`,
      Array.from({ length: HUNG }, (_, i) => ({ i })),
    );
    await eventually(() => others.length === HUNG, 2500);
    hangs = false;
    await eventually(async () => {
      await cluster.advance('10s');
      return new Set(done).size === HUNG;
    });
    expect(others).toHaveLength(HUNG);
  });

  it('by killing its process loses no message', async () => {
    await fresh();
    const { template } = await apps.start([]);
    const ids = Array.from({ length: 30 }, (_, i) => i);
    await template.sendBatch(topic, ids);
    const killed = await listenerProcess(cluster.nameServer, group, topic, 'kill');
    expect(killed).toMatchObject({ signal: 'SIGKILL' });
    expect(killed.done.length).toBeLessThan(ids.length);
    const done = new Set(killed.done);

    @Injectable()
    class Listener {
      @RocketMQMessageListener({ consumerGroup: group, topic, consumeFromWhere: FIRST })
      take(@Payload() id: number) {
        done.add(id);
      }
    }
    await apps.start([Listener]);
    await eventually(async () => {
      await cluster.advance('10s');
      return done.size === ids.length;
    });
  });
});

const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), 'listeners-process.js');

/** Runs a listener in a process of its own until it ends. */
function listenerProcess(
  ...args: string[]
): Promise<{ signal: NodeJS.Signals | null; done: number[]; errors: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const done: number[] = [];
    let errors = '';
    createInterface(child.stdout).on('line', (line) => done.push(Number(line)));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code !== null) reject(new Error(`It ended with ${code}: ${errors}`));
      else resolve({ signal, done, errors });
    });
  });
}
