import { Injectable } from '@nestjs/common';
import {
  DefaultLitePullConsumer,
  DefaultMQPushConsumer,
  MQAdmin,
  TransactionMQProducer,
} from '@nest-rocketmq/client';
import { RocketMQError, type Logger } from '@nest-rocketmq/runtime';
import type { TemplateProducer } from '../template/rocketmq-template.ts';
import type { ResolvedOptions } from './options.ts';

/** The part of a producer that a connection uses. */
export type Producer = TemplateProducer &
  Pick<TransactionMQProducer, 'start' | 'shutdown' | 'checkNameServer'>;

/** The part of a push consumer that a listener container uses. */
export type Consumer = Pick<
  DefaultMQPushConsumer,
  | 'subscribe'
  | 'onMessage'
  | 'onMessageOrderly'
  | 'start'
  | 'suspend'
  | 'resume'
  | 'resize'
  | 'shutdown'
  | 'assignment'
>;

/** The part of a pull consumer that a connection uses. */
export type PullConsumer = Pick<DefaultLitePullConsumer, 'subscribe' | 'start' | 'poll' | 'shutdown'>;

/** The part of an admin that health, metrics and dead letters use. */
export type Admin = Pick<
  MQAdmin,
  | 'start'
  | 'shutdown'
  | 'consumeStats'
  | 'topicQueues'
  | 'minOffset'
  | 'maxOffset'
  | 'searchOffset'
  | 'readQueue'
>;

/** A NameServer and a broker in this process. */
export interface LocalCluster {
  readonly nameServer: string;
  readonly brokerAddress: string;
  shutdown(): Promise<void>;
}

/** How the embedded cluster of a connection is started. */
export type LocalClusterOptions = Extract<ResolvedOptions['cluster'], { embedded: unknown }>['embedded'];

/** Makes the clients that a connection consists of. The one place where this library touches the network. */
@Injectable()
export class ClientFactory {
  /** Always one that can send in transactions: the same group must not be in a process twice. */
  producer(options: ConstructorParameters<typeof TransactionMQProducer>[0]): Producer {
    return new TransactionMQProducer(options);
  }

  consumer(options: ConstructorParameters<typeof DefaultMQPushConsumer>[0]): Consumer {
    return new DefaultMQPushConsumer(options);
  }

  pullConsumer(options: ConstructorParameters<typeof DefaultLitePullConsumer>[0]): PullConsumer {
    return new DefaultLitePullConsumer(options);
  }

  admin(options: ConstructorParameters<typeof MQAdmin>[0]): Admin {
    return new MQAdmin(options);
  }

  /**
   * Starts a NameServer and a broker in this process. Only here `@nest-rocketmq/embedded` is loaded, so that an
   * application on a real cluster doesn't have to install it.
   */
  async localCluster(options: LocalClusterOptions, storePath: string, logger: Logger): Promise<LocalCluster> {
    const { EmbeddedCluster } = await loadEmbedded();
    const { namesrv, broker } = options.ports ?? {};
    const ports = {
      ...(namesrv === undefined ? {} : { namesrv }),
      ...(broker === undefined ? {} : { broker }),
    };
    return EmbeddedCluster.start({ storePath, ports, logger });
  }
}

async function loadEmbedded(): Promise<typeof import('@nest-rocketmq/embedded')> {
  try {
    return await import('@nest-rocketmq/embedded');
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new RocketMQError(
      'INVALID_CONFIG',
      'The option embedded needs the package @nest-rocketmq/embedded: npm install --save-dev @nest-rocketmq/embedded',
      { cause: error },
    );
  }
}
