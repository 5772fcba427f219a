import { Injectable } from '@nestjs/common';
import {
  DeadLetterQueue,
  type DeadLetter,
  type DeadLetterFilter,
  type ReadOptions,
  type ReplayOptions,
  type ReplayReport,
} from '@nest-rocketmq/client';
import { RocketMQError } from '@nest-rocketmq/runtime';
import type { RocketMQConnection } from '../module/connection.ts';
import { Connections } from '../module/connections.ts';
import { DEFAULT_CONNECTION } from '../tokens.ts';

interface OfConnection {
  /** The name of the connection. Default: the unnamed one. */
  readonly connection?: string | undefined;
}

/** Which dead letters of a group are read. */
export type ReadDeadLetters = ReadOptions & OfConnection;

/** Which dead letters of a group are sent again, and how. */
export type ReplayDeadLetters = ReplayOptions & OfConnection;

/** How many `list` gives when it isn't told. */
const LIST_LIMIT = 100;

/**
 * The dead letters of any consumer group of a cluster: what its consumers gave up, and why. Injectable everywhere.
 *
 * ```ts
 * const letters = await deadLetters.list('stock-service', { reason: 'stock row is gone' });
 * const { replayed } = await deadLetters.replay('stock-service', { tag: 'created', rate: 50, dryRun: true });
 * ```
 *
 * They are kept by the broker as long as its other messages, replayed or not: a replay that is to go on where the one
 * before ended gets its report's `next` as `position`.
 */
@Injectable()
export class DeadLetterService {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /**
   * The dead letters of a group, the oldest of each broker first; 100 unless `limit` says otherwise.
   * @throws RocketMQError when there is no such connection, or a broker can't be reached or refuses
   */
  async list(group: string, options: ReadDeadLetters = {}): Promise<DeadLetter[]> {
    const letters: DeadLetter[] = [];
    for await (const letter of this.read(group, { limit: LIST_LIMIT, ...options })) letters.push(letter);
    return letters;
  }

  /** One after the other, without having all of them in memory. @throws RocketMQError as {@link list} */
  async *read(group: string, options: ReadDeadLetters = {}): AsyncGenerator<DeadLetter, void, void> {
    yield* (await this.#queue(group, options)).read(options);
  }

  /** How many there are that meet the filter. @throws RocketMQError as {@link list} */
  async count(group: string, options: DeadLetterFilter & OfConnection = {}): Promise<number> {
    let count = 0;
    for await (const _letter of this.read(group, options)) count++;
    return count;
  }

  /**
   * Sends dead letters of a group again, to their topic of origin or to the group alone (`to: 'group'`), at most 100 a
   * second unless `rate` says otherwise. With `dryRun` nothing is sent. An `AbortSignal` ends it between two messages.
   * @returns what was sent, what failed, and where to go on
   * @throws RocketMQError `INVALID_ARGUMENT` on a wrong option, otherwise as {@link list}
   */
  async replay(group: string, options: ReplayDeadLetters = {}): Promise<ReplayReport> {
    const queue = await this.#queue(group, options);
    const report = await queue.replay(options);
    const { replayed, failed, stopped, dryRun } = report;
    const how = dryRun ? 'would be sent' : 'were sent';
    const end = stopped === undefined ? '' : `, stopped: ${stopped}`;
    this.#connection(options).logger.info(
      `Dead letters of group ${group}: ${replayed} ${how} again, ${failed.length} failed${end}`,
    );
    return report;
  }

  async #queue(group: string, options: OfConnection): Promise<DeadLetterQueue> {
    const connection = this.#connection(options);
    const { namespace, producer } = connection;
    return new DeadLetterQueue(group, { admin: await connection.admin(), producer, namespace });
  }

  #connection({ connection = DEFAULT_CONNECTION }: OfConnection): RocketMQConnection {
    const found = this.#connections.get(connection);
    if (found) return found;
    throw new RocketMQError(
      'INVALID_ARGUMENT',
      `There is no connection '${connection}'. The application has: ${this.#connections.names.join(', ') || 'none'}`,
    );
  }
}
