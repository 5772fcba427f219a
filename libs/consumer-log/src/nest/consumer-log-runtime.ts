import type { BeforeApplicationShutdown, OnApplicationBootstrap, OnModuleInit } from '@nestjs/common';
import {
  RocketMQError,
  scheduleEvery,
  type Clock,
  type Logger,
  type Scheduled,
} from '@nest-rocketmq/runtime';
import type { DataSource, EntityManager } from 'typeorm';
import type { MessageConverter, RocketMQTemplate } from 'nest-rocketmq';
import { ConsumerLog } from '../log/consumer-log.ts';
import { ConsumerLogRepository } from '../log/consumer-log-repository.ts';
import { Outbox } from '../outbox/outbox.ts';
import { OutboxRelay } from '../outbox/outbox-relay.ts';
import { OutboxRepository } from '../outbox/outbox-repository.ts';
import { RocketMQTransport } from '../outbox/outbox-transport.ts';
import { CommitWatch } from '../typeorm/commit-watch.ts';
import { createConsumerLogTables } from '../typeorm/tables.ts';
import { TypeOrmConsumerLogStore } from '../typeorm/typeorm-consumer-log-store.ts';
import { TypeOrmOutboxStore } from '../typeorm/typeorm-outbox-store.ts';
import { resolveConsumerLogOptions, type ResolvedConsumerLogOptions } from './options.ts';

/** What the application around a log gives it. */
export interface ConsumerLogSurroundings {
  readonly groupName: string;
  readonly dataSource: DataSource | undefined;
  readonly template: Pick<RocketMQTemplate, 'producer'>;
  readonly converter: MessageConverter;
  readonly logger: Logger;
  readonly clock: Clock;
}

/**
 * Everything that belongs to one `ConsumerLogModule`, and the order in which it starts and stops. Tables are there when the
 * application's own `onModuleInit` hooks are done; the relay runs from `onApplicationBootstrap` to
 * `beforeApplicationShutdown`, after which producers and data sources close.
 */
export class ConsumerLogRuntime implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly log: ConsumerLog<EntityManager>;
  readonly logRepository: ConsumerLogRepository;
  readonly outbox: Outbox;
  readonly outboxRepository: OutboxRepository;
  readonly relay: OutboxRelay;
  readonly #options: ResolvedConsumerLogOptions;
  readonly #surroundings: ConsumerLogSurroundings;
  readonly #watch: CommitWatch | undefined;
  #cleaning: Scheduled | undefined;
  #cleaned: Promise<void> = Promise.resolve();

  /** @throws RocketMQError `INVALID_CONFIG` when an option is wrong, or there is no data source */
  constructor(given: unknown, surroundings: ConsumerLogSurroundings) {
    const options = resolveConsumerLogOptions(given);
    const { consumer, outbox, tables } = options;
    const { groupName, dataSource, template, converter, logger, clock } = surroundings;
    const logStore = consumer.store ?? new TypeOrmConsumerLogStore(required(dataSource), tables.consumerLog);
    const outboxStore = outbox.store ?? new TypeOrmOutboxStore(required(dataSource), tables.producerTemp);
    const transport = outbox.transport ?? new RocketMQTransport(() => template.producer);
    this.#options = options;
    this.#surroundings = surroundings;
    this.log = new ConsumerLog(logStore, consumer, clock, logger);
    this.logRepository = new ConsumerLogRepository(logStore, clock);
    this.relay = new OutboxRelay(
      outboxStore,
      transport,
      { groupName, ...relaySettings(options) },
      clock,
      logger,
    );
    this.#watch = dataSource && new CommitWatch(dataSource, () => this.relay.wake());
    const written = (manager: EntityManager): void => this.#watch?.watch(manager);
    this.outbox = new Outbox(outboxStore, { groupName, converter, clock, written });
    this.outboxRepository = new OutboxRepository(outboxStore, groupName, clock);
  }

  async onModuleInit(): Promise<void> {
    const { createTables, tables } = this.#options;
    const { dataSource } = this.#surroundings;
    if (!createTables || !dataSource) return;
    const queryRunner = dataSource.createQueryRunner();
    try {
      await createConsumerLogTables(queryRunner, tables);
    } finally {
      await queryRunner.release();
    }
  }

  onApplicationBootstrap(): void {
    const { outbox, cleanInterval } = this.#options;
    if (outbox.relay) this.relay.start();
    this.#cleaning = scheduleEvery(this.#surroundings.clock, cleanInterval, cleanInterval, () => {
      this.#cleaned = this.#cleaned.then(() => this.#clean());
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#cleaning?.cancel();
    this.#watch?.close();
    await this.relay.stop();
    await this.#cleaned;
  }

  async #clean(): Promise<void> {
    const { consumer, outbox } = this.#options;
    try {
      await this.logRepository.purge(consumer.retention);
      await this.outboxRepository.purge(outbox.retention);
    } catch (error) {
      this.#surroundings.logger.warn(
        'Old rows of the consumer log and the outbox could not be deleted',
        error,
      );
    }
  }
}

function relaySettings({ outbox }: ResolvedConsumerLogOptions) {
  const { interval, batch, concurrency, lease, backoff, maxAttempts } = outbox;
  return { interval, batch, concurrency, lease, backoff, maxAttempts };
}

function required(dataSource: DataSource | undefined): DataSource {
  if (dataSource) return dataSource;
  throw new RocketMQError(
    'INVALID_CONFIG',
    'ConsumerLogModule finds no TypeORM DataSource: import TypeOrmModule.forRoot(), say which one with dataSource: ' +
      'getDataSourceToken(name), or give consumer.store and outbox.store',
  );
}
