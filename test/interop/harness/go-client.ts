import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from './child.ts';
import { cacheDirectory, interopDirectory } from './toolchain.ts';
import { PATIENCE_MS, until } from './until.ts';

const SOURCES = join(interopDirectory, 'go');
const BUILD_TIMEOUT_MS = 300_000;
const CALL_TIMEOUT_MS = 150_000;

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

interface Answer {
  id?: number;
  result?: unknown;
  error?: string;
  consumer?: string;
  message?: GoSeenMessage;
}

/** Builds the driver, if it isn't in the cache. Returns undefined when it is there, else why it can't be had. */
export function whyNoGo(): string | undefined {
  if (existsSync(driver())) return undefined;
  if (spawnSync('go', ['version'], { stdio: 'ignore' }).status !== 0)
    return 'no go: install Go, 1.21 or later';
  mkdirSync(cacheDirectory(), { recursive: true });
  const partial = `${driver()}.${process.pid}`;
  const run = spawnSync('go', ['build', '-o', partial, '.'], {
    cwd: SOURCES,
    encoding: 'utf8',
    timeout: BUILD_TIMEOUT_MS,
    env: { ...process.env, CGO_ENABLED: '0' },
  });
  if (run.status !== 0) return `Go could not build the driver: ${run.stderr || run.error?.message}`;
  renameSync(partial, driver());
  return undefined;
}

/** Named by what it is built from. */
function driver(): string {
  const hash = createHash('sha256');
  for (const file of readdirSync(SOURCES).toSorted()) hash.update(readFileSync(join(SOURCES, file)));
  return join(cacheDirectory(), `go-driver-${hash.digest('hex').slice(0, 16)}`);
}

/** A process with Apache's Go client in it (`go/main.go`). */
export class GoClient {
  private readonly child = new Child('Go client', driver(), [], (line) =>
    this.heard(JSON.parse(line) as Answer),
  );
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private readonly consumers = new Map<string, GoSeenMessage[]>();
  private lastId = 0;

  constructor() {
    this.child.onExit(() => {
      for (const settle of this.waiting.values()) settle({ error: `it ended:\n${this.child.logTail}` });
    });
  }

  /** Sends one after the other; by the hash of their sharding keys with `byKey`, as one batch with `batch`. */
  async send(
    nameServer: string,
    messages: GoMessage[],
    how: { batch?: boolean; byKey?: boolean } = {},
  ): Promise<GoSendResult[]> {
    return await this.call('send', { nameServer, messages, ...how });
  }

  /** Sends in transactions, which end as the properties `first` and `checked` say; answers checks for `waitMs`. */
  async transaction(
    nameServer: string,
    group: string,
    messages: GoMessage[],
    waitMs: number,
  ): Promise<GoSendResult[]> {
    return await this.call('transaction', { nameServer, group, messages, waitMs });
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
    const name = await this.call<string>('consume', { expression: '*', ...options });
    const seen = this.consumers.get(name) ?? [];
    this.consumers.set(name, seen);
    return new GoConsumer(seen, () => this.call('stop', { consumer: name }));
  }

  async close(): Promise<void> {
    await this.child.kill();
  }

  private async call<T>(call: string, parameters: Record<string, unknown>): Promise<T> {
    const id = ++this.lastId;
    let timer: NodeJS.Timeout | undefined;
    const answer = await new Promise<Answer>((resolve) => {
      this.waiting.set(id, resolve);
      timer = setTimeout(() => resolve({ error: 'no answer' }), CALL_TIMEOUT_MS);
      this.child.write(JSON.stringify({ id, call, arguments: parameters }));
    });
    clearTimeout(timer);
    this.waiting.delete(id);
    if (answer.error !== undefined)
      throw new Error(`Go client, ${call}: ${answer.error}\n${this.child.logTail}`);
    return answer.result as T;
  }

  private heard(answer: Answer): void {
    if (answer.consumer !== undefined && answer.message !== undefined) {
      const seen = this.consumers.get(answer.consumer) ?? [];
      const body = Buffer.from(answer.message.body, 'base64').toString();
      seen.push({ ...answer.message, body });
      this.consumers.set(answer.consumer, seen);
    } else if (answer.id !== undefined) {
      this.waiting.get(answer.id)?.(answer);
    }
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
