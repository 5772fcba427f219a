export type { JsonOptions } from './conversion/json.ts';
export {
  BytesMessageConverter,
  JsonMessageConverter,
  TextMessageConverter,
  type TextCharset,
} from './conversion/single-kind-converters.ts';
export {
  DefaultMessageConverter,
  type EncodedPayload,
  type MessageConverter,
  type PayloadKind,
} from './conversion/message-converter.ts';
export { InjectRocketMQTemplate } from './decorators/inject-rocketmq-template.ts';
export {
  SelectorType,
  type BatchAttributes,
  type Configurable,
  type ConfigurationSource,
  type GroupAttributes,
  type HandlerAttributes,
  type LaneAttributes,
  type ListenerAttributes,
} from './decorators/listener-attributes.ts';
export { Context, MessageHeaders, MessageKeys, Payload, RawMessage } from './decorators/params.ts';
export {
  RocketMQMessageListener,
  type RocketMQListener,
  type RocketMQReplyListener,
} from './decorators/rocketmq-message-listener.ts';
export {
  RocketMQTransactionListener,
  RocketMQLocalTransactionState,
  type RocketMQLocalTransactionListener,
  type TransactionListenerAttributes,
} from './decorators/transaction-listener.ts';
export {
  DeadLetterService,
  type ReadDeadLetters,
  type ReplayDeadLetters,
} from './dead-letters/dead-letter-service.ts';
export type { QueueLag } from './lifecycle/consumer-lag.ts';
export { RocketMQRegistry, type ConnectionInfo, type ListenerInfo } from './lifecycle/rocketmq-registry.ts';
export { ConsumeMode } from './listener/consume-mode.ts';
export { ROCKETMQ_CONTEXT } from './listener/handler-factory.ts';
export type { ListenerState } from './listener/listener-container.ts';
export { BatchContext } from './listener/batch-context.ts';
export { HandlerTimeout } from './listener/call-timeout.ts';
export { MessageContext } from './listener/message-context.ts';
export { DropMessage, PayloadError, RejectMessage, RetryLater } from './listener/outcome.ts';
export type { StandardSchema } from './listener/standard-schema.ts';
export type { RocketMQModuleOptions, RocketMQOptionsFactory } from './module/options.ts';
export type { RocketMQModuleExtras } from './module/rocketmq.module-definition.ts';
export { RocketMQModule } from './module/rocketmq.module.ts';
export { nestLogger } from './module/nest-logger.ts';
export { toMessage } from './template/outgoing.ts';
export { PartialBatchError } from './template/batch.ts';
export type { Delay } from './template/delay.ts';
export {
  message,
  OutgoingMessage,
  type AnyEvents,
  type BatchOf,
  type DestinationOf,
  type PayloadOf,
  type ReplyOf,
  type Request,
} from './template/events.ts';
export type { HeaderValue, MessageHeaders as SendHeaders } from './template/headers.ts';
export {
  RocketMQTemplate,
  type MessagePostProcessor,
  type RequestCallback,
  type SendCallback,
  type TemplateProducer,
} from './template/rocketmq-template.ts';
export type { ReceiveOptions } from './template/receive.ts';
export { RocketMQOperations } from './template/rocketmq-operations.ts';
export type {
  QueueChoice,
  QueueSelector,
  RecallOptions,
  RequestOptions,
  SendOptions,
} from './template/send-options.ts';
export type { TransactionOptions } from './transaction/transaction-options.ts';
export { getRocketMQOptionsToken, getRocketMQTemplateToken } from './tokens.ts';
export { RocketMQError, type Duration, type RocketMQErrorCode } from '@nest-rocketmq/runtime';
export {
  SendStatus,
  type DeadLetter,
  type DeadLetterFilter,
  type ReplayReport,
  type Message,
  type MessageExt,
  type MessageQueue,
  type SendResult,
  type TransactionMessage,
  type TransactionSendResult,
} from '@nest-rocketmq/client';
