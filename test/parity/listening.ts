import { Injectable, type Provider, type Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQTemplate,
  type ListenerAttributes,
  type MessageContext,
  type RocketMQModuleOptions,
} from 'nest-rocketmq';
import type { TestCluster } from '@nest-rocketmq/testing';

/** What a listener of a spec does with a message. */
export type OnMessage = (payload: unknown, context: MessageContext) => unknown;

let names = 0;

/** A name that no other topic or group of this run has. */
export function freshName(prefix: string): string {
  return `${prefix}-${process.pid}-${++names}`;
}

/** A class that listens as a spec says, from the first message on. */
export function listenerClass(attributes: ListenerAttributes, onMessage: OnMessage): Type<unknown> {
  @Injectable()
  @RocketMQMessageListener({ consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET', ...attributes })
  class Listener {
    onMessage(payload: unknown, context: MessageContext): unknown {
      return onMessage(payload, context);
    }
  }
  return Listener;
}

/** Applications on one cluster, which a spec stops all together. */
export class Applications {
  readonly #cluster: TestCluster;
  readonly #apps: TestingModule[] = [];

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
  }

  /** Starts one with these providers. */
  async start(
    providers: Provider[],
    options: Partial<RocketMQModuleOptions> = {},
  ): Promise<{ app: TestingModule; template: RocketMQTemplate }> {
    const app = await Test.createTestingModule({
      imports: [
        RocketMQModule.forRoot(this.#cluster.options(options as Omit<RocketMQModuleOptions, 'nameServer'>)),
      ],
      providers,
    }).compile();
    app.useLogger(false);
    this.#apps.push(app);
    await app.init();
    return { app, template: app.get(RocketMQTemplate) };
  }

  /** Stops all. */
  async close(): Promise<void> {
    await Promise.all(this.#apps.splice(0).map((app) => app.close()));
  }
}
