import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from '@jest/globals';
import { RECALLS } from './cases/timers.ts';
import { JavaClient } from './harness/java-client.ts';
import { officialBroker } from './harness/official.ts';
import { ourBroker, ourNameServer } from './harness/ours.ts';
import { Resources } from './harness/resources.ts';
import type { Server, StartBroker } from './harness/server.ts';
import { interopSuite } from './harness/suite.ts';
import { ourTimerSender } from './harness/timer-sender.ts';
import { until } from './harness/until.ts';

const TOPIC = 'pending';
const LATER = ['a', 'b', 'c', 'd', 'e'];

/** Small files, so that the cases on one store fill more than one of the timer log. */
const SETTINGS = { ...RECALLS, mappedFileSizeCommitLog: 1024 * 1024, mappedFileSizeTimerLog: 8 * 52 + 16 };

/**
 * A store with messages that wait for their time, handed from broker to broker. The cases build on each other, in this
 * order. 4.9 has no timers.
 */
interopSuite("timers in one store, ours and Apache's 5.5.0", ['server-5.5.0', 'client-5.5.0'], () => {
  const resources = new Resources();
  const theirs: StartBroker = (...rest) => officialBroker('5.5.0', ...rest);
  let java: JavaClient;
  let nameServer: string;
  let storePath: string;
  let serving: Server;

  async function open(start: StartBroker): Promise<void> {
    serving = resources.add(await start(nameServer, storePath, SETTINGS), (it) => it.kill());
    await java.registered(nameServer, 'broker-a', serving.address);
  }

  beforeAll(async () => {
    java = resources.add(new JavaClient('5.5.0'), (it) => it.close());
    nameServer = resources.add(await ourNameServer(), (it) => it.kill()).address;
    storePath = resources.directory('store');
    await open(ourBroker);
    await java.createTopic(nameServer, serving.address, TOPIC, 1);
  });

  /** What has been delivered of a round: the time of each delivery, by body. */
  async function delivered(round: string): Promise<Map<string, number[]>> {
    const found = new Map<string, number[]>();
    for (const { body, storeTimestamp } of await java.read(nameServer, TOPIC)) {
      const [of = '', name = ''] = body.toString().split(' ');
      if (of === round) found.set(name, [...(found.get(name) ?? []), storeTimestamp]);
    }
    return found;
  }

  it.each([
    { writer: 'ours', opener: 'theirs', start: theirs, end: 'a clean stop' },
    { writer: 'theirs', opener: 'ours', start: ourBroker, end: 'a clean stop' },
    { writer: 'ours', opener: 'theirs', start: theirs, end: 'kill -9' },
    { writer: 'theirs', opener: 'ours', start: ourBroker, end: 'kill -9' },
  ] as const)('left by $writer, delivered by $opener after $end', async ({ writer, start, end }) => {
    const round = `${writer}-${end === 'kill -9' ? 'killed' : 'stopped'}`;
    const sender = await ourTimerSender(nameServer);
    const base = Date.now() + 4500;
    await sender.send(TOPIC, `${round} before`, { delayTimeMs: 600 });
    for (const [i, name] of LATER.entries())
      await sender.send(TOPIC, `${round} ${name}`, { deliverTimeMs: base + i * 300 });
    const recalled = await sender.send(TOPIC, `${round} recalled`, { deliverTimeMs: base });
    await sender.recall(TOPIC, recalled.recallHandle ?? '');
    await until('the first one is delivered', async () => (await delivered(round)).has('before'));
    await (end === 'kill -9' ? serving.kill() : serving.stop());
    for (const file of ['timerwheel', 'timerlog', 'config/timercheck', 'config/timermetrics'])
      expect([file, existsSync(join(storePath, file)) || end === 'kill -9']).toEqual([file, true]);

    await open(start);
    await until('all are delivered', async () => {
      const found = await delivered(round);
      return LATER.every((name) => found.has(name));
    });
    await until('one that is sent now is delivered', async () => {
      await sender.send(TOPIC, `${round} after`, { delayTimeMs: 500 });
      return (await delivered(round)).has('after');
    });
    await sender.stop();
    const found = await delivered(round);
    expect(found.has('recalled')).toBe(false);
    for (const [i, name] of LATER.entries())
      expect(found.get(name)?.[0]).toBeGreaterThanOrEqual(base + i * 300);
    // After kill -9 what was delivered last may come again.
    const atMost = end === 'kill -9' ? 2 : 1;
    for (const name of ['before', ...LATER]) expect(found.get(name)?.length).toBeLessThanOrEqual(atMost);
  });
});
