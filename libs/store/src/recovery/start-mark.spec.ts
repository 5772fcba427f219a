import { ManualClock } from '@nest-rocketmq/runtime';
import { MessageStore } from '../message-store.ts';
import { SimulatedFileSystem } from '../testing/simulated-file-system.ts';
import { SMALL_FILES, StoreFixture } from '../testing/store-fixture.ts';

it('the mark of a running store is on the disk once it is loaded', async () => {
  // Of what is not made durable this disk keeps no name.
  const fileSystem = new SimulatedFileSystem(() => 0);
  const create = (): MessageStore => new MessageStore(SMALL_FILES, { fileSystem, clock: new ManualClock() });
  expect((await create().load()).clean).toBe(true);
  fileSystem.powerCut();
  expect((await create().load()).clean).toBe(false);
});

it('a start after a clean stop that is interrupted counts as a crash, whatever call it was interrupted at', async () => {
  for (const call of ['truncate', 'open', 'write', 'fdatasync', 'remove'] as const) {
    for (let after = 0; after < 12; after++) {
      const fixture = await StoreFixture.open();
      for (let i = 0; i < 30; i++) fixture.send('a', i % 3, `m${i}`, { KEYS: `k${i}` });
      await fixture.store.shutdown();
      const changed = new Map([...fixture.fs.files].map(([path, file]) => [path, Buffer.from(file.bytes)]));
      fixture.fs.fail(call, { after });
      const interrupted = await new MessageStore(fixture.config, {
        fileSystem: fixture.fs,
        clock: fixture.clock,
      })
        .load()
        .then(
          () => false,
          () => true,
        );
      const touched = [...fixture.fs.files].some(
        ([path, file]) => !path.endsWith('lock') && changed.get(path)?.equals(file.bytes) !== true,
      );
      const report = await fixture.restart();
      expect(report.clean && interrupted && touched).toBe(false);
      expect(fixture.bodies('a', 1)).toHaveLength(10);
    }
  }
});
