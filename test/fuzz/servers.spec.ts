import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { inspect } from 'node:util';
import { NameServer } from '@nest-rocketmq/namesrv';
import { RequestCode, ResponseCode, type RemotingCommand } from '@nest-rocketmq/protocol';
import { type Logger, silentLogger } from '@nest-rocketmq/runtime';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestBroker } from '../../libs/broker/test/test-broker.ts';
import { numberFrom, Random } from '../simulation/random.ts';
import { RECORDED, REQUESTS } from './golden-frames.ts';
import { memoryInUse } from './memory.ts';
import { Mutator } from './mutator.ts';
import { Peer } from './peer.ts';

const SEED = numberFrom('FUZZ_SEED', 1);
const INPUTS = numberFrom('FUZZ_LIVE_INPUTS', 10_000);
const AT_ONCE = 16;
const SLOWEST_MS = 50;
const GROWTH_BYTES = 64 * 1024 * 1024;
/** What an answer or a log line says when the program itself is wrong, and not the request. */
const BUG =
  /TypeError|RangeError|ReferenceError|Cannot read properties|is not a function|is not iterable|ERR_[A-Z_]+/;

interface Input {
  turn: number;
  bytes: Buffer;
  whole: boolean;
}

function inputs(seed: number, count: number): Input[] {
  const random = new Random(seed);
  const mutator = new Mutator([...RECORDED, ...REQUESTS], random);
  return Array.from({ length: count }, (_, turn) => {
    mutator.next();
    const whole = random.chance(85);
    if (whole) mutator.repair();
    return { turn, bytes: Buffer.from(mutator.bytes.subarray(0, mutator.length)), whole };
  });
}

/** Sends the inputs on a few connections. @returns those that took long, and what speaks of an error of the program */
async function send(
  peers: readonly Peer[],
  all: readonly Input[],
): Promise<{ slow: Input[]; bugs: string[]; answers: number }> {
  const rest = all.values();
  const slow: Input[] = [];
  const bugs: string[] = [];
  let answers = 0;
  await Promise.all(
    peers.map(async (peer) => {
      for (const input of rest) {
        const took = await peer.ask(input.bytes, input.whole);
        if (took > SLOWEST_MS) slow.push(input);
        answers += peer.answers.length;
        for (const answer of peer.answers) {
          if (BUG.test(answer.remark ?? ''))
            bugs.push(`input ${input.turn} of FUZZ_SEED=${SEED}: ${answer.remark}`);
        }
      }
    }),
  );
  return { slow, bugs, answers };
}

/** Of those that took long among others, the ones that do so alone. */
async function slowAlone(peer: Peer, slow: readonly Input[]): Promise<string[]> {
  const found: string[] = [];
  for (const input of slow) {
    let least = Infinity;
    for (let i = 0; i < 5 && least > SLOWEST_MS; i++)
      least = Math.min(least, await peer.ask(input.bytes, input.whole));
    if (least > SLOWEST_MS)
      found.push(
        `input ${input.turn} of FUZZ_SEED=${SEED} takes ${least.toFixed(0)} ms: ${input.bytes.toString('hex')}`,
      );
  }
  return found;
}

/** All files below a directory but the given ones, with their contents. */
function outside(directory: string, inside: readonly string[]): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !inside.some((path) => file.startsWith(path)))
    .map((file) => `${relative(directory, file)}: ${readFileSync(file, 'utf8')}`)
    .toSorted();
}

/** Sockets of this process, of both ends. */
function sockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
}

interface Server {
  address: string;
  peer(): Peer;
  /** Whether it does its work. */
  serves(): Promise<RemotingCommand>;
  directory: string;
  inside: string[];
  logged: string[];
  stop(): Promise<void>;
}

function logger(lines: string[]): Logger {
  const keep = (message: string, error?: unknown): void => {
    lines.push(error === undefined ? message : `${message} ${inspect(error)}`);
  };
  return { ...silentLogger, error: keep, warn: keep };
}

async function startBroker(): Promise<Server> {
  const logged: string[] = [];
  const directory = mkdtempSync(join(tmpdir(), 'fuzz-broker-'));
  const broker = await TestBroker.start({}, { logger: logger(logged) }, directory);
  const { address } = broker;
  return {
    address,
    peer: () => new Peer(address, RequestCode.GET_MAX_OFFSET, { topic: 'none', queueId: '0' }),
    serves: () => broker.send('T', 'x'),
    directory,
    inside: [join(directory, 'store')],
    logged,
    stop: () => broker.remove(),
  };
}

async function startNameServer(): Promise<Server> {
  const logged: string[] = [];
  const directory = mkdtempSync(join(tmpdir(), 'fuzz-namesrv-'));
  const inside = [join(directory, 'kvConfig.json'), join(directory, 'namesrv.properties')];
  const [kvConfigPath = '', configStorePath = ''] = inside;
  const server = new NameServer({ listenPort: 0, kvConfigPath, configStorePath }, { logger: logger(logged) });
  await server.start();
  const { address } = server;
  const peer = (): Peer => new Peer(address, RequestCode.GET_ROUTEINFO_BY_TOPIC, { topic: 'none' });
  return {
    address,
    peer,
    async serves() {
      const { RemotingClient } = await import('@nest-rocketmq/remoting');
      const { RemotingCommand: Command } = await import('@nest-rocketmq/protocol');
      const client = new RemotingClient();
      const answer = await client.invoke(address, Command.request(RequestCode.GET_BROKER_CLUSTER_INFO), 5000);
      await client.close();
      return answer;
    },
    directory,
    inside,
    logged,
    async stop() {
      await server.shutdown();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

describe.each([
  ['broker', startBroker],
  ['NameServer', startNameServer],
] as const)('a %s that is sent damaged frames', (name, start) => {
  let server: Server;
  beforeAll(async () => void (server = await start()));
  afterAll(() => server.stop());

  it(`answers or closes at once, keeps nothing of them, and goes on (FUZZ_SEED=${SEED})`, async () => {
    const before = outside(server.directory, server.inside);
    expect((await server.serves()).code).toBe(ResponseCode.SUCCESS);
    const open = sockets();
    const peers = Array.from({ length: AT_ONCE }, () => server.peer());
    const all = inputs(SEED, INPUTS);
    // Tables and pools reach their size with the first of them.
    const first = await send(peers, all.slice(0, INPUTS / 5));
    const memory = memoryInUse();
    const second = await send(peers, all.slice(INPUTS / 5));
    const grown = memoryInUse() - memory;
    const slow = [...first.slow, ...second.slow];
    process.stdout.write(
      `fuzz: ${name}, ${INPUTS} inputs, ${first.answers + second.answers} answers, ${slow.length} looked at again, ${(grown / 1024).toFixed(0)} KiB grown\n`,
    );
    expect([...first.bugs, ...second.bugs]).toEqual([]);
    expect(server.logged.filter((line) => BUG.test(line))).toEqual([]);
    const alone = server.peer();
    expect(await slowAlone(alone, slow.slice(0, 200))).toEqual([]);
    expect(grown).toBeLessThan(GROWTH_BYTES);
    for (const peer of [...peers, alone]) await peer.close();
    for (const end = Date.now() + 30_000; sockets() > open && Date.now() < end;)
      await new Promise((resolve) => setImmediate(resolve));
    expect(sockets()).toBeLessThanOrEqual(open);
    expect(outside(server.directory, server.inside)).toEqual(before);
    expect((await server.serves()).code).toBe(ResponseCode.SUCCESS);
    expect(first.answers + second.answers).toBeGreaterThan(INPUTS / 10);
  });
});
