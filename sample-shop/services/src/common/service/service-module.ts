import type { DynamicModule, ModuleMetadata, Provider, Type } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RocketMQHealthIndicator } from 'nest-rocketmq/terminus';
import type { AnyRpcContract } from '@sample-shop/api';
import type { ServiceDatabase } from '../database/database-options.ts';
import { DatabaseModule } from '../database/database.module.ts';
import { HealthOfService } from '../health/service-health.ts';
import { MessagingModule } from '../messaging/messaging.module.ts';
import { RpcClientsModule } from '../rpc/rpc-clients.module.ts';
import type { ServiceName } from '../settings/service-name.ts';
import { SettingsModule } from '../settings/settings.module.ts';
import type { ShopSettings } from '../settings/settings.ts';
import { TimelineModule } from '../../timeline/timeline.module.ts';

/** What is different from service to service. */
export interface ServiceParts {
  readonly module: Type;
  readonly service: ServiceName;
  readonly database: ServiceDatabase & { readonly entities: (new () => object)[] };
  /** The services it calls. */
  readonly calls?: AnyRpcContract[];
  readonly controllers: Type[];
  readonly providers: Provider[];
  readonly imports?: NonNullable<ModuleMetadata['imports']>;
}

/** The module of a service: its settings, database, messages, clients of other services, and what is its own. */
export function serviceModule(settings: ShopSettings, parts: ServiceParts): DynamicModule {
  const { module, service, database, calls = [], controllers, providers, imports = [] } = parts;
  return {
    module,
    imports: [
      SettingsModule.with(settings),
      DatabaseModule.of(settings, database),
      TypeOrmModule.forFeature(database.entities),
      ...MessagingModule.of(settings, service),
      RpcClientsModule.to(settings, ...calls),
      TerminusModule.forRoot({ logger: false }),
      TimelineModule.of(service),
      ...imports,
    ],
    controllers,
    providers: [RocketMQHealthIndicator, HealthOfService, ...providers],
  };
}
