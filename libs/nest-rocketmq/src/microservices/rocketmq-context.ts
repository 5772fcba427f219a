import { BaseRpcContext } from '@nestjs/microservices';
import type { MessageExt } from '@nest-rocketmq/client';
import type { MessageContext } from '../listener/message-context.ts';

/** What `@Ctx()` gives a handler. */
export class RocketMQContext extends BaseRpcContext<[MessageContext]> {
  constructor(args: [MessageContext]) {
    super(args);
  }

  /** Topic, tag, keys, attempt, headers: as listeners get it. */
  getMessageContext(): MessageContext {
    return this.args[0];
  }

  /** The message as the client received it. */
  getMessage(): MessageExt {
    return this.args[0].message;
  }

  /** The topic of the message. */
  getTopic(): string {
    return this.args[0].topic;
  }

  /** The pattern that took the message. */
  getPattern(): string {
    return this.args[0].handler;
  }
}
