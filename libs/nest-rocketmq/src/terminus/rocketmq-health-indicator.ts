import { Inject, Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { parseDuration, RocketMQError, type Duration } from '@nest-rocketmq/runtime';
import { errorText } from '../error-text.ts';
import { RocketMQRegistry, type ListenerInfo } from '../lifecycle/rocketmq-registry.ts';
import { Connections } from '../module/connections.ts';
import type { RocketMQConnection } from '../module/connection.ts';

/** What makes an application ready. */
export interface ReadinessOptions {
  /** How long a NameServer, and the brokers for the lag, may take. Default 2 s. */
  timeout?: Duration;
  /** Only these connections and their groups. Default: all. */
  connections?: readonly string[];
  /** How many messages a group may be behind: every group, or each by its name. Default: brokers are not asked. */
  maxLag?: number | Readonly<Record<string, number>>;
  /**
   * What a group that is further behind makes of the application. `degraded` (default): still ready, with what lags in the
   * result (status `degraded` from Terminus 12 on, `up` in 11). `down`: not ready.
   */
  whenLagging?: 'degraded' | 'down';
}

interface ListenerHealth {
  state: ListenerInfo['state'];
  queues: number;
  lag?: number;
  message?: string;
}

interface Health {
  connections: Record<string, string>;
  listeners: Record<string, ListenerHealth>;
}

/**
 * The health of an application's connections and listeners for Terminus. Provide it beside the health controller.
 *
 * ```ts
 * @Get('ready')
 * @HealthCheck()
 * ready() {
 *   return this.health.check([() => this.rocketmq.isReady('rocketmq', { maxLag: 10_000 })]);
 * }
 * ```
 */
@Injectable()
export class RocketMQHealthIndicator {
  readonly #service: HealthIndicatorService;
  readonly #registry: RocketMQRegistry;
  readonly #connections: Connections;

  constructor(
    @Inject(HealthIndicatorService) service: HealthIndicatorService,
    @Inject(RocketMQRegistry) registry: RocketMQRegistry,
    @Inject(Connections) connections: Connections,
  ) {
    this.#service = service;
    this.#registry = registry;
    this.#connections = connections;
  }

  /**
   * Readiness: a NameServer of each connection answers, and every listener runs or was paused on purpose. A listener that
   * was stopped makes the application not ready.
   */
  async isReady<Key extends string>(
    key: Key,
    options: ReadinessOptions = {},
  ): Promise<HealthIndicatorResult<Key>> {
    const { connections: wanted } = options;
    const connections = this.#connections.all.filter(({ name }) => wanted?.includes(name) ?? true);
    const unknown = wanted?.find((name) => !this.#connections.get(name));
    if (unknown !== undefined)
      throw new RocketMQError('INVALID_ARGUMENT', `There is no connection '${unknown}' to be ready`);
    const timeoutMs = parseDuration(options.timeout ?? 2000);
    const answers = await Promise.all(connections.map((connection) => nameServerOf(connection, timeoutMs)));
    const health: Health = { connections: Object.fromEntries(answers), listeners: {} };
    const listeners = this.#listeners().filter(({ connection }) => wanted?.includes(connection) ?? true);
    const behind = await Promise.all(
      listeners.map((info) => this.#listener(health, info, options, timeoutMs)),
    );
    const session = this.#service.check(key);
    const down =
      answers.some(([, state]) => state !== UP) || listeners.some(({ state }) => state === 'stopped');
    const lagging = behind.includes(true);
    if (down || (lagging && options.whenLagging === 'down')) return session.down({ ...health });
    if (lagging && 'degraded' in session) return session.degraded({ ...health });
    return session.up({ ...health });
  }

  /** Liveness: the listeners are not stopped. Asks nobody: an application whose cluster is down need not be restarted. */
  isAlive<Key extends string>(key: Key): HealthIndicatorResult<Key> {
    const session = this.#service.check(key);
    const listeners = this.#listeners();
    const states = Object.fromEntries(listeners.map((info) => [nameOf(info), info.state]));
    return listeners.some(({ state }) => state === 'stopped')
      ? session.down({ listeners: states })
      : session.up({ listeners: states });
  }

  #listeners(): ListenerInfo[] {
    return this.#registry.list();
  }

  /** @returns whether it is further behind than it may be */
  async #listener(
    { listeners }: Health,
    info: ListenerInfo,
    { maxLag }: ReadinessOptions,
    timeoutMs: number,
  ): Promise<boolean> {
    const health: ListenerHealth = { state: info.state, queues: info.queues.length };
    listeners[nameOf(info)] = health;
    const limit = typeof maxLag === 'object' ? maxLag[info.consumerGroup] : maxLag;
    if (limit === undefined) return false;
    try {
      const asked = this.#registry.lag(info.consumerGroup, info.connection);
      const lags = await within(timeoutMs, asked, 'the brokers did not tell the lag');
      health.lag = lags.reduce((sum, { lag }) => sum + lag, 0);
      if (health.lag <= limit) return false;
      health.message = `${health.lag} messages behind, ${limit} are allowed`;
    } catch (error) {
      health.message = `How far it is behind is not known: ${errorText(error)}`;
    }
    return true;
  }
}

const UP = 'up';

async function nameServerOf(connection: RocketMQConnection, timeoutMs: number): Promise<[string, string]> {
  try {
    await connection.producer.checkNameServer(timeoutMs);
    return [connection.name, UP];
  } catch (error) {
    return [connection.name, errorText(error)];
  }
}

async function within<T>(timeoutMs: number, work: Promise<T>, what: string): Promise<T> {
  const { promise: late, reject } = deferred();
  const timer = setTimeout(
    () => reject(new RocketMQError('TIMEOUT', `${what} within ${timeoutMs} ms`)),
    timeoutMs,
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function deferred(): { promise: Promise<never>; reject: (error: unknown) => void } {
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<never>((_resolve, fail) => (reject = fail));
  return { promise, reject };
}

/** A group of another connection than the unnamed one says which. */
function nameOf({ connection, consumerGroup }: ListenerInfo): string {
  return connection === 'default' ? consumerGroup : `${consumerGroup} (${connection})`;
}
