export { RocketMQClient, type RocketMQClientOptions } from './rocketmq-client.ts';
export { RocketMQContext } from './rocketmq-context.ts';
export { RocketMQExceptionFilter } from './rocketmq-exception-filter.ts';
export { RocketMQRecord, RocketMQRecordBuilder } from './rocketmq-record.ts';
export { ROCKETMQ_TRANSPORT, RocketMQServer, type RocketMQServerOptions } from './rocketmq-server.ts';
export type { RocketMQPatternExtras } from './pattern-routes.ts';
export { RocketMQStatus } from './status.ts';
