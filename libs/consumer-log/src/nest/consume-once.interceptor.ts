import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { RocketMQError } from '@nest-rocketmq/runtime';
import type { EntityManager } from 'typeorm';
import { MessageContext, RejectMessage, RetryLater, ROCKETMQ_CONTEXT } from 'nest-rocketmq';
import { defer, lastValueFrom, type Observable } from 'rxjs';
import { ConsumerLog, type ConsumedMessage } from '../log/consumer-log.ts';
import { bodyText, storableKey } from '../log/storable-text.ts';
import { CONSUME_ONCE, type ConsumeOnceOptions } from './consume-once-options.ts';
import { beginTransaction } from './transactions.ts';

/** What `@ConsumeOnce()` puts around a handler; calls that are no messages pass through. */
@Injectable()
export class ConsumeOnceInterceptor implements NestInterceptor {
  readonly #log: ConsumerLog<EntityManager>;
  readonly #reflector: Reflector;

  constructor(log: ConsumerLog<EntityManager>, reflector: Reflector) {
    this.#log = log;
    this.#reflector = reflector;
  }

  intercept(execution: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (execution.getType<string>() !== ROCKETMQ_CONTEXT) return next.handle();
    return defer(() => this.#consume(execution, next));
  }

  async #consume(execution: ExecutionContext, next: CallHandler): Promise<unknown> {
    const [payload, context] = execution.getArgs<[unknown, unknown]>();
    if (!(context instanceof MessageContext)) {
      throw new RocketMQError(
        'INVALID_CONFIG',
        `${execution.getClass().name}.${execution.getHandler().name}: @ConsumeOnce() is for handlers of one message at a time`,
      );
    }
    const consumption = await this.#log.consume(this.#identify(execution, payload, context), (manager) => {
      beginTransaction(context, manager);
      return lastValueFrom<unknown, unknown>(next.handle(), { defaultValue: undefined });
    });
    switch (consumption.outcome) {
      case 'consumed':
        return consumption.result;
      case 'duplicate':
        return undefined;
      case 'busy':
        throw new RetryLater(consumption.retryAfter, 'another delivery of this message is in process');
      case 'given-up': {
        const { times, remark, cause } = consumption;
        throw new RejectMessage(`it failed ${times} times, the last time: ${remark}`, { cause });
      }
    }
  }

  #identify(execution: ExecutionContext, payload: unknown, context: MessageContext): ConsumedMessage {
    const targets = [execution.getHandler(), execution.getClass()];
    const options = this.#reflector.getAllAndOverride<ConsumeOnceOptions | undefined>(CONSUME_ONCE, targets);
    const key = options?.key ? options.key(payload, context) : context.keys.join(' ') || context.msgId;
    if (typeof key !== 'string' || key === '')
      throw new RejectMessage('@ConsumeOnce() gets no key from it, so it could be consumed again and again');
    return {
      groupName: context.consumerGroup,
      msgTag: storableKey(context.tag ?? ''),
      msgKey: storableKey(key),
      msgId: context.msgId,
      msgBody: bodyText(context.message.body),
    };
  }
}
