import { ConfigurableModuleBuilder, type DynamicModule, type Provider } from '@nestjs/common';
import { RocketMQTemplate } from '../template/rocketmq-template.ts';
import {
  DEFAULT_CONNECTION,
  getConnectionToken,
  getRocketMQOptionsToken,
  getRocketMQTemplateToken,
} from '../tokens.ts';
import type { RocketMQConnection } from './connection.ts';
import { Connections } from './connections.ts';
import type { RocketMQModuleOptions } from './options.ts';

/** What stands beside the options: it must be known before a factory runs. */
export interface RocketMQModuleExtras {
  /** The name of this connection, for a second cluster. Default: the unnamed one. */
  name?: string;
  /** Whether the template can be injected everywhere, without importing this module again. Default true. */
  isGlobal?: boolean;
}

const OPTIONS = Symbol('RocketMQModuleOptions');

export const { ConfigurableModuleClass, OPTIONS_TYPE, ASYNC_OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<RocketMQModuleOptions>({ optionsInjectionToken: OPTIONS })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createRocketMQOptions')
    .setExtras<RocketMQModuleExtras>({ name: undefined, isGlobal: true }, define)
    .build();

/** Gives the builder's module the providers of one connection, under tokens that carry its name. */
function define(definition: DynamicModule, extras: RocketMQModuleExtras): DynamicModule {
  const name = extras.name ?? DEFAULT_CONNECTION;
  const optionsToken = getRocketMQOptionsToken(name);
  const templateToken = getRocketMQTemplateToken(name);
  const providers: Provider[] = [
    ...(definition.providers ?? []).map((provider) =>
      typeof provider === 'object' && provider.provide === OPTIONS
        ? { ...provider, provide: optionsToken }
        : provider,
    ),
    {
      provide: getConnectionToken(name),
      useFactory: (options: unknown, connections: Connections) => connections.add(name, options),
      inject: [optionsToken, Connections],
    },
    {
      provide: templateToken,
      useFactory: (connection: RocketMQConnection) => new RocketMQTemplate(connection),
      inject: [getConnectionToken(name)],
    },
  ];
  return {
    ...definition,
    global: extras.isGlobal ?? true,
    providers,
    exports: [templateToken, optionsToken],
  };
}
