import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.ts';
import { Customers } from './customers.ts';
import { readSettings } from './settings.ts';
import { showAround } from './show-around.ts';

async function bootstrap(): Promise<void> {
  const { rocketmq, once } = readSettings(process.argv.slice(2), process.env);

  const app = await NestFactory.createApplicationContext(AppModule.on(rocketmq), {
    logger: ['error', 'warn'],
    abortOnError: false,
  });
  // SIGTERM and Ctrl-C: running handlers end, offsets are stored, then the connections close.
  app.enableShutdownHooks();

  showAround(app, once);
  app.get(Customers).start();
}

bootstrap().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
