import type { MessageContext } from '../listener/message-context.ts';
import type { ListenerAttributes } from './listener-attributes.ts';

const LISTENER_METADATA = Symbol.for('nest-rocketmq.listener');

/**
 * Makes a provider's class, or its methods, consumers of messages.
 *
 * On a class that has `onMessage`, that method gets the messages. On methods, each gets the messages of its tags; what
 * a method doesn't say is the class's. All handlers of one `consumerGroup` share one consumer, whose subscription is
 * the union of theirs.
 */
export function RocketMQMessageListener(
  attributes: ListenerAttributes = {},
): ClassDecorator & MethodDecorator {
  return (target: object, _key?: string | symbol, descriptor?: PropertyDescriptor): void => {
    const holder: unknown = descriptor ? descriptor.value : target;
    if (typeof holder !== 'function')
      throw new TypeError('@RocketMQMessageListener decorates a class or a method');
    const before = (Reflect.getOwnMetadata(LISTENER_METADATA, holder) ?? []) as ListenerAttributes[];
    Reflect.defineMetadata(LISTENER_METADATA, [...before, attributes], holder);
  };
}

/** The attributes given to a class or a method, one for each time it was decorated; a subclass has its parent's. */
export function listenerAttributes(holder: object): readonly ListenerAttributes[] {
  return (Reflect.getMetadata(LISTENER_METADATA, holder) ?? []) as ListenerAttributes[];
}

/** As {@link RocketMQListener}, for a topic of requests: what it returns is sent to the requester. */
export interface RocketMQReplyListener<T, R> {
  /** @returns the reply, or one with headers by `message(payload, headers)` */
  onMessage(payload: T, context: MessageContext): R | Promise<R>;
}

/** What a class with `@RocketMQMessageListener` and without decorated methods implements. */
export interface RocketMQListener<T> {
  /** Returning means that the message is done; throwing, or rejecting, that it has to come again. */
  onMessage(payload: T, context: MessageContext): unknown;
}
