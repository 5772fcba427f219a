import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from '@jest/globals';
import { DefaultMQPushConsumer, MessageSelector, MQAdmin } from '@nest-rocketmq/client';
import { officialBroker, type ServerVersion } from './harness/official.ts';
import { ourBroker, ourNameServer } from './harness/ours.ts';
import { PATIENT } from './harness/patient.ts';
import { Resources } from './harness/resources.ts';
import type { StartBroker } from './harness/server.ts';
import { interopSuite } from './harness/suite.ts';
import { until } from './harness/until.ts';

const [TOPIC, GROUP] = ['filtered', 'filtering'];
const SETTINGS = { enablePropertyFilter: true };

/** The entry of a group in `consumerFilter.json`. */
interface Entry {
  bornTime: number;
  deadTime: number;
  clientVersion: number;
}

/** What a broker keeps of what groups filter by, handed to the other. */
for (const version of ['4.9.7', '5.5.0'] as const satisfies readonly ServerVersion[]) {
  interopSuite(`consumerFilter.json, ours and Apache's ${version}`, [`server-${version}`], () => {
    const resources = new Resources();
    const theirs: StartBroker = (...rest) => officialBroker(version, ...rest);
    let nameServer: string;

    beforeAll(async () => {
      nameServer = resources.add(await ourNameServer(), (it) => it.kill()).address;
    });

    function entryIn(storePath: string): Entry {
      const file = readFileSync(join(storePath, 'config', 'consumerFilter.json'), 'utf8');
      const { filterDataByTopic } = JSON.parse(file) as {
        filterDataByTopic: Record<string, { groupFilterData: Record<string, Entry>; topic: string }>;
      };
      expect(filterDataByTopic[TOPIC]?.topic).toBe(TOPIC);
      return filterDataByTopic[TOPIC]?.groupFilterData[GROUP] as Entry;
    }

    /** What a broker of that make writes of a consumer that was there. */
    async function written(start: StartBroker): Promise<{ storePath: string; entry: Entry }> {
      const storePath = resources.directory('store');
      const broker = resources.add(await start(nameServer, storePath, SETTINGS), (it) => it.kill());
      const admin = new MQAdmin({ nameServer, ...PATIENT });
      await admin.start();
      await admin.createTopic({ topic: TOPIC, queueNums: 1 }, { broker: broker.address });
      await until('the topic has its route', async () => {
        const { brokerDatas } = await admin.topicRoute(TOPIC);
        return brokerDatas.some(({ brokerAddrs }) => [...brokerAddrs.values()].includes(broker.address));
      });
      const consumer = new DefaultMQPushConsumer({ group: GROUP, nameServer, ...PATIENT });
      consumer.subscribe(TOPIC, MessageSelector.bySql("a > 5 AND b = 'x'"));
      consumer.onMessage(() => undefined);
      await consumer.start();
      // What it knows of the group it has heard with the filter.
      await until('the group is online', async () => {
        return (await admin.consumerConnection(GROUP)).connectionSet.length > 0;
      });
      await consumer.shutdown();
      await admin.shutdown();
      await broker.stop();
      return { storePath, entry: entryIn(storePath) };
    }

    it('is written in the same form by both, and read by both', async () => {
      const [java, ours] = [await written(theirs), await written(ourBroker)];
      const { bornTime, deadTime, clientVersion } = ours.entry;
      expect({ ...java.entry, bornTime, deadTime, clientVersion }).toEqual(ours.entry);
      expect(Object.keys(ours.entry)).toEqual(Object.keys(java.entry));
      expect(deadTime).toBeGreaterThanOrEqual(bornTime);

      for (const [{ storePath, entry }, start] of [
        [ours, theirs],
        [java, ourBroker],
      ] as const) {
        const broker = resources.add(await start(nameServer, storePath, SETTINGS), (it) => it.kill());
        await broker.stop();
        expect(entryIn(storePath)).toEqual(entry);
      }
    });
  });
}
