export {
  ConsumerStatus,
  type ConsumedMessageId,
  type ConsumerLogQuery,
  type ConsumerLogRecord,
  type ConsumerLogState,
  type ConsumerLogStore,
} from './log/consumer-log-store.ts';
export {
  ConsumerLog,
  type ConsumedMessage,
  type ConsumerLogSettings,
  type Consumption,
} from './log/consumer-log.ts';
export { ConsumerLogRepository } from './log/consumer-log-repository.ts';
export { ConsumeOnce, Transaction } from './nest/consume-once.ts';
export { ConsumeOnceInterceptor } from './nest/consume-once.interceptor.ts';
export type { ConsumeOnceOptions } from './nest/consume-once-options.ts';
export { ConsumerLogModule } from './nest/consumer-log.module.ts';
export type { ConsumerLogModuleExtras } from './nest/consumer-log.module-definition.ts';
export type { ConsumerLogModuleOptions, ConsumerLogOptionsFactory } from './nest/options.ts';
export { Outbox, type OutboxOptions, type OutboxSettings } from './outbox/outbox.ts';
export { OutboxRelay, type RelaySettings } from './outbox/outbox-relay.ts';
export { OutboxRepository } from './outbox/outbox-repository.ts';
export { RocketMQTransport, type OutboxTransport } from './outbox/outbox-transport.ts';
export {
  OutboxStatus,
  type Lease,
  type OutboxFields,
  type OutboxMessage,
  type OutboxQuery,
  type OutboxRecord,
  type OutboxStore,
  type Settlement,
} from './outbox/outbox-store.ts';
export { createConsumerLogTables, dropConsumerLogTables, type TableNames } from './typeorm/tables.ts';
export { TypeOrmConsumerLogStore } from './typeorm/typeorm-consumer-log-store.ts';
export { TypeOrmOutboxStore } from './typeorm/typeorm-outbox-store.ts';
