import { Test, type TestingModule } from '@nestjs/testing';
import type { ModuleMetadata } from '@nestjs/common';
import { ClientFactory } from '../src/module/client-factory.ts';
import { RocketMQModule, type RocketMQModuleOptions } from '../src/index.ts';
import { FakeClientFactory } from './fake-clients.ts';

export interface StartedApp {
  app: TestingModule;
  clients: FakeClientFactory;
}

/** Starts a Nest application with one connection and fake clients. */
export async function startApp(
  metadata: ModuleMetadata,
  options: RocketMQModuleOptions = { nameServer: '127.0.0.1:9876' },
  clients = new FakeClientFactory(),
): Promise<StartedApp> {
  const app = await Test.createTestingModule({
    ...metadata,
    imports: [RocketMQModule.forRoot(options), ...(metadata.imports ?? [])],
  })
    .overrideProvider(ClientFactory)
    .useValue(clients)
    .compile();
  // Expected failures are asserted, not printed.
  app.useLogger(false);
  await app.init();
  return { app, clients };
}
