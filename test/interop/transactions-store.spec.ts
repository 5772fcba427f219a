import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeRecord, type MessageRecord } from '@nest-rocketmq/protocol';
import { afterEach, beforeAll, expect, it } from '@jest/globals';
import { TRANSACTION_TIMES } from './cases/transactions.ts';
import { JavaClient } from './harness/java-client.ts';
import { officialBroker } from './harness/official.ts';
import { ourBroker, ourNameServer } from './harness/ours.ts';
import { Resources } from './harness/resources.ts';
import type { BrokerProperties, Server, StartBroker } from './harness/server.ts';
import { interopSuite } from './harness/suite.ts';
import {
  javaTransactionSender,
  ourTransactionSender,
  type TransactionSender,
} from './harness/transaction-sender.ts';
import { until } from './harness/until.ts';

/** The broker that transactions are begun on never asks for them: it leaves them to the next. */
const NEVER = { transactionTimeOut: 600_000, transactionCheckInterval: 600_000 };
/** The next one does, and often enough that nothing is put aside before the producers are there to be asked. */
const SOON = { transactionTimeOut: 3000, transactionCheckInterval: 3000, transactionCheckMax: 100 };
const HALF = 'RMQ_SYS_TRANS_HALF_TOPIC';
const OP = 'RMQ_SYS_TRANS_OP_HALF_TOPIC';
const GROUP = 'transactions-store';
const commit = { execute: 'COMMIT_MESSAGE', check: 'COMMIT_MESSAGE' } as const;

/**
 * Transactions that one broker leaves open, ended by the other on the same store: what was committed or rolled back before
 * stays so, what is open is asked for and ends as its producer answers.
 */
for (const [version, clientVersion] of [
  ['4.9.7', '4.9.8'],
  ['5.5.0', '5.5.0'],
] as const) {
  interopSuite(
    `transactions in one store, ours and Apache's ${version}`,
    [`server-${version}`, `client-${clientVersion}`],
    () => {
      const resources = new Resources();
      const theirs: StartBroker = (...rest) => officialBroker(version, ...rest);
      let java: JavaClient;
      let nameServer: string;
      let serving: Server | undefined;
      let senders: TransactionSender[] = [];

      beforeAll(async () => {
        java = resources.add(new JavaClient(clientVersion), (it) => it.close());
        nameServer = resources.add(await ourNameServer(), (it) => it.kill()).address;
      });

      async function startSenders(): Promise<void> {
        senders = [
          await javaTransactionSender(java)(nameServer, GROUP),
          await ourTransactionSender(nameServer, `${GROUP}-ours`),
        ];
      }

      async function stopSenders(): Promise<void> {
        await Promise.all(senders.splice(0).map((sender) => sender.stop()));
      }

      afterEach(async () => {
        await stopSenders();
        await serving?.kill();
      });

      async function open(start: StartBroker, storePath: string, times: BrokerProperties): Promise<void> {
        serving = await start(nameServer, storePath, {
          ...TRANSACTION_TIMES,
          ...times,
          mappedFileSizeCommitLog: 16 * 1024 * 1024,
        });
        await java.registered(nameServer, 'broker-a', serving.address);
      }

      const bodies = async (topic: string): Promise<string[]> =>
        (await java.read(nameServer, topic)).map(({ body }) => body.toString()).toSorted();

      it.each([
        { from: 'ours', to: 'theirs', begin: ourBroker, go: theirs, end: 'a clean stop' },
        { from: 'theirs', to: 'ours', begin: theirs, go: ourBroker, end: 'kill -9' },
        ...(version === '5.5.0'
          ? ([{ from: 'ours', to: 'theirs', begin: ourBroker, go: theirs, end: 'kill -9' }] as const)
          : []),
      ] as const)('left open by $from, ended by $to after $end', async ({ from, begin, go, end }) => {
        const storePath = resources.directory('store');
        await open(begin, storePath, NEVER);
        const topic = `tx-${from}-${end.replaceAll(' ', '')}-${version.replaceAll('.', '_')}`;
        await java.createTopic(nameServer, serving?.address ?? '', topic);
        await startSenders();
        for (const [i, sender] of senders.entries()) {
          await sender.send(topic, `committed ${i}`, commit);
          await sender.send(topic, `rolled back ${i}`, { ...commit, execute: 'ROLLBACK_MESSAGE' });
          await sender.send(topic, `to commit ${i}`, { ...commit, execute: 'UNKNOW' });
          await sender.send(topic, `to roll back ${i}`, { execute: 'UNKNOW', check: 'ROLLBACK_MESSAGE' });
        }
        const before = ['committed 0', 'committed 1'];
        await until('what is committed is there', async () => (await bodies(topic)).length === before.length);
        // Op records of all four: without them the next broker asks for what is ended, too.
        await until('the ends are written down', () => ended(storePath) === 4);
        await stopSenders();
        await (end === 'kill -9' ? serving?.kill() : serving?.stop());

        await open(go, storePath, SOON);
        // Other processes of the same groups; a first send makes the new broker known to them, and them to it.
        await startSenders();
        for (const sender of senders) await sender.send(topic, 'new', commit);
        const after = [...before, 'new', 'new', 'to commit 0', 'to commit 1'];
        const what = 'all transactions are ended';
        await until(what, async () => (await bodies(topic)).length >= after.length);
        await until(what, async () => (await asked()).length >= 4);
        expect(await asked()).toEqual(['to commit 0', 'to commit 1', 'to roll back 0', 'to roll back 1']);
        expect(await bodies(topic)).toEqual(after);
      });

      async function asked(): Promise<string[]> {
        const lines = await Promise.all(senders.map((sender) => sender.checked()));
        return lines
          .flat()
          .map((line) => line.split(' ').slice(3).join(' '))
          .toSorted();
      }

      it('keeps half messages and committed ones as the other does', async () => {
        const topic = `tx-layout-${version.replaceAll('.', '_')}`;
        const found: unknown[][] = [];
        for (const start of [ourBroker, theirs]) {
          const storePath = resources.directory('store');
          await open(start, storePath, NEVER);
          await java.createTopic(nameServer, serving?.address ?? '', topic, 1);
          const sender = await ourTransactionSender(nameServer, GROUP);
          await sender.send(topic, 'open', { execute: 'UNKNOW', check: 'UNKNOW' });
          await sender.send(topic, 'done', commit);
          await sender.stop();
          await until('it is committed', async () => (await bodies(topic)).length === 1);
          const [half] = stored(storePath, HALF);
          const [done] = stored(storePath, topic);
          // 4.9 leaves the properties of the half in the committed message.
          found.push([half && content(half), version === '5.5.0' && done && content(done)]);
          await serving?.kill();
        }
        expect(found[0]).toEqual(found[1]);
      });
    },
  );
}

/** The records of a topic in the store, as they lie in the first file of the log. */
function stored(storePath: string, topic: string): MessageRecord[] {
  const commitLog = join(storePath, 'commitlog');
  const bytes = readFileSync(join(commitLog, readdirSync(commitLog).toSorted()[0] ?? ''));
  const records: MessageRecord[] = [];
  for (let at = 0, record = decodeRecord(bytes, 0); record; record = decodeRecord(bytes, at)) {
    if (record.topic === topic) records.push(record);
    at += record.totalSize;
  }
  return records;
}

/** How many half messages the op records say are done. */
function ended(storePath: string): number {
  return stored(storePath, OP).flatMap(({ body }) => body.toString().split(',').filter(Boolean)).length;
}

/** What does not depend on the time, the reader, or on the line of versions that the broker is of. */
function content({ queueId, sysFlag, flag, body, properties }: MessageRecord): unknown {
  const others = [...properties].filter(([name]) => !VARYING.has(name));
  return { queueId, sysFlag, flag, body: body.toString(), properties: Object.fromEntries(others) };
}

const VARYING = new Set(['UNIQ_KEY', '__transactionId__', 'MSG_REGION', 'TRACE_ON', 'WAIT', 'CLUSTER']);
