import { StoreFixture } from '../testing/store-fixture.ts';

it('what is written while files are being synced is synced right after, not a minute later', async () => {
  const fixture = await StoreFixture.open();
  fixture.send('a', 0, 'first');
  fixture.fs.hold();
  fixture.clock.advance(1000);
  // The end of a log file asks for another round while the first one waits for the disk.
  fixture.send('a', 1, 'x'.repeat(7000));
  fixture.send('a', 2, 'y'.repeat(3000));
  fixture.clock.advance(1000);
  fixture.fs.release();
  await fixture.settle();
  await fixture.settle();
  for (const queueId of [0, 1, 2]) {
    const file = fixture.fs.files.get(`/store/consumequeue/a/${queueId}/00000000000000000000`);
    expect(file?.pending).toEqual([]);
  }
  await fixture.store.shutdown();
});

it('a round that fails is not repeated, whoever has asked for another one', async () => {
  const fixture = await StoreFixture.open();
  fixture.send('a', 0, 'first');
  fixture.fs.hold();
  fixture.clock.advance(1000);
  fixture.send('a', 1, 'x'.repeat(7000));
  fixture.send('a', 2, 'y'.repeat(3000));
  fixture.clock.advance(1000);
  fixture.fs.fail('fdatasync', { path: 'consumequeue' });
  fixture.fs.release();
  await fixture.settle();
  expect(fixture.fatal).toHaveLength(1);
  const calls = fixture.fs.calls.fdatasync;
  fixture.clock.advance(120_000);
  await fixture.settle();
  expect(fixture.fs.calls.fdatasync).toBe(calls);
});

it('files that could not be synced for want of room are synced once there is some', async () => {
  const fixture = await StoreFixture.open();
  fixture.send('a', 0, 'x');
  fixture.fs.fail('open', { code: 'ENOSPC', path: 'consumequeue', after: 1 });
  fixture.clock.advance(61_000);
  await fixture.settle();
  expect(fixture.store.writeRefusal).toMatch(/ENOSPC/);
  fixture.fs.heal();
  fixture.clock.advance(61_000);
  await fixture.settle();
  expect(fixture.store.writeable).toBe(true);
  expect(fixture.fs.files.get('/store/consumequeue/a/0/00000000000000000000')?.pending).toEqual([]);
});
