import { beforeAll, expect, it } from '@jest/globals';
import { RemotingCommand, RequestCode } from '@nest-rocketmq/protocol';
import { RemotingClient } from '@nest-rocketmq/remoting';
import { PopClient, type Popped } from '../../libs/broker/test/pop-client.ts';
import { JavaClient } from './harness/java-client.ts';
import { officialBroker } from './harness/official.ts';
import { ourBroker, ourNameServer } from './harness/ours.ts';
import { Resources } from './harness/resources.ts';
import type { Server, StartBroker } from './harness/server.ts';
import { interopSuite } from './harness/suite.ts';
import { PATIENCE_MS, until } from './harness/until.ts';

/** Long enough that nothing comes again before the next broker serves. */
const INVISIBLE = 10_000;
const theirs: StartBroker = (...rest) => officialBroker('5.5.0', ...rest);

/** What one broker popped and nobody acknowledged comes again from the other, on the same store. */
interopSuite("what is popped, in a store of ours and Apache's", ['server-5.5.0', 'client-5.5.0'], () => {
  const resources = new Resources();
  const client = resources.add(new RemotingClient(), (it) => it.close());
  let java: JavaClient;
  let nameServer: string;

  beforeAll(async () => {
    java = resources.add(new JavaClient('5.5.0'), (it) => it.close());
    nameServer = resources.add(await ourNameServer(), (it) => it.kill()).address;
  });

  async function open(start: StartBroker, storePath: string): Promise<Server> {
    const server = resources.add(await start(nameServer, storePath), (it) => it.kill());
    await java.registered(nameServer, 'broker-a', server.address);
    return server;
  }

  async function fill(server: Server, topic: string, count: number): Promise<void> {
    await java.createTopic(nameServer, server.address, topic, 1);
    const producer = await java.producer(nameServer);
    for (let i = 0; i < count; i++) await producer.send({ topic, body: `m${i}` }, 0);
    // Apache's broker builds its queues behind the answers. It is asked itself: Java's client may still know the one before.
    const fields = new Map([
      ['topic', topic],
      ['queueId', '0'],
    ]);
    await until('all can be read', async () => {
      const request = RemotingCommand.request(RequestCode.GET_MAX_OFFSET, fields);
      const answer = await client.invoke(server.address, request, 3000);
      return answer.extFields.get('offset') === String(count);
    });
    await producer.stop();
  }

  /** Pops until all of these have come, in any order; gives the tries of each. */
  async function comes(popper: PopClient, topic: string, bodies: readonly string[]): Promise<string[]> {
    const got = new Map<string, number>();
    await until(
      `${bodies.join()} of ${topic} come`,
      async () => {
        const { messages } = await popper.pop(topic);
        for (const message of messages) {
          got.set(message.body, message.record.reconsumeTimes);
          await popper.ack(message);
        }
        return bodies.every((body) => got.has(body));
      },
      PATIENCE_MS,
      () => [...got],
    );
    return [...got].map(([body, tries]) => `${body} ${tries}`).toSorted();
  }

  const ordered = { order: true, queueId: 0, maxMsgNums: 2, invisibleTime: INVISIBLE };

  /** What one pop gets. A broker that is slow at first may answer that there is nothing yet; what it gives is all of it. */
  function popped(popper: PopClient, ...pop: Parameters<PopClient['pop']>): Promise<Popped[]> {
    return until('something is popped', async () => {
      const { messages } = await popper.pop(...pop);
      return messages.length > 0 && messages;
    });
  }

  /** Pops m0 to m4 and acknowledges the first three, in all ways there are; pops m0 and m1 in order, and acknowledges m0. */
  async function pop(server: Server): Promise<void> {
    await fill(server, 'popped', 6);
    await fill(server, 'ordered', 3);
    const popper = new PopClient({ client, address: server.address }, 'G');
    const five = { queueId: 0, maxMsgNums: 5, invisibleTime: INVISIBLE };
    const messages = await popped(popper, 'popped', five);
    expect(messages.map(({ body }) => body)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4']);
    const [m0, , , m3] = messages as [Popped, Popped, Popped, Popped, Popped];
    expect((await popper.ack(m0)).code).toBe(0);
    const [so, pt, it, rq] = m0.receipt.split(' ').map(Number) as [number, number, number, number];
    const batch = { b: [1, 2], c: 'G', it, pt, q: 0, r: '0', rq, so, t: 'popped' };
    expect((await popper.batchAck([batch])).code).toBe(0);
    expect((await popper.change(m3, INVISIBLE + 5000)).code).toBe(0);
    const inOrder = await popped(popper, 'ordered', ordered);
    expect(inOrder.map(({ body }) => body)).toEqual(['m0', 'm1']);
    expect((await popper.ack(inOrder[0] as Popped)).code).toBe(0);
  }

  const pairs = [
    { writer: 'ours', opener: 'theirs', first: ourBroker, second: theirs },
    { writer: 'theirs', opener: 'ours', first: theirs, second: ourBroker },
  ] as const;

  it.each(pairs)('popped by $writer, revived by $opener after a clean stop', async ({ first, second }) => {
    const storePath = resources.directory('store');
    const before = await open(first, storePath);
    await pop(before);
    await before.stop();
    const after = new PopClient({ client, address: (await open(second, storePath)).address }, 'G');
    expect(await comes(after, 'popped', ['m3', 'm4', 'm5'])).toEqual(['m3 1', 'm4 1', 'm5 0']);
    const messages = await popped(after, 'ordered', ordered);
    expect(messages.map(({ body }) => body)).toEqual(['m1', 'm2']);
  });

  // The offset may not have been saved: then what was popped is popped again, and may be revived besides.
  it.each(pairs)('popped by $writer, found by $opener after kill -9', async ({ first, second }) => {
    const storePath = resources.directory('store');
    const before = await open(first, storePath);
    await pop(before);
    await before.kill();
    const after = new PopClient({ client, address: (await open(second, storePath)).address }, 'G');
    const found = await comes(after, 'popped', ['m3', 'm4', 'm5']);
    expect(found).toContain('m5 0');
    expect(await comes(after, 'ordered', ['m1', 'm2'])).toContain('m2 0');
  });
});
