import { Tick, type Connection } from '@nest-rocketmq/remoting';
import { Selection } from '@nest-rocketmq/store';
import { decodeRecords } from '@nest-rocketmq/protocol';
import { TestBroker } from '../../test/test-broker.ts';
import type { AdmittedPull } from './pull-admission.ts';
import { BacklogPulls } from './backlog-pulls.ts';
import type { PullRequest } from './pull-request.ts';

const MiB = 1024 * 1024;
const END = 1000 * MiB;

describe('BacklogPulls', () => {
  let tick: Tick;
  let pulls: BacklogPulls;
  let answered: number[];
  const connection = { closed: false } as Connection;

  beforeEach(() => {
    tick = new Tick();
    pulls = new BacklogPulls({ writtenOffset: END }, tick);
    answered = [];
    pulls.answerWith((_, __, selection) => answered.push(selection.positions[0] ?? -1));
  });

  /** @returns whether the pull waits */
  function offer(position: number, of = connection): boolean {
    const selection = new Selection();
    selection.add(position, 100, 0);
    return pulls.take({ connection: of } as PullRequest, {} as AdmittedPull, selection) !== undefined;
  }

  const nextTick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('answers in the order of the log, some in a tick, and the others in the next', () => {
    const positions = Array.from({ length: 40 }, (_, i) => ((i * 7) % 40) * MiB);
    for (const position of positions) expect(offer(position)).toBe(true);
    const ordered = positions.toSorted((a, b) => a - b);
    pulls.serve();
    expect(answered).toEqual(ordered.slice(0, 16));
    pulls.serve();
    pulls.serve();
    expect(answered).toEqual(ordered);
  });

  it('asks for the ticks it needs', async () => {
    tick.onCommit(() => pulls.serve());
    for (let i = 0; i < 20; i++) offer(i * MiB);
    await nextTick();
    expect(answered).toHaveLength(16);
    await nextTick();
    expect(answered).toHaveLength(20);
  });

  it('passes a reader that is ahead over for a while, and not for ever', () => {
    offer(900 * MiB);
    let ticks = 0;
    while (!answered.includes(900 * MiB)) {
      for (let i = 0; i < 16; i++) offer(i * MiB);
      pulls.serve();
      ticks++;
    }
    expect(ticks).toBe(9);
  });

  it('has those wait for nothing that are close to the end, or come when too many wait', () => {
    expect(offer(END - MiB)).toBe(false);
    for (let i = 0; i < 1024; i++) expect(offer(0)).toBe(true);
    expect(offer(0)).toBe(false);
    pulls.serve();
    expect(offer(0)).toBe(true);
  });

  it('reads nothing for a client that is gone, and nothing after its end', () => {
    offer(MiB, { closed: true } as Connection);
    offer(2 * MiB);
    pulls.serve();
    expect(answered).toEqual([2 * MiB]);
    offer(3 * MiB);
    pulls.shutdown();
    pulls.serve();
    expect(answered).toEqual([2 * MiB]);
  });
});

describe('pulls of old messages', () => {
  const QUEUES = 4;
  const MESSAGES = 50;
  let broker: TestBroker;

  beforeAll(async () => {
    broker = await TestBroker.start();
    const filling = Buffer.alloc(60_000, 'x');
    for (let i = 0; i < MESSAGES; i++) {
      for (let queueId = 0; queueId < QUEUES; queueId++)
        await broker.send('T', Buffer.concat([Buffer.from(`${queueId}-${i} `), filling]), { queueId });
    }
  });

  afterAll(() => broker.remove());

  it('get, however many come at once, what each asked for', async () => {
    const asked = Array.from({ length: 100 }, (_, i) => ({ queueId: i % QUEUES, offset: (i * 13) % 30 }));
    const answers = await Promise.all(
      asked.map(({ queueId, offset }) => broker.pull('CG', 'T', queueId, offset, { maxMsgNums: 3 })),
    );
    for (const [i, { queueId, offset }] of asked.entries()) {
      expect(answers[i]?.code).toBe(0);
      const records = decodeRecords(answers[i]?.body ?? Buffer.alloc(0));
      const texts = records.map((record) => record.body.toString('utf8').replace(/ x+$/, ''));
      expect(texts).toEqual([0, 1, 2].map((n) => `${queueId}-${offset + n}`));
    }
  });
});
