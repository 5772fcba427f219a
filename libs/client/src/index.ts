export { MQVersion } from '@nest-rocketmq/protocol';
export type { TlsClientConfig } from '@nest-rocketmq/remoting';
export { BrokerError, ClientErrorCode, SendError, type SendAttempt } from './errors.ts';
export type { ClientOptions } from './instance/client-options.ts';
export type { CompressionType } from './message/compression.ts';
export {
  SendStatus,
  type Message,
  type MessageExt,
  type MessageQueue,
  type SendResult,
} from './message/message.ts';
export { contentTypeOf } from './message/received-message.ts';
export { DefaultMQProducer, type ProducerOptions } from './producer/default-mq-producer.ts';
export { createReplyMessage, isRequest, type ReplyMessage } from './producer/request-reply-message.ts';
export type { RequestCallback } from './producer/request-sender.ts';
export { hashSelector } from './producer/hash-selector.ts';
export {
  TransactionMQProducer,
  type TransactionProducerOptions,
} from './producer/transaction-mq-producer.ts';
export {
  LocalTransactionState,
  type LocalTransactionExecuter,
  type TransactionListener,
  type TransactionMessage,
  type TransactionSendOptions,
  type TransactionSendResult,
} from './producer/transaction-types.ts';
export type { MessageQueueSelector, SendOptions, SendSettings } from './producer/send-options.ts';
export { averagely, averagelyByCircle } from './consumer/allocate/averagely.ts';
export { byConfig } from './consumer/allocate/by-config.ts';
export { consistentHash } from './consumer/allocate/consistent-hash.ts';
export {
  machineRoom,
  machineRoomNearby,
  type MachineRoomResolver,
} from './consumer/allocate/machine-room.ts';
export type { AllocateMessageQueueStrategy } from './consumer/allocate/strategy.ts';
export type { ConsumeSettings, PushConsumerOptions } from './consumer/consumer-options.ts';
export {
  ConsumeConcurrentlyContext,
  ConsumeConcurrentlyStatus,
  ConsumeFromWhere,
  ConsumeOrderlyContext,
  ConsumeOrderlyStatus,
  MessageModel,
  type MessageListenerConcurrently,
  type MessageListenerOrderly,
  type Redelivery,
} from './consumer/consumer-types.ts';
export { DefaultMQPushConsumer } from './consumer/default-mq-push-consumer.ts';
export { MessageSelector } from './consumer/message-selector.ts';
export {
  DefaultLitePullConsumer,
  type QueueOffset,
} from './consumer/lite-pull/default-lite-pull-consumer.ts';
export type { LitePullConsumerOptions, LitePullSettings } from './consumer/lite-pull/lite-pull-options.ts';
export type { TopicMessageQueueChangeListener } from './consumer/lite-pull/topic-queue-watch.ts';
export {
  DefaultMQPullConsumer,
  type PullConsumerOptions,
  type PullOptions,
  type PullResult,
} from './consumer/pull/default-mq-pull-consumer.ts';
export { PullStatus } from './consumer/pull-exchange.ts';
export { MQAdmin, type AdminOptions } from './admin/mq-admin.ts';
export type { AdminTarget } from './admin/admin-session.ts';
export type { SubscriptionGroupSpec } from './admin/group-admin.ts';
export type { QueryOptions } from './admin/message-admin.ts';
export type { QueueSlice } from './admin/queue-reader.ts';
export type { TopicSpec } from './admin/topic-admin.ts';
export type {
  ConsumeMessageContext,
  ConsumeMessageHook,
  EndTransactionContext,
  EndTransactionHook,
  SendMessageContext,
  SendMessageHook,
} from './trace/hooks.ts';
export type { TraceOptions } from './trace/message-trace.ts';
export {
  CONSUME_RETURN_TYPES,
  decodeTrace,
  encodeTrace,
  TRACE_MESSAGE_TYPES,
  type ConsumeReturnType,
  type EndTransactionTrace,
  type PubTrace,
  type RecallTrace,
  type SubAfterTrace,
  type SubBeforeTrace,
  type TraceMessageType,
  type TraceRecord,
} from './trace/trace-data.ts';
export {
  consumeChannel,
  observe,
  receiveChannel,
  sendChannel,
  type Around,
  type ConsumeEvent,
  type ConsumeOutcome,
  type ObservedEvent,
  type ObservedMessage,
  type ReceiveEvent,
  type SendEvent,
} from './diagnostics/channels.ts';
export { withNamespace, withoutNamespace } from './namespace/namespace.ts';
export {
  REJECTED_BY,
  REJECT_REASON,
  type DeadLetter,
  type DeadLetterFilter,
} from './dead-letters/dead-letter.ts';
export {
  DeadLetterQueue,
  type DeadLetterAccess,
  type ReadOptions,
  type ReplayOptions,
  type ReplayReport,
} from './dead-letters/dead-letter-queue.ts';
export type { ReplayTarget } from './dead-letters/replayed-message.ts';
