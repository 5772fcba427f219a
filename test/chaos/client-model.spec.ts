import fc from 'fast-check';
import { Assign, Commit, PollAll, Seek } from './client-model/assigned.ts';
import { KEYS, Model, QUEUES, TAGS, type Selection, type Spec } from './client-model/model.ts';
import {
  Bounds,
  ConsumeAll,
  Find,
  GroupOffsets,
  Pull,
  SearchByTime,
  SetGroupOffset,
} from './client-model/reading.ts';
import { Servers, type Real } from './client-model/real.ts';
import { Send, SendBatch, SendInTransaction, SendOneway, SendToHeldPull } from './client-model/sending.ts';
import { Pass, Recall, Restart, SendDelayed } from './client-model/time.ts';

const RUNS = Number(process.env['CHAOS_MODEL_RUNS'] ?? 500);
/** In one sequence, at most. */
const COMMANDS = Number(process.env['CHAOS_MODEL_COMMANDS'] ?? 16);
/** For all, on a machine that is busy with everything else. */
const LIMIT_MS = 120_000 + RUNS * 1000;
/** Of a run to be seen again, as its failure printed them. */
const SEED = Number(process.env['CHAOS_MODEL_SEED'] ?? Math.floor(Math.random() * 0x7fff_ffff));
const PATH = process.env['CHAOS_MODEL_PATH'];

const queueId = fc.nat(QUEUES - 1);
const offset = fc.nat(24);
const spec: fc.Arbitrary<Spec> = fc.record({
  tag: fc.option(fc.constantFrom(...TAGS), { nil: undefined }),
  key: fc.option(fc.constantFrom(...KEYS), { nil: undefined }),
  size: fc.option(fc.nat(9), { nil: undefined }),
  filler: fc.oneof({ weight: 9, arbitrary: fc.nat(200) }, { weight: 1, arbitrary: fc.constant(6000) }),
});
const selection: fc.Arbitrary<Selection> = fc.oneof(
  fc.record({ tags: fc.subarray([...TAGS]) }),
  fc.record({ above: fc.nat(9) }),
);
const delay = fc.integer({ min: 2000, max: 30_000 });

type Step = fc.AsyncCommand<Model, Real>;
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 48, arbitrary: fc.tuple(queueId, spec).map((a) => new Send(...a)) },
  {
    weight: 18,
    arbitrary: fc
      .tuple(queueId, fc.array(spec, { minLength: 1, maxLength: 6 }))
      .map((a) => new SendBatch(...a)),
  },
  { weight: 12, arbitrary: fc.tuple(queueId, spec).map((a) => new SendOneway(...a)) },
  { weight: 18, arbitrary: fc.tuple(queueId, spec, fc.boolean()).map((a) => new SendInTransaction(...a)) },
  { weight: 12, arbitrary: fc.tuple(queueId, spec).map((a) => new SendToHeldPull(...a)) },
  { weight: 18, arbitrary: fc.tuple(queueId, spec, delay).map((a) => new SendDelayed(...a)) },
  { weight: 6, arbitrary: fc.nat(9).map((position) => new Recall(position)) },
  { weight: 12, arbitrary: delay.map((ms) => new Pass(ms)) },
  {
    weight: 36,
    arbitrary: fc
      .tuple(queueId, offset, fc.integer({ min: 1, max: 40 }), selection)
      .map((a) => new Pull(...a)),
  },
  { weight: 12, arbitrary: fc.constant(new Bounds()) },
  { weight: 12, arbitrary: fc.constantFrom(...KEYS).map((key) => new Find(key)) },
  {
    weight: 12,
    arbitrary: fc.tuple(queueId, offset, fc.integer({ min: -1, max: 1 })).map((a) => new SearchByTime(...a)),
  },
  { weight: 6, arbitrary: selection.map((each) => new ConsumeAll(each)) },
  { weight: 9, arbitrary: fc.tuple(queueId, offset).map((a) => new SetGroupOffset(...a)) },
  { weight: 6, arbitrary: fc.constant(new GroupOffsets()) },
  { weight: 12, arbitrary: fc.constant(new Assign()) },
  { weight: 18, arbitrary: fc.constant(new PollAll()) },
  {
    weight: 9,
    arbitrary: fc.tuple(queueId, fc.double({ min: 0, max: 1, noNaN: true })).map((a) => new Seek(...a)),
  },
  { weight: 12, arbitrary: fc.constant(new Commit()) },
  { weight: 1, arbitrary: fc.constant(new Restart()) },
);

describe(`${RUNS} sequences of commands to our client, beside a model of what it must see`, () => {
  let servers: Servers;

  beforeAll(async () => {
    servers = await Servers.start();
  });

  afterAll(() => servers.stop());

  it(`end as the model does (CHAOS_MODEL_SEED=${SEED})`, async () => {
    let count = 0;
    const sequences = fc.asyncProperty(
      fc.commands([steps], { maxCommands: COMMANDS, size: 'max' }),
      async (commands) => {
        const real = await servers.open();
        try {
          await fc.asyncModelRun(() => ({ model: new Model(), real }), commands);
        } finally {
          await real.close();
        }
        count += [...commands].length;
      },
    );
    await fc.assert(sequences, {
      numRuns: RUNS,
      seed: SEED,
      ...(PATH !== undefined && { path: PATH }),
      // Else a failure that takes long to show itself would be made smaller for hours.
      interruptAfterTimeLimit: LIMIT_MS,
      markInterruptAsFailure: true,
    });
    expect(count).toBeGreaterThan(RUNS);
    console.log(
      `seed ${SEED}: ${RUNS} sequences, ${count} commands, ${servers.restarts} restarts of the broker`,
    );
  });
});
