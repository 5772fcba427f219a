import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { Driver, type DriverEvent } from './driver.ts';
import { cacheDirectory, interopDirectory } from './toolchain.ts';
import { PATIENCE_MS, until } from './until.ts';

const SOURCES = join(interopDirectory, 'go');
const BUILD_TIMEOUT_MS = 300_000;

/** A message for the Go producer. */
export interface GoMessage {
  topic: string;
  body: string;
  tags?: string;
  keys?: string[];
  shardingKey?: string;
  delayLevel?: number;
  properties?: Record<string, string>;
}

export interface GoSendResult {
  status: string;
  msgId: string;
  queueId: number;
  queueOffset: number;
}

/** A message as the Go client saw it. */
export interface GoSeenMessage {
  body: string;
  tags: string;
  keys: string;
  msgId: string;
  queueId: number;
  queueOffset: number;
  reconsumeTimes: number;
  properties: Record<string, string>;
}

/** Builds the driver, if it isn't in the cache. Returns undefined when it is there, else why it can't be had. */
export function whyNoGo(): string | undefined {
  if (existsSync(driverPath())) return undefined;
  if (spawnSync('go', ['version'], { stdio: 'ignore' }).status !== 0)
    return 'no go: install Go, 1.21 or later';
  mkdirSync(cacheDirectory(), { recursive: true });
  const partial = `${driverPath()}.${process.pid}`;
  const run = spawnSync('go', ['build', '-o', partial, '.'], {
    cwd: SOURCES,
    encoding: 'utf8',
    timeout: BUILD_TIMEOUT_MS,
    env: { ...process.env, CGO_ENABLED: '0' },
  });
  if (run.status !== 0) return `Go could not build the driver: ${run.stderr || run.error?.message}`;
  renameSync(partial, driverPath());
  return undefined;
}

/** Named by what it is built from. */
function driverPath(): string {
  const hash = createHash('sha256');
  for (const file of readdirSync(SOURCES).toSorted()) hash.update(readFileSync(join(SOURCES, file)));
  return join(cacheDirectory(), `go-driver-${hash.digest('hex').slice(0, 16)}`);
}

/** A process with Apache's Go client in it (`go/main.go`). */
export class GoClient {
  private readonly driver = new Driver('Go client', driverPath(), [], (event) => this.heard(event));
  private readonly consumers = new Map<string, GoSeenMessage[]>();

  /** Sends one after the other; by the hash of their sharding keys with `byKey`, as one batch with `batch`. */
  async send(
    nameServer: string,
    messages: GoMessage[],
    how: { batch?: boolean; byKey?: boolean } = {},
  ): Promise<GoSendResult[]> {
    return await this.driver.call('send', { nameServer, messages, ...how });
  }

  /** Sends in transactions, which end as the properties `first` and `checked` say; answers checks for `waitMs`. */
  async transaction(
    nameServer: string,
    group: string,
    messages: GoMessage[],
    waitMs: number,
  ): Promise<GoSendResult[]> {
    return await this.driver.call('transaction', { nameServer, group, messages, waitMs });
  }

  /** Starts a push consumer, from the first offset. */
  async consumer(options: {
    nameServer: string;
    group: string;
    topic: string;
    expression?: string;
    sql?: boolean;
    orderly?: boolean;
    failures?: number;
  }): Promise<GoConsumer> {
    const name = await this.driver.call<string>('consume', { expression: '*', ...options });
    const seen = this.consumers.get(name) ?? [];
    this.consumers.set(name, seen);
    return new GoConsumer(seen, () => this.driver.call('stop', { consumer: name }));
  }

  async close(): Promise<void> {
    await this.driver.kill();
  }

  private heard(event: DriverEvent): void {
    const { consumer, message } = event as { consumer: string; message: GoSeenMessage };
    const seen = this.consumers.get(consumer) ?? [];
    seen.push({ ...message, body: Buffer.from(message.body, 'base64').toString() });
    this.consumers.set(consumer, seen);
  }
}

/** A push consumer in the Go process. */
export class GoConsumer {
  readonly seen: GoSeenMessage[];
  /** Stops it; its offsets are committed then. */
  readonly stop: () => Promise<void>;

  constructor(seen: GoSeenMessage[], stop: () => Promise<void>) {
    this.seen = seen;
    this.stop = stop;
  }

  get bodies(): string[] {
    return this.seen.map((message) => message.body).toSorted();
  }

  /** Waits until so many came. */
  async received(count: number): Promise<GoSeenMessage[]> {
    await until(
      `${count} messages`,
      () => this.seen.length >= count,
      PATIENCE_MS,
      () => this.bodies,
    );
    return this.seen;
  }
}
