import {
  ConfigurableModuleBuilder,
  type DynamicModule,
  type InjectionToken,
  type Provider,
} from '@nestjs/common';
import { RocketMQError, systemClock } from '@nest-rocketmq/runtime';
import { DataSource } from 'typeorm';
import {
  DefaultMessageConverter,
  getRocketMQOptionsToken,
  getRocketMQTemplateToken,
  nestLogger,
  type RocketMQModuleOptions,
  type RocketMQTemplate,
} from 'nest-rocketmq';
import { ConsumerLog } from '../log/consumer-log.ts';
import { ConsumerLogRepository } from '../log/consumer-log-repository.ts';
import { Outbox } from '../outbox/outbox.ts';
import { OutboxRelay } from '../outbox/outbox-relay.ts';
import { OutboxRepository } from '../outbox/outbox-repository.ts';
import { ConsumeOnceInterceptor } from './consume-once.interceptor.ts';
import { ConsumerLogRuntime } from './consumer-log-runtime.ts';
import type { ConsumerLogModuleOptions } from './options.ts';

/** What stands beside the options: it must be known before a factory runs. */
export interface ConsumerLogModuleExtras {
  /** The name of the `RocketMQModule` that the outbox sends through. Default: the unnamed one. */
  connection?: string;
  /** The injection token of the data source, as `getDataSourceToken(name)` gives it. Default: the unnamed one. */
  dataSource?: InjectionToken;
  /** Whether everything can use it without importing this module again. Default true. */
  isGlobal?: boolean;
}

const OPTIONS = Symbol('ConsumerLogModuleOptions');

export const { ConfigurableModuleClass, OPTIONS_TYPE, ASYNC_OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<ConsumerLogModuleOptions>({ optionsInjectionToken: OPTIONS })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createConsumerLogOptions')
    .setExtras<ConsumerLogModuleExtras>(
      { connection: undefined, dataSource: DataSource, isGlobal: true },
      define,
    )
    .build();

function define(definition: DynamicModule, extras: ConsumerLogModuleExtras): DynamicModule {
  const { connection, dataSource = DataSource, isGlobal = true } = extras;
  const of = <T>(token: InjectionToken, part: (runtime: ConsumerLogRuntime) => T): Provider => ({
    provide: token,
    useFactory: part,
    inject: [ConsumerLogRuntime],
  });
  const shared: Provider[] = [
    of(ConsumerLog, ({ log }) => log),
    of(ConsumerLogRepository, ({ logRepository }) => logRepository),
    of(Outbox, ({ outbox }) => outbox),
    of(OutboxRepository, ({ outboxRepository }) => outboxRepository),
    of(OutboxRelay, ({ relay }) => relay),
  ];
  return {
    ...definition,
    global: isGlobal,
    providers: [
      ...(definition.providers ?? []),
      {
        provide: ConsumerLogRuntime,
        useFactory: runtime,
        inject: [
          OPTIONS,
          getRocketMQTemplateToken(connection),
          getRocketMQOptionsToken(connection),
          { token: dataSource, optional: true },
        ],
      },
      ...shared,
      ConsumeOnceInterceptor,
    ],
    exports: [ConsumerLog, ConsumerLogRepository, Outbox, OutboxRepository, OutboxRelay],
  };
}

function runtime(
  options: ConsumerLogModuleOptions,
  template: RocketMQTemplate,
  rocketmq: RocketMQModuleOptions,
  dataSource: DataSource | undefined,
): ConsumerLogRuntime {
  const groupName = options.group ?? rocketmq.producer?.group;
  if (groupName === undefined) {
    throw new RocketMQError(
      'INVALID_CONFIG',
      'ConsumerLogModule options: group is missing, and the RocketMQ module has no producer.group: say who sends',
    );
  }
  return new ConsumerLogRuntime(options, {
    groupName,
    dataSource,
    template,
    converter: rocketmq.converter ?? new DefaultMessageConverter(),
    logger: nestLogger('consumer-log'),
    clock: options.clock ?? systemClock,
  });
}
