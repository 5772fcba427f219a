import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RequestCode, ResponseCode } from '@nest-rocketmq/protocol';
import { ManualClock } from '@nest-rocketmq/runtime';
import { nodeFileSystem, type FileSystem } from '@nest-rocketmq/store';
import { TestBroker } from '../../test/test-broker.ts';
import { COMMIT, ROLLBACK, TransactionPeer, UNKNOWN } from '../../test/transaction-peer.ts';

const HALF = 'RMQ_SYS_TRANS_HALF_TOPIC';
const OP = 'RMQ_SYS_TRANS_OP_HALF_TOPIC';

describe('a transaction', () => {
  let broker: TestBroker;
  let peer: TransactionPeer;

  beforeEach(async () => {
    broker = await TestBroker.start();
    peer = new TransactionPeer(broker);
    await broker.send('T', 'before');
  });

  afterEach(() => broker.remove());

  it('shows nothing before it is committed', async () => {
    await peer.half('T', 'pay');
    expect(await peer.bodies('T')).toEqual(['before']);
    const [half] = await peer.records(HALF);
    expect(half?.sysFlag).toBe(0);
    expect(Object.fromEntries(half?.properties ?? [])).toMatchObject({
      TRAN_MSG: 'true',
      PGROUP: 'PG',
      REAL_TOPIC: 'T',
      REAL_QID: '0',
      __transactionId__: half?.property('UNIQ_KEY'),
    });
  });

  it('delivers the message when it is committed, as it was sent', async () => {
    const place = await peer.half('T', 'pay', { TAGS: 'a', KEYS: 'k', UNIQ_KEY: 'U1', own: 'x' });
    expect((await peer.end(place, COMMIT)).code).toBe(ResponseCode.SUCCESS);
    const record = (await peer.records('T'))[1];
    expect(record?.body.toString()).toBe('pay');
    expect(record?.sysFlag).toBe(COMMIT);
    expect(record?.preparedTransactionOffset).toBe(place.commitLogOffset);
    const properties = Object.fromEntries(record?.properties ?? []);
    expect(properties).toMatchObject({ TAGS: 'a', KEYS: 'k', UNIQ_KEY: 'U1', own: 'x', PGROUP: 'PG' });
    expect(properties['__transactionId__']).toBe('U1');
    expect(properties['TRAN_MSG']).toBe('true');
    for (const name of ['REAL_TOPIC', 'REAL_QID']) expect(properties).not.toHaveProperty(name);
  });

  it('answers a half message with the queue it is for', async () => {
    const answer = await broker.send('T', 'x', {
      queueId: 3,
      properties: { TRAN_MSG: 'true', PGROUP: 'PG' },
    });
    expect(Object.fromEntries(answer.extFields)).toMatchObject({ queueId: '3', queueOffset: '0' });
  });

  it('notes what is done in op records, in the form that all versions read', async () => {
    const places = [await peer.half('T', 'a'), await peer.half('T', 'b'), await peer.half('T', 'c')];
    await Promise.all(places.map((place, i) => peer.end(place, i === 1 ? ROLLBACK : COMMIT)));
    await broker.send('T', 'x');
    const ops = await peer.records(OP);
    expect(ops.map((op) => [op.body.toString(), op.property('TAGS')])).toEqual([
      ['0', 'd'],
      ['1', 'd'],
      ['2', 'd'],
    ]);
    expect(await peer.bodies('T')).toEqual(['before', 'a', 'c', 'x']);
  });

  it('commits once, however often it is told', async () => {
    const place = await peer.half('T', 'pay');
    const codes = [await peer.end(place, COMMIT), await peer.end(place, COMMIT)].map((answer) => answer.code);
    expect(codes).toEqual([0, 0]);
    expect(await peer.bodies('T')).toEqual(['before', 'pay']);
    expect(await peer.count(OP)).toBe(1);
  });

  it('believes a commit that comes after a rollback: the message must not be lost', async () => {
    const place = await peer.half('T', 'pay');
    await peer.end(place, ROLLBACK);
    expect(await peer.bodies('T')).toEqual(['before']);
    await peer.end(place, COMMIT);
    await peer.end(place, ROLLBACK);
    expect(await peer.bodies('T')).toEqual(['before', 'pay']);
  });

  it('case 21: END_TRANSACTION unknown: no response frame', async () => {
    const place = await peer.half('T', 'x');
    const failure = await peer.end(place, UNKNOWN, {}, 300).catch((error: { code: string }) => error.code);
    expect(failure).toBe('TIMEOUT');
    expect(await peer.count(OP)).toBe(0);
  });

  it('case 22: END_TRANSACTION wrong group: SYSTEM_ERROR, half remains', async () => {
    const place = await peer.half('T', 'x');
    const answer = await peer.end(place, COMMIT, { producerGroup: 'other' });
    expect([answer.code, answer.remark]).toEqual([ResponseCode.SYSTEM_ERROR, 'The producer group wrong']);
    expect(await peer.count(OP)).toBe(0);
    expect((await peer.end(place, COMMIT)).code).toBe(0);
    expect(await peer.bodies('T')).toEqual(['before', 'x']);
  });

  it.each([
    ['a queue offset of another', { tranStateTableOffset: 7 }, 'The transaction state table offset wrong'],
    ['a place where no message starts', { commitLogOffset: 1 }, 'Find prepared transaction message failed'],
    ['a place before the log', { commitLogOffset: -1 }, 'Find prepared transaction message failed'],
    ['a message that is no half', { commitLogOffset: 0 }, 'Find prepared transaction message failed'],
  ])('is not ended by %s', async (_what, options, remark) => {
    const place = await peer.half('T', 'x');
    const answer = await peer.end(place, COMMIT, options);
    expect([answer.code, answer.remark]).toEqual([ResponseCode.SYSTEM_ERROR, remark]);
    expect(await peer.bodies('T')).toEqual(['before']);
  });

  it('refuses a half message that is delayed, in a batch, or without TRAN_MSG', async () => {
    const half = { TRAN_MSG: 'true', PGROUP: 'PG' };
    const answers = [
      await broker.send('T', 'x', { properties: { ...half, DELAY: '3' } }),
      await broker.send('T', 'x', { properties: { ...half, TIMER_DELAY_SEC: '3' } }),
      await broker.send('T', 'x', { properties: half, batch: true }),
      await broker.send('T', 'x', { sysFlag: 4 }),
    ];
    expect(answers.map((answer) => answer.code)).toEqual(Array(4).fill(ResponseCode.MESSAGE_ILLEGAL));
    expect(await peer.count(HALF)).toBe(0);
  });

  it('takes no half message with rejectTransactionMessage', async () => {
    await broker.remove();
    broker = await TestBroker.start({ rejectTransactionMessage: true });
    const answer = await broker.send('T', 'x', { properties: { TRAN_MSG: 'true' } });
    expect(answer.code).toBe(ResponseCode.NO_PERMISSION);
  });

  it('is open or ended after a restart as before', async () => {
    const [first, second] = [await peer.half('T', 'a'), await peer.half('T', 'b')];
    await peer.end(first, COMMIT);
    const { directory } = broker;
    await broker.stop();
    broker = await TestBroker.start({}, {}, directory);
    peer = new TransactionPeer(broker);
    expect(await peer.bodies('T')).toEqual(['before', 'a']);
    await peer.end(first, COMMIT);
    await peer.end(second, COMMIT);
    expect(await peer.bodies('T')).toEqual(['before', 'a', 'b']);
  });
});

describe('a transaction that nobody decides', () => {
  const TIMES = { transactionTimeOut: 6000, transactionCheckInterval: 30_000, transactionCheckMax: 3 };
  let clock: ManualClock;
  let broker: TestBroker;
  let peer: TransactionPeer;

  beforeEach(async () => {
    clock = new ManualClock(Date.now());
    await start(TIMES);
  });

  afterEach(() => broker.remove());

  async function start(
    config: Parameters<typeof TestBroker.start>[0],
    directory?: string,
    fileSystem?: FileSystem,
  ): Promise<void> {
    broker = await TestBroker.start(config, { storeClock: clock, fileSystem }, directory);
    peer = new TransactionPeer(broker);
    peer.now = () => clock.now();
    await broker.send('T', 'before');
    await peer.join();
  }

  const round = (): Promise<void> => clock.advanceAsync(30_000, 30_000);

  function offsets(): { half: number; op: number } {
    const file = join(broker.directory, 'store', 'config', 'consumerOffset.json');
    const text = readFileSync(file, 'utf8').replace(/\s/g, '');
    const of = (topic: string): number =>
      Number(new RegExp(`"${topic}@CID_RMQ_SYS_TRANS":{"?0"?:(\\d+)`).exec(text)?.[1] ?? -1);
    return { half: of(HALF), op: of(OP) };
  }

  it('is asked for, and ends as its producer says', async () => {
    await peer.half('T', 'a', { UNIQ_KEY: 'A' });
    await peer.half('T', 'b', { UNIQ_KEY: 'B' });
    await round();
    const questions = await peer.asked(2);
    expect(questions.map(({ header, record }) => [header.msgId, header.topic, record.topic])).toEqual([
      ['A', HALF, 'T'],
      ['B', HALF, 'T'],
    ]);
    expect(questions.map(({ header }) => header.tranStateTableOffset)).toEqual([2, 3]);
    const [first, second] = questions;
    if (!first || !second) throw new Error('not asked');
    expect(first.record.body.toString()).toBe('a');
    expect(first.record.property('TRANSACTION_CHECK_TIMES')).toBe('1');
    await peer.answer(first, COMMIT);
    await peer.answer(second, ROLLBACK);
    await round();
    await broker.send('T', 'x');
    expect(await peer.bodies('T')).toEqual(['before', 'a', 'x']);
    expect(peer.questions).toHaveLength(2);
  });

  it('is not asked for before transactionTimeOut is over', async () => {
    await clock.advanceAsync(25_000, 25_000);
    await peer.half('T', 'a');
    await clock.advanceAsync(5_000, 5_000);
    await broker.send('T', 'x');
    expect(await peer.count(HALF)).toBe(1);
    await round();
    await peer.asked(1);
  });

  it('case 20: half message, producer gone: checked every 30 s, then TRANS_CHECK_MAX_TIME_TOPIC', async () => {
    await broker.remove();
    await start({ ...TIMES, transactionCheckMax: 15 });
    await peer.half('T', 'a', { UNIQ_KEY: 'A', PGROUP: 'gone' });
    for (let i = 1; i <= 15; i++) {
      await round();
      expect(await peer.count(HALF)).toBe(i + 1);
    }
    expect(await peer.count('TRANS_CHECK_MAX_TIME_TOPIC')).toBe(0);
    await round();
    const [parked] = await peer.records('TRANS_CHECK_MAX_TIME_TOPIC');
    expect(parked?.property('UNIQ_KEY')).toBe('A');
    expect(parked?.property('TRANSACTION_CHECK_TIMES')).toBe('15');
    await round();
    expect(await peer.count(HALF)).toBe(16);
    expect(await peer.count('TRANS_CHECK_MAX_TIME_TOPIC')).toBe(1);
  });

  it('can still be committed after it was given up', async () => {
    const place = await peer.half('T', 'late', { PGROUP: 'PG' });
    for (let i = 0; i < 5; i++) await round();
    expect(await peer.count('TRANS_CHECK_MAX_TIME_TOPIC')).toBe(1);
    await peer.end(place, COMMIT);
    expect(await peer.bodies('T')).toEqual(['before', 'late']);
  });

  it('is checked anew after it was given up, when an operator wants that', async () => {
    await peer.half('T', 'late', { UNIQ_KEY: 'L' });
    for (let i = 0; i < 5; i++) await round();
    const [parked] = await peer.records('TRANS_CHECK_MAX_TIME_TOPIC');
    const asked = peer.questions.length;
    const resume = (msgId: string) => broker.ask(RequestCode.RESUME_CHECK_HALF_MESSAGE, { msgId });
    expect((await resume(parked?.offsetMsgId ?? '')).code).toBe(ResponseCode.SUCCESS);
    await round();
    await peer.asked(asked + 1);
    const question = peer.questions.at(-1);
    expect(question?.header.msgId).toBe('L');
    expect(question?.record.property('TRANSACTION_CHECK_TIMES')).toBe('1');
    if (question) await peer.answer(question, COMMIT);
    // Resumed once more, and committed once more, it is delivered once.
    await resume(parked?.offsetMsgId ?? '');
    await round();
    await peer.asked(asked + 2);
    const again = peer.questions.at(-1);
    if (again) await peer.answer(again, COMMIT);
    expect(await peer.bodies('T')).toEqual(['before', 'late']);
    await round();
    expect(peer.questions).toHaveLength(asked + 2);
  });

  it('is not checked anew under an id that is none of one that was given up', async () => {
    const place = await peer.half('T', 'a');
    const [before] = await peer.records('T');
    const [half] = await peer.records(HALF);
    for (const msgId of ['', 'x', before?.offsetMsgId ?? '', half?.offsetMsgId ?? '']) {
      const answer = await broker.ask(RequestCode.RESUME_CHECK_HALF_MESSAGE, { msgId });
      expect(answer.code).toBe(ResponseCode.SYSTEM_ERROR);
    }
    expect(place.queueOffset).toBe(0);
    expect(await peer.count(HALF)).toBe(1);
  });

  it('is given up when it is older than the log is kept', async () => {
    await broker.remove();
    await start({ ...TIMES, fileReservedTime: 1 });
    peer.now = () => clock.now() - 3_700_000;
    await peer.half('T', 'a');
    await round();
    expect(await peer.count('TRANS_CHECK_MAX_TIME_TOPIC')).toBe(1);
    expect(peer.questions).toEqual([]);
  });

  it('is asked for only when its copy is flushed, under SYNC_FLUSH: the answer comes at once', async () => {
    await broker.remove();
    const held: (() => void)[] = [];
    let holding = false;
    const fileSystem: FileSystem = Object.assign(Object.create(nodeFileSystem) as FileSystem, {
      fdatasync: (fd: number, done: (error: Error | null) => void) => {
        const flush = (): void => nodeFileSystem.fdatasync(fd, done);
        if (holding) held.push(flush);
        else flush();
      },
    });
    await start({ ...TIMES, flushDiskType: 'SYNC_FLUSH' }, undefined, fileSystem);
    await peer.half('T', 'a');
    holding = true;
    await round();
    // Answered after the copy was written, and before it is flushed.
    await peer.count(HALF);
    expect(peer.questions).toEqual([]);
    holding = false;
    for (const flush of held) flush();
    const [question] = await peer.asked(1);
    expect(question && (await peer.answer(question, COMMIT)).code).toBe(0);
    await broker.send('T', 'x');
    expect(await peer.bodies('T')).toEqual(['before', 'a', 'x']);
  });

  it('ends by its first place after it was put back, and is not asked for again', async () => {
    const place = await peer.half('T', 'slow', { UNIQ_KEY: 'S' });
    await round();
    const [question] = await peer.asked(1);
    await peer.end(place, COMMIT);
    await round();
    if (question) await peer.answer(question, COMMIT);
    await round();
    expect(await peer.bodies('T')).toEqual(['before', 'slow']);
    expect(peer.questions).toHaveLength(1);
  });

  it('keeps its progress as offsets of CID_RMQ_SYS_TRANS, and goes on from there', async () => {
    const done = await peer.half('T', 'a');
    await peer.end(done, ROLLBACK);
    await peer.half('T', 'b', { UNIQ_KEY: 'B' });
    await round();
    await peer.asked(1);
    const { directory } = broker;
    await broker.stop();
    expect(offsets()).toEqual({ half: 2, op: 2 });
    await start(TIMES, directory);
    await round();
    const [question] = await peer.asked(1);
    expect(question?.header.msgId).toBe('B');
    expect(question?.record.property('TRANSACTION_CHECK_TIMES')).toBe('2');
    expect(question?.record.property('TRAN_PREPARED_QUEUE_OFFSET')).toBe('1');
  });

  describe('with CHECK_IMMUNITY_TIME_IN_SECONDS', () => {
    it('is left alone for so long, without losing checks', async () => {
      await peer.half('T', 'a', { CHECK_IMMUNITY_TIME_IN_SECONDS: '100' });
      for (let i = 0; i < 3; i++) await round();
      expect(await peer.count(HALF)).toBe(4);
      expect(peer.questions).toEqual([]);
      await round();
      const [question] = await peer.asked(1);
      expect(question?.record.property('TRANSACTION_CHECK_TIMES')).toBe('1');
      expect(question?.record.property('TRAN_PREPARED_QUEUE_OFFSET')).toBe('0');
    });

    it('may ask for an earlier check than others get', async () => {
      await clock.advanceAsync(27_000, 27_000);
      await peer.half('T', 'a', { CHECK_IMMUNITY_TIME_IN_SECONDS: '2' });
      await clock.advanceAsync(3_000, 3_000);
      expect(await peer.asked(1)).toHaveLength(1);
    });

    it('does not end on its own account after that time: ILLEGAL_OPERATION', async () => {
      const place = await peer.half('T', 'a', { CHECK_IMMUNITY_TIME_IN_SECONDS: '10' });
      await clock.advanceAsync(10_001, 10_001);
      expect((await peer.end(place, COMMIT)).code).toBe(ResponseCode.ILLEGAL_OPERATION);
      expect((await peer.end(place, COMMIT, { fromTransactionCheck: true })).code).toBe(0);
    });

    it('ends by its first place after it was put back', async () => {
      const place = await peer.half('T', 'a', { CHECK_IMMUNITY_TIME_IN_SECONDS: '100' });
      await round();
      await peer.end(place, COMMIT);
      for (let i = 0; i < 5; i++) await round();
      expect(peer.questions).toEqual([]);
      expect(await peer.bodies('T')).toEqual(['before', 'a']);
    });
  });

  it('asks for many without holding up the others, in order', async () => {
    await Promise.all(Array.from({ length: 1200 }, (_, i) => peer.half('T', `m${i}`)));
    await round();
    await clock.advanceAsync(100, 10);
    const questions = await peer.asked(1200);
    const offsetsAsked = questions.map(({ header }) => header.tranStateTableOffset);
    expect(offsetsAsked).toEqual(Array.from({ length: 1200 }, (_, i) => 1200 + i));
  });
});
