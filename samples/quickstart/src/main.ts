import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.ts';
import { Customers } from './customers.ts';
import { readSettings } from './settings.ts';
import { showAround } from './show-around.ts';

const { rocketmq, once } = readSettings(process.argv.slice(2), process.env);

const app = await NestFactory.createApplicationContext(AppModule.on(rocketmq), { logger: ['error', 'warn'] });
// SIGTERM and Ctrl-C: running handlers end, offsets are stored, then the connections close.
app.enableShutdownHooks();

showAround(app, once);
app.get(Customers).start();
