import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MQAdmin } from '@nest-rocketmq/client';
import { freePort, startBroker, startNameServer } from '../support/our-servers.ts';
import { ServerProcess } from '../support/server-process.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { VITALS_ENV, vitalsOf, type Vitals } from '../support/vitals.ts';

const TOPIC = 'soak';
const MIB = 1024 * 1024;
/** How long the load goes on, in milliseconds; the first sixth is its warming up. */
const SOAK_MS = Number(process.env['CHAOS_SOAK_MS'] ?? 5000);
/** Messages per second, batches counted as what they hold besides. */
const RATE = Number(process.env['CHAOS_SOAK_RATE'] ?? 5000);
/** Every so many milliseconds all connections of the clients are reset. */
const FAULT_MS = Number(process.env['CHAOS_SOAK_FAULT_MS'] ?? SOAK_MS / 3);
/** What may be in use in the end beyond what was at the beginning: tables of what is in flight. */
const HEAP_GROWTH = 8 * MIB;
/** And of buffers, which are kept for reuse: they come to an end below this. */
const BUFFER_GROWTH = 32 * MIB;

/** A reconnection, a request that waits: timers that some moments have and others have not. */
const TIMERS_OF_THE_MOMENT = 12;

describe('a broker and its clients under a steady load', () => {
  let folder: string;
  const servers: ServerProcess[] = [];
  const proxies: TcpProxy[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rocketmq-soak-'));
  });

  afterEach(async () => {
    await Promise.all(proxies.map((proxy) => proxy.close()));
    await Promise.all(servers.map((server) => server.kill()));
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(): Promise<{ broker: ServerProcess; load: ServerProcess; link: TcpProxy }> {
    const [namesrvPort, brokerPort] = [await freePort(), await freePort()];
    const namesrvAddress = `127.0.0.1:${namesrvPort}`;
    servers.push(await startNameServer(folder, namesrvPort));
    const broker = await startBroker({
      folder,
      port: brokerPort,
      nameServer: namesrvAddress,
      env: VITALS_ENV,
    });
    servers.push(broker);
    const admin = new MQAdmin({ nameServer: namesrvAddress });
    await admin.start();
    await admin.createTopic({ topic: TOPIC, queueNums: 8 });
    await admin.shutdown();
    const [target, host] = [`127.0.0.1:${brokerPort}`, '127.0.0.2'];
    const route = await TcpProxy.start({
      target: namesrvAddress,
      rewrite: [target, `${host}:${brokerPort}`],
    });
    const link = await TcpProxy.start({ target, host, port: brokerPort });
    proxies.push(route, link);
    const program = join(dirname(fileURLToPath(import.meta.url)), 'soak-load.js');
    const load = await ServerProcess.start({
      command: process.execPath,
      args: [program, route.address, TOPIC, String(RATE)],
      env: VITALS_ENV,
      ready: /^ready$/m,
    });
    servers.push(load);
    return { broker, load, link };
  }

  it(`for ${SOAK_MS} ms hold no more than at its beginning, and after it what they held before`, async () => {
    const { broker, load, link } = await start();
    const both = async (): Promise<[Vitals, Vitals]> => [await vitalsOf(broker), await vitalsOf(load)];
    await delay(500);
    const idle = await both();
    process.kill(load.pid, 'SIGHUP');
    await delay(SOAK_MS / 6);
    const first = await both();
    const end = Date.now() + (SOAK_MS * 5) / 6;
    while (Date.now() + FAULT_MS < end) {
      await delay(FAULT_MS);
      link.cut();
    }
    await delay(Math.max(end - Date.now(), 0));
    const last = await both();
    process.kill(load.pid, 'SIGHUP');
    await until(() => /^done .*$/m.test(load.output), 60_000);
    const [, told = ''] = /^done (.*)$/m.exec(load.output) ?? [];
    const counts = JSON.parse(told) as { acknowledged: number; failed: number; consumed: number };

    for (const [i, name] of ['broker', 'clients'].entries()) {
      const [begin, now] = [first[i] as Vitals, last[i] as Vitals];
      console.log(`${name} before, at the beginning, at the end: ${JSON.stringify([idle[i], begin, now])}`);
      expect(now.heap - begin.heap).toBeLessThan(HEAP_GROWTH);
      expect(now.buffers - begin.buffers).toBeLessThan(BUFFER_GROWTH);
      expect(now.timers - begin.timers).toBeLessThanOrEqual(TIMERS_OF_THE_MOMENT);
    }
    console.log(JSON.stringify(counts));
    expect(counts.acknowledged).toBeGreaterThan((RATE * SOAK_MS) / 1000 / 4);
    expect(counts.consumed).toBeGreaterThanOrEqual(counts.acknowledged);

    // Idle again: the connections are those there were, and nothing waits that did not wait before.
    const rested = async (): Promise<boolean> => {
      const now = await both();
      // The broker's store has opened files meanwhile; the clients have no files but their connections.
      return (
        now.every(
          ({ timers, sockets }, i) => timers <= (idle[i]?.timers ?? 0) && sockets <= (idle[i]?.sockets ?? 0),
        ) && now[1].files <= idle[1].files
      );
    };
    await until(rested, 15_000);
  });
});

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(condition: () => boolean | Promise<boolean>, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`It did not come about within ${timeoutMs} ms`);
    await delay(50);
  }
}
