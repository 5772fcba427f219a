import { beforeAll, expect, it, jest } from '@jest/globals';
import { PAST_FAILURES } from './corpus.ts';
import { numberFrom } from './random.ts';
import { type SimulationReport, StoreSimulation } from './store-simulation.ts';

/** One seed to repeat, or how many to run, from which on. */
const ONE = numberFrom('SIMULATION_SEED', -1);
const SEEDS = numberFrom('SIMULATION_SEEDS', 2000);
const FIRST = numberFrom('SIMULATION_FIRST_SEED', 1);

// What a seed decides must not depend on the speed of the machine.
beforeAll(() => void jest.spyOn(performance, 'now').mockReturnValue(0));

it('the store keeps its promises on a machine that does not', async () => {
  const seeds = ONE >= 0 ? [ONE] : Array.from({ length: SEEDS }, (_, i) => FIRST + i);
  const sum: SimulationReport = { seed: seeds.length, messages: 0, restarts: 0, powerCuts: 0, faults: 0 };
  for (const seed of seeds) {
    const report = await new StoreSimulation(seed, ONE >= 0 ? { traced: Infinity } : {}).run();
    sum.messages += report.messages;
    sum.restarts += report.restarts;
    sum.powerCuts += report.powerCuts;
    sum.faults += report.faults;
  }
  process.stdout.write(
    `simulation: ${seeds.length} seeds from ${seeds[0]}, ${sum.messages} messages, ${sum.restarts} restarts (${sum.powerCuts} power cuts), ${sum.faults} faults\n`,
  );
  expect(sum.messages).toBeGreaterThan(0);
});

it('seeds that failed once pass', async () => {
  for (const seed of PAST_FAILURES) await new StoreSimulation(seed).run();
  expect(new Set(PAST_FAILURES).size).toBe(PAST_FAILURES.length);
});
