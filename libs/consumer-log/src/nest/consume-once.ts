import {
  applyDecorators,
  createParamDecorator,
  SetMetadata,
  UseInterceptors,
  type ExecutionContext,
} from '@nestjs/common';
import { RocketMQError } from '@nest-rocketmq/runtime';
import type { EntityManager } from 'typeorm';
import { ROCKETMQ_CONTEXT, type MessageContext } from 'nest-rocketmq';
import { ConsumeOnceInterceptor } from './consume-once.interceptor.ts';
import { CONSUME_ONCE } from './consume-once-options.ts';
import type { ConsumeOnceOptions } from './consume-once-options.ts';
import { transactionOf } from './transactions.ts';

/**
 * Of a handler of messages, or all of a class: each message is consumed once by its group, however often it is delivered.
 * What the handler changes with `@Transaction()` is committed together with the note that the message is done, or not at all.
 *
 * A message that fails is tried again, `maxFailures` times; then it goes to the dead letters and its row stays, with the
 * reason, for an operator. One that another process is at comes again later.
 */
export function ConsumeOnce<T = unknown>(
  options: ConsumeOnceOptions<T> = {},
): ClassDecorator & MethodDecorator {
  return applyDecorators(SetMetadata(CONSUME_ONCE, options), UseInterceptors(ConsumeOnceInterceptor));
}

/** The `EntityManager` of the transaction that a `@ConsumeOnce()` handler runs in. */
export const Transaction: () => ParameterDecorator = createParamDecorator(
  (_data: unknown, context: ExecutionContext): EntityManager => {
    const [, message] = context.getArgs<[unknown, MessageContext]>();
    const manager = context.getType<string>() === ROCKETMQ_CONTEXT ? transactionOf(message) : undefined;
    if (manager) return manager;
    const handler = `${context.getClass().name}.${context.getHandler().name}`;
    throw new RocketMQError(
      'INVALID_CONFIG',
      `${handler} has a parameter with @Transaction(), but runs in none: decorate it with @ConsumeOnce()`,
    );
  },
);
