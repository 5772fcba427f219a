import { Injectable } from '@nestjs/common';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { z } from 'zod';
import {
  transactionListenerAttributes,
  type RocketMQLocalTransactionListener,
} from '../decorators/transaction-listener.ts';
import { resolveAttributes } from '../listener/attribute-resolver.ts';
import type { HandlerHost } from '../listener/handler-factory.ts';
import { ListenerExplorer } from '../listener/listener-explorer.ts';
import { Connections } from '../module/connections.ts';
import { DEFAULT_CONNECTION } from '../tokens.ts';

const text = z.string().trim().min(1);

const attributesSchema = z.strictObject({
  topic: z.union([text, z.array(text).min(1)]).optional(),
  name: text.optional(),
  connection: text.optional(),
});

/** Finds what carries `@RocketMQTransactionListener`, and gives it to its connection. */
@Injectable()
export class TransactionExplorer {
  readonly #explorer: ListenerExplorer;
  readonly #connections: Connections;

  constructor(explorer: ListenerExplorer, connections: Connections) {
    this.#explorer = explorer;
    this.#connections = connections;
  }

  /** @throws RocketMQError `INVALID_CONFIG` that names the class that is wrong */
  register(): void {
    const configuration = this.#explorer.configuration();
    for (const host of this.#explorer.hosts()) {
      const type = host.instance.constructor as unknown;
      const attributes = typeof type === 'function' ? transactionListenerAttributes(type) : undefined;
      if (typeof type !== 'function' || !attributes) continue;
      const className = type.name;
      const { topic, name, connection } = resolveAttributes(
        attributes,
        configuration,
        className,
        attributesSchema,
      );
      const target = this.#connections.get(connection ?? DEFAULT_CONNECTION);
      if (!target) {
        const names = this.#connections.names.join(', ') || 'none';
        throw invalid(`${className}: there is no connection '${connection}'. The application has: ${names}`);
      }
      const topics = typeof topic === 'string' ? [topic] : topic;
      target.transactions.add({ className, listener: listenerOf(host, className), topics, name });
    }
  }
}

function listenerOf(host: HandlerHost, className: string): RocketMQLocalTransactionListener {
  if (!host.isDependencyTreeStatic() || host.isTransient)
    throw invalid(`${className} carries @RocketMQTransactionListener, so it must be a singleton`);
  const listener = host.instance as Partial<RocketMQLocalTransactionListener>;
  if (typeof listener.checkLocalTransaction === 'function')
    return host.instance as RocketMQLocalTransactionListener;
  throw invalid(
    `${className} carries @RocketMQTransactionListener, but has no method checkLocalTransaction(message)`,
  );
}

function invalid(message: string): RocketMQError {
  return new RocketMQError('INVALID_CONFIG', message);
}
