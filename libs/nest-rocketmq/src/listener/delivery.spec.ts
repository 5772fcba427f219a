import { Injectable, UsePipes, type PipeTransform, BadRequestException } from '@nestjs/common';
import type { MessageExt } from '@nest-rocketmq/client';
import { z } from 'zod';
import { received } from '../../test/fake-clients.ts';
import { startApp, type StartedApp } from '../../test/start-app.ts';
import {
  BatchContext,
  Context,
  DropMessage,
  MessageHeaders,
  MessageKeys,
  Payload,
  RawMessage,
  RejectMessage,
  RocketMQMessageListener,
  RocketMQRegistry,
  type ListenerAttributes,
} from '../index.ts';

let started: StartedApp;

afterEach(async () => started.app.close());

const group = { consumerGroup: 'g', topic: 'order' };
const consumer = () => started.clients.consumerOf('g');
const tick = () => new Promise((resolve) => setImmediate(resolve));

/** Starts a class whose `onMessage` does what a spec says. */
async function start(
  attributes: ListenerAttributes,
  onMessage: (payload: unknown) => unknown,
): Promise<void> {
  @Injectable()
  @RocketMQMessageListener({ ...group, ...attributes })
  class Listener {
    onMessage(payload: unknown) {
      return onMessage(payload);
    }
  }
  started = await startApp({ providers: [Listener] });
}

/** Delivers a message for each of these bodies, at once. */
const deliverAll = (...bodies: unknown[]) =>
  Promise.all(bodies.map((body, i) => consumer().deliver(received({ body, msgId: `M${i}` }))));

const rejected = (reason: string) => ({
  delayLevel: -1,
  properties: expect.objectContaining({ REJECT_REASON: expect.stringContaining(reason) }) as unknown,
});

describe('a batch handler', () => {
  const calls: unknown[][] = [];
  beforeEach(() => void (calls.length = 0));

  async function startBatch(
    attributes: ListenerAttributes,
    handle: (payloads: unknown[], batch: BatchContext) => unknown,
    ...pipes: PipeTransform[]
  ): Promise<void> {
    @Injectable()
    class Listener {
      @RocketMQMessageListener({ ...group, batch: { size: 3, wait: 10_000 }, ...attributes })
      @UsePipes(...pipes)
      take(
        @Payload() payloads: unknown[],
        @Context() batch: BatchContext,
        @MessageKeys() keys: string[][],
        @MessageHeaders('h') headers: string[],
        @RawMessage() messages: MessageExt[],
      ) {
        calls.push(payloads, keys, headers, messages);
        return handle(payloads, batch);
      }
    }
    started = await startApp({ providers: [Listener] });
  }

  it('gets the payloads, keys, headers and messages, each at the index of its message', async () => {
    await startBatch({}, () => undefined);
    const messages = ['a', 'b', 'c'].map((key) =>
      received({ body: { key }, keys: [key], properties: { h: key } }),
    );
    const outcomes = await Promise.all(messages.map((message) => consumer().deliver(message)));
    expect(outcomes).toEqual(['done', 'done', 'done']);
    expect(calls).toEqual([
      [{ key: 'a' }, { key: 'b' }, { key: 'c' }],
      [['a'], ['b'], ['c']],
      ['a', 'b', 'c'],
      messages,
    ]);
  });

  it('says of single messages what becomes of them; of the others, whether it threw', async () => {
    await startBatch({ delayLevelWhenNextConsume: 4 }, (_payloads, batch) => {
      batch.ack(0);
      batch.retry(1, '10s');
      throw new Error('the database is away');
    });
    expect(await deliverAll(1, 2, 3)).toEqual(['done', { delayLevel: 3 }, { delayLevel: 4 }]);
  });

  it('can retry, reject and drop, and no message that there is not', async () => {
    await startBatch({}, (_payloads, batch) => {
      batch.retry(0);
      batch.reject(1, 'gone');
      batch.drop(2, 'old');
      expect(batch.size).toBe(3);
      expect(() => batch.ack(3)).toThrow('There is no message 3');
    });
    expect(await deliverAll(1, 2, 3)).toEqual([{ delayLevel: 0 }, rejected('gone'), 'done']);
  });

  it('does not get what can not be read or is not valid, which costs the others nothing', async () => {
    await startBatch({ schema: z.array(z.object({ n: z.coerce.number() })) }, () => undefined);
    const outcomes = await deliverAll('{', { n: '2' }, { n: 'x' });
    expect(outcomes).toEqual([rejected("can't be read"), 'done', rejected('is not valid')]);
    expect(calls[0]).toEqual([{ n: 2 }]);
  });

  it('gets none where the schema does not say which is wrong', async () => {
    await startBatch({ schema: z.array(z.number()).refine(() => false, 'never') }, () => undefined);
    expect(await deliverAll(1, 2, 3)).toEqual([rejected('never'), rejected('never'), rejected('never')]);
    expect(calls).toEqual([]);
  });

  it('is called for each message alone when a pipe refuses the array', async () => {
    const pipe: PipeTransform = {
      transform(value: unknown, { type }) {
        if (type === 'body' && (value as unknown[]).includes(2)) throw new BadRequestException('no twos');
        return value;
      },
    };
    await startBatch({}, () => undefined, pipe);
    expect(await deliverAll(1, 2, 3)).toEqual(['done', rejected('no twos'), 'done']);
    expect(calls.filter((_, i) => i % 4 === 0)).toEqual([[1], [3]]);
  });

  it('gets what there is when its group stops', async () => {
    await startBatch({}, () => undefined);
    const waiting = deliverAll(1, 2);
    await tick();
    await started.app.get(RocketMQRegistry).stop('g');
    expect(await waiting).toEqual(['done', 'done']);
    expect(calls[0]).toEqual([1, 2]);
  });
});

describe('what a handler ends with', () => {
  it.each([
    ['DropMessage: it is done', () => new DropMessage('old'), 'done'],
    ['an error of an outbox that is of no use to repeat', nonRetryable, rejected('the row is gone')],
  ])('%s', async (_name, error, outcome) => {
    await start({}, () => {
      throw error();
    });
    await expect(consumer().deliver(received({}))).resolves.toEqual(outcome);
  });

  it.each([
    ['DEAD_LETTER', rejected("can't be read")],
    ['RETRY', { delayLevel: 2 }],
    ['DROP', 'done'],
  ] as const)(
    'a payload that can not be read, with onInvalidPayload %s',
    async (onInvalidPayload, outcome) => {
      await start({ onInvalidPayload, delayLevelWhenNextConsume: 2 }, () => undefined);
      await expect(consumer().deliver(received({ body: '{' }))).resolves.toEqual(outcome);
    },
  );

  it('an invalid payload that is retried becomes a dead letter in the end', async () => {
    await start({ onInvalidPayload: 'RETRY' }, () => undefined);
    const last = received({ body: '{', reconsumeTimes: 16 });
    await expect(consumer().deliver(last)).resolves.toEqual(rejected("can't be read"));
  });

  it('a schema that fails itself does not make the payload wrong', async () => {
    const schema = z.object({}).refine(() => {
      throw new Error('the table of skus is away');
    });
    await start({ schema }, () => undefined);
    await expect(consumer().deliver(received({}))).resolves.toEqual({ delayLevel: 0 });
  });

  it('onLastAttempt that fails itself keeps no message from the dead letters', async () => {
    @Injectable()
    @RocketMQMessageListener({ ...group, onLastAttempt: 'giveUp' })
    class Listener {
      onMessage() {
        throw new RejectMessage('no');
      }

      giveUp() {
        throw new Error('mail is away');
      }
    }
    started = await startApp({ providers: [Listener] });
    await expect(consumer().deliver(received({}))).resolves.toEqual(rejected('no'));
  });
});

function nonRetryable(): Error {
  return Object.assign(new Error('the row is gone'), { name: 'NonRetryableMessageError' });
}

describe('a group that stops', () => {
  it('lets what runs end, and leaves what waits or comes later as it was', async () => {
    const ends: (() => void)[] = [];

    @Injectable()
    @RocketMQMessageListener({ ...group, concurrency: 2 })
    class Listener {
      @RocketMQMessageListener({ tags: 'a' })
      a() {
        return new Promise<void>((resolve) => ends.push(resolve));
      }

      @RocketMQMessageListener({ tags: 'b' })
      b() {}
    }
    started = await startApp({ providers: [Listener] });
    const stopped = consumer();
    const [running, waiting] = [1, 2].map(() => stopped.deliver(received({ tags: 'a' })));
    await tick();
    expect(ends).toHaveLength(1);
    await started.app.get(RocketMQRegistry).stop('g');
    await expect(waiting).resolves.toBe('left');
    await expect(stopped.deliver(received({ tags: 'b' }))).resolves.toBe('left');
    ends[0]?.();
    await expect(running).resolves.toBe('done');
  });

  it('has places for all again when it is started, whatever hangs from before', async () => {
    let hangs = true;
    await start({ concurrency: 1 }, () => (hangs ? new Promise(() => undefined) : undefined));
    void consumer().deliver(received({}));
    const registry = started.app.get(RocketMQRegistry);
    await registry.stop('g');
    await registry.start('g');
    hangs = false;
    const again = started.clients.consumers[1];
    await expect(again?.deliver(received({}))).resolves.toBe('done');
    expect(registry.list()[0]?.running).toBe(0);
  });
});
