import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from '@jest/globals';
import { smallFiles, StoreContent } from './cases/store-content.ts';
import { JavaClient } from './harness/java-client.ts';
import { officialBroker } from './harness/official.ts';
import { ourBroker, ourNameServer } from './harness/ours.ts';
import { Resources } from './harness/resources.ts';
import type { Server, StartBroker } from './harness/server.ts';
import { interopSuite } from './harness/suite.ts';

/**
 * One store, handed from broker to broker: each opens what the one before left, finds all of it, and adds to it. So the
 * cases of a version build on each other, in this order.
 */
for (const [version, clientVersion] of [
  ['4.9.7', '4.9.8'],
  ['5.5.0', '5.5.0'],
] as const) {
  interopSuite(
    `one store, ours and Apache's ${version}`,
    [`server-${version}`, `client-${clientVersion}`],
    () => {
      const resources = new Resources();
      const theirs: StartBroker = (...rest) => officialBroker(version, ...rest);
      let java: JavaClient;
      let nameServer: string;
      let storePath: string;
      let content: StoreContent;
      let serving: Server;

      async function open(start: StartBroker): Promise<void> {
        serving = resources.add(await start(nameServer, storePath, smallFiles), (it) => it.kill());
        await java.registered(nameServer, 'broker-a', serving.address);
      }

      beforeAll(async () => {
        java = resources.add(new JavaClient(clientVersion), (it) => it.close());
        nameServer = resources.add(await ourNameServer(), (it) => it.kill()).address;
        storePath = resources.directory('store');
        content = new StoreContent(java, nameServer, storePath, version !== '4.9.7');
        await open(ourBroker);
        await content.createTopics(serving.address);
      });

      const abort = () => existsSync(join(storePath, 'abort'));

      it.each([
        { writer: 'ours', opener: 'theirs', start: theirs, end: 'a clean stop' },
        { writer: 'theirs', opener: 'ours', start: ourBroker, end: 'a clean stop' },
        { writer: 'ours', opener: 'theirs', start: theirs, end: 'kill -9' },
        { writer: 'theirs', opener: 'ours', start: ourBroker, end: 'kill -9' },
      ] as const)(
        'written by $writer, opened by $opener after $end',
        async ({ writer, opener, start, end }) => {
          const round = `${writer} until ${end}`.replaceAll(' ', '-');
          await content.fill(round);
          const before = await content.snapshot();
          expect(before.messages.some((message) => message.body.toString() === `${round} rest 3`)).toBe(true);
          expect(readdirSync(join(storePath, 'commitlog')).length).toBeGreaterThan(1);
          await (end === 'kill -9' ? serving.kill() : serving.stop());
          expect(abort()).toBe(end === 'kill -9');

          await open(start);
          const after = await content.snapshot();
          expect(after).toEqual(before);
          expect(await content.consume()).toEqual([0, 1, 2, 3].map((queueId) => `${round} rest ${queueId}`));
          await content.delayedArrived(round);
          expect(opener).not.toBe(writer);
        },
      );
    },
  );
}
