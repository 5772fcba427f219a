import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { Test, type TestingModule } from '@nestjs/testing';
import { AppModule } from './app.module.ts';
import { Customers } from './customers.ts';
import { Journal } from './journal.ts';
import { showAround } from './show-around.ts';

// Over real sockets and real time: orders come every second, a failed one after another.
jest.setTimeout(30_000);

describe('the quick start', () => {
  let storePath: string;
  let app: TestingModule;

  beforeEach(async () => {
    storePath = await mkdtemp(join(tmpdir(), 'quickstart-'));
  });

  afterEach(() => rm(storePath, { recursive: true, force: true }));

  it('shows where everything is, each message sent and consumed, one that came again, and the files', async () => {
    const rocketmq = { embedded: { storePath }, producer: { group: 'order-service' } };
    app = await Test.createTestingModule({ imports: [AppModule.on(rocketmq)] }).compile();
    app.useLogger(false);
    await app.init();
    const lines: string[] = [];
    jest
      .spyOn(app.get(Journal), 'line')
      .mockImplementation((what, text) => void lines.push(`${what} ${text}`));
    const closed = new Promise<void>((resolve) => {
      jest.spyOn(app, 'close').mockImplementation(async () => resolve());
    });

    showAround(app, true);
    app.get(Customers).start();
    await closed;
    jest.restoreAllMocks();
    await app.close();

    const shown = lines.join('\n');
    expect(lines[0]).toMatch(
      /^ready NameServer 127\.0\.0\.1:\d+, broker 127\.0\.0\.1:\d+, both in this process$/,
    );
    expect(shown).toMatch(
      /^sent order \S+-1 of grace -> broker-a queue \d offset 0, SEND_OK, msgId [0-9A-F]{32}$/m,
    );
    expect(shown).toMatch(/^consumed order \S+-1 of grace <- broker-a queue \d offset 0$/m);
    expect(shown).toMatch(/^failed order \S+-3 of margaret/m);
    expect(shown).toMatch(/^consumed order \S+-3 of margaret <- .*: it came again, attempt 2$/m);
    expect(shown).toContain(join('store', 'commitlog', '00000000000000000000'));
    expect(shown).toContain(join('store', 'consumequeue', 'order'));
  });
});
