import {
  Injectable,
  Module,
  UseGuards,
  UsePipes,
  ValidationPipe,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { IsInt, IsString, Min } from 'class-validator';
import { z } from 'zod';
import {
  DeadLetterService,
  MessageContext,
  Payload,
  RejectMessage,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQTemplate,
} from 'nest-rocketmq';
import { cluster } from '../cluster.ts';
import { until } from '../until.ts';

/** By class-validator. */
class CreateOrder {
  @IsString() id!: string;
  @IsInt() @Min(1) count!: number;
}

/** By any Standard Schema: Zod, Valibot, ArkType, ... */
const CancelOrder = z.object({ id: z.string(), reason: z.string().min(1) });

/** Guards, interceptors, pipes and filters work as around a controller's method. */
@Injectable()
class TenantGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const [, message] = context.getArgs<[unknown, MessageContext]>();
    if (message.headers.get('tenant') === 'ours') return true;
    throw new RejectMessage('not our tenant');
  }
}

const taken: string[] = [];

@Injectable()
@UseGuards(TenantGuard)
@RocketMQMessageListener({ consumerGroup: 'validation-orders', topic: 'validation-sample' })
class OrderListener {
  @RocketMQMessageListener({ tags: 'created' })
  @UsePipes(new ValidationPipe({ transform: true }))
  create(@Payload() { id, count }: CreateOrder): void {
    taken.push(`order ${id}: ${count} pieces`);
  }

  @RocketMQMessageListener({ tags: 'cancelled', schema: CancelOrder })
  cancel(@Payload() { id, reason }: z.infer<typeof CancelOrder>): void {
    taken.push(`order ${id}: cancelled, ${reason}`);
  }
}

@Module({
  imports: [RocketMQModule.forRoot({ ...cluster, producer: { group: 'validation-sample' } })],
  providers: [OrderListener],
})
class AppModule {}

/** A payload that is not valid goes to the dead letters at once, with the reason: trying it again would not help. */
export async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  const rocketmq = app.get(RocketMQTemplate);
  const from = Date.now();

  const headers = { tenant: 'ours' };
  await rocketmq.send('validation-sample:created', { id: 'A', count: 2 }, { headers });
  await rocketmq.send('validation-sample:created', { id: 'B', count: 0 }, { headers, keys: 'B' });
  await rocketmq.send('validation-sample:cancelled', { id: 'C', reason: 'too late' }, { headers });
  await rocketmq.send('validation-sample:cancelled', { id: 'D' }, { headers, keys: 'D' });
  await rocketmq.send('validation-sample:created', 'no JSON {', { headers, keys: 'E' });
  await rocketmq.send('validation-sample:created', { id: 'F', count: 1 }, { keys: 'F' });

  const deadLetters = app.get(DeadLetterService);
  await until(() => taken.length === 2);
  while ((await deadLetters.count('validation-orders', { from })) < 4);
  for (const line of taken.toSorted()) console.log(line);
  for (const { keys, reason } of await deadLetters.list('validation-orders', { from })) {
    console.log(`dead letter ${keys[0]}: ${reason}`);
  }
  await app.close();
}
