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
