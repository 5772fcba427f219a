import {
  cpSync,
  mkdtempSync,
  openSync,
  closeSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MQAdmin } from '@nest-rocketmq/client';
import { decodeRecord } from '@nest-rocketmq/protocol';
import { ManualClock } from '@nest-rocketmq/runtime';
import { TestBroker } from '../../libs/broker/test/test-broker.ts';
import { COMMIT, ROLLBACK, TransactionPeer, UNKNOWN } from '../../libs/broker/test/transaction-peer.ts';
import { freePort, startBroker, startNameServer } from '../support/our-servers.ts';
import { ServerProcess } from '../support/server-process.ts';
import { TransactionLoad } from './transaction-load.ts';

const CYCLES = Math.min(Number(process.env['CHAOS_CYCLES'] ?? 100), 100);
const SHORT_CYCLES = Math.max(3, Math.floor(CYCLES / 10));
const HALF = 'RMQ_SYS_TRANS_HALF_TOPIC';
const CHECK_MS = 30_000;

/** Where records of the log begin, and where the last one ends. */
function boundaries(commitLog: string): number[] {
  const [file = ''] = readdirSync(commitLog);
  const bytes = readFileSync(join(commitLog, file));
  const found = [0];
  for (let at = 0; ;) {
    const record = decodeRecord(bytes, at);
    if (!record || record.totalSize <= 0) return found;
    at += record.totalSize;
    found.push(at);
  }
}

/** What a power cut, or a kill amid a write, leaves of the log: nothing behind `end`. */
function cut(commitLog: string, end: number, until: number): void {
  const [file = ''] = readdirSync(commitLog);
  const handle = openSync(join(commitLog, file), 'r+');
  writeSync(handle, Buffer.alloc(until - end), 0, until - end, end);
  closeSync(handle);
}

describe('a broker killed at each step of its transactions', () => {
  const decisions = new Map([
    ['A', COMMIT],
    ['B', ROLLBACK],
    ['C', COMMIT],
    ['D', ROLLBACK],
  ]);

  /** Transactions that end by themselves, and others that are asked for; all records of all steps are in the log then. */
  async function fill(clock: ManualClock): Promise<TestBroker> {
    const broker = await TestBroker.start({}, { storeClock: clock });
    const peer = new TransactionPeer(broker);
    peer.now = () => clock.now();
    await peer.join();
    await broker.send('T', 'first');
    const halves = new Map<string, Awaited<ReturnType<TransactionPeer['half']>>>();
    for (const id of decisions.keys()) halves.set(id, await peer.half('T', id, { UNIQ_KEY: id }));
    for (const id of ['A', 'B']) {
      const half = halves.get(id);
      if (half) await peer.end(half, decisions.get(id) ?? UNKNOWN);
    }
    await clock.advanceAsync(CHECK_MS, CHECK_MS);
    for (const question of await peer.asked(2))
      await peer.answer(question, decisions.get(question.header.msgId ?? '') ?? UNKNOWN);
    await broker.send('T', 'last');
    return broker;
  }

  /** Opens what is left, lets the broker ask until nothing is open, and says what can be consumed. */
  async function outcome(directory: string, clock: ManualClock) {
    const broker = await TestBroker.start({}, { storeClock: clock }, directory);
    const peer = new TransactionPeer(broker);
    peer.now = () => clock.now();
    const halvesVisible = (await peer.records('T')).filter(
      ({ body, sysFlag }) => decisions.has(body.toString()) && sysFlag !== COMMIT,
    );
    const known = new Set((await peer.records(HALF)).map((record) => record.property('UNIQ_KEY')));
    await peer.join();
    for (let round = 0, answered = 0; round < 4; round++) {
      await clock.advanceAsync(CHECK_MS, CHECK_MS);
      // A request behind the questions: they are here when it is answered.
      await peer.count(HALF);
      for (; answered < peer.questions.length; answered++) {
        const question = peer.questions[answered];
        if (question) await peer.answer(question, decisions.get(question.header.msgId ?? '') ?? UNKNOWN);
      }
    }
    const asked = peer.questions.length;
    await clock.advanceAsync(CHECK_MS, CHECK_MS);
    await peer.count(HALF);
    expect(peer.questions).toHaveLength(asked);
    const bodies = (await peer.bodies('T')).filter((body) => decisions.has(body)).toSorted();
    await broker.stop();
    return { halvesVisible, known, bodies };
  }

  it('ends every transaction once, as its producer decided', async () => {
    const clock = new ManualClock(Date.now());
    const broker = await fill(clock);
    const folder = mkdtempSync(join(tmpdir(), 'transaction-steps-'));
    try {
      const image = join(folder, 'image');
      cpSync(broker.directory, image, { recursive: true, filter: (path) => !path.endsWith('/lock') });
      await broker.remove();
      const ends = boundaries(join(image, 'store', 'commitlog'));
      const last = ends.at(-1) ?? 0;
      // Half messages, commits, op records and copies of four transactions, and two plain messages.
      expect(ends.length).toBeGreaterThanOrEqual(14);
      // At each boundary, and amid each record's head. (A record whose body is whole counts as whole, as in RocketMQ.)
      const places = ends.flatMap((end) => [end, end + 40]).filter((end) => end <= last);
      for (const place of new Set(places.filter((end) => end > 0))) {
        const directory = join(folder, `cut-${place}`);
        cpSync(image, directory, { recursive: true });
        cut(join(directory, 'store', 'commitlog'), place, last);
        const { halvesVisible, known, bodies } = await outcome(directory, new ManualClock(clock.now()));
        const committed = [...decisions]
          .filter(([id, end]) => end === COMMIT && known.has(id))
          .map(([id]) => id);
        expect([place, halvesVisible, bodies]).toEqual([place, [], committed]);
        rmSync(directory, { recursive: true, force: true });
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('kill -9 under transactions', () => {
  const TOPIC = 'transaction-chaos';
  const QUEUE = { topic: TOPIC, brokerName: 'broker-a', queueId: 0 };
  const BROKER = { transactionTimeOut: 300, transactionCheckInterval: 200, transactionCheckMax: 1000 };
  let folder: string;
  let address: string;
  let admin: MQAdmin;
  let startAgain: () => Promise<ServerProcess>;
  let nameServer: ServerProcess | undefined;
  let broker: ServerProcess | undefined;
  let load: TransactionLoad | undefined;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'transaction-chaos-'));
    const [port, namesrvPort] = [await freePort(), await freePort()];
    address = `127.0.0.1:${namesrvPort}`;
    startAgain = () => startBroker({ folder, port, nameServer: address, config: BROKER });
    nameServer = await startNameServer(folder, namesrvPort);
    broker = await startAgain();
    admin = new MQAdmin({ nameServer: address });
    await admin.start();
    await admin.createTopic({ topic: TOPIC, readQueueNums: 1, writeQueueNums: 1 });
    load = new TransactionLoad({ nameServer: address, topic: TOPIC, lanes: 16 });
  });

  afterEach(async () => {
    await load?.shutdown();
    await admin.shutdown();
    await broker?.kill();
    await nameServer?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What is in the topic once all that is wanted is there, and nothing has been asked for in several rounds. */
  async function settled(wanted: number, checks: () => number): Promise<string[]> {
    const enough = async (): Promise<boolean> => (await admin.maxOffset(QUEUE)) >= wanted;
    await until(enough, 'what was committed is not delivered');
    for (let before = -1; before !== checks();) {
      before = checks();
      await delay(1000);
    }
    return readIds(admin, QUEUE);
  }

  it(`of the broker, ${SHORT_CYCLES} times: what was committed is there once, nothing else is`, async () => {
    const running = load;
    if (!running) throw new Error('no load');
    await running.start();
    for (let cycle = 0; cycle < SHORT_CYCLES; cycle++) {
      const before = running.decisions.size;
      await until(() => running.decisions.size > before, `cycle ${cycle}: nothing was decided`);
      await delay(50 + Math.random() * 300);
      await broker?.kill();
      broker = await startAgain();
    }
    await running.stop();
    const wanted = [...running.decisions].filter(([, end]) => end === 'COMMIT_MESSAGE').map(([id]) => id);
    const ids = await settled(wanted.length, () => running.checks);
    console.log(
      `${SHORT_CYCLES} kills of the broker: ${running.decisions.size} transactions, ${wanted.length} committed, ` +
        `${running.checks} checks`,
    );
    expect(ids.toSorted()).toEqual(wanted.toSorted());
  });

  it('of the producer, 3 times: another of its group answers for what it left', async () => {
    const running = load;
    if (!running) throw new Error('no load');
    const file = join(folder, 'committed');
    writeFileSync(file, '');
    const committed = (): string[] => readFileSync(file, 'utf8').split('\n').filter(Boolean);
    for (let cycle = 0; cycle < 3; cycle++) {
      const before = committed().length;
      const producer = await ServerProcess.start({
        command: process.execPath,
        args: [fileURLToPath(new URL('transaction-producer.js', import.meta.url)), address, TOPIC, file],
        ready: /ready/,
      });
      await until(() => committed().length > before + 20, 'nothing was committed');
      await producer.kill();
    }
    for (const id of committed()) running.decisions.set(id, 'COMMIT_MESSAGE');
    await running.answer();
    const ids = await settled(committed().length, () => running.checks);
    console.log(`3 kills of the producer: ${committed().length} committed, ${running.checks} checks`);
    expect(ids.toSorted()).toEqual(committed().toSorted());
  });
});

async function readIds(
  admin: MQAdmin,
  queue: { topic: string; brokerName: string; queueId: number },
): Promise<string[]> {
  const ids: string[] = [];
  const end = await admin.maxOffset(queue);
  for (let offset = await admin.minOffset(queue); offset < end;) {
    const slice = await admin.readQueue(queue, offset);
    ids.push(...slice.messages.map((message) => message.msgId));
    offset = slice.nextOffset;
  }
  return ids;
}

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(
  condition: () => boolean | Promise<boolean>,
  otherwise: string,
  timeoutMs = 120_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      if (await condition()) return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    if (Date.now() > deadline) throw new Error(otherwise);
    await delay(10);
  }
}
