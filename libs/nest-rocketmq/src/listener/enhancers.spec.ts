import {
  BadRequestException,
  Catch,
  Injectable,
  ParseIntPipe,
  SetMetadata,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  type ArgumentMetadata,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type LoggerService,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common';
import { APP_GUARD, Reflector } from '@nestjs/core';
import { jest } from '@jest/globals';
import { map } from 'rxjs';
import { received } from '../../test/fake-clients.ts';
import { startApp, type StartedApp } from '../../test/start-app.ts';
import {
  Payload,
  RetryLater,
  ROCKETMQ_CONTEXT,
  RocketMQMessageListener,
  type MessageContext,
} from '../index.ts';

let started: StartedApp;
const seen: unknown[] = [];

beforeEach(() => void (seen.length = 0));
afterEach(async () => started.app.close());

const deliver = (message = received({})) => started.clients.consumerOf('g').deliver(message);

/** Listens with everything that a spec puts around `handle`. */
const listening = RocketMQMessageListener({ consumerGroup: 'g', topic: 'order' });

describe('what Nest puts around a method works around a handler', () => {
  it('guards, which can tell messages from requests and read metadata', async () => {
    @Injectable()
    class Guard implements CanActivate {
      constructor(readonly reflector: Reflector) {}

      canActivate(context: ExecutionContext) {
        const [payload] = context.getArgs<[{ allowed: boolean }]>();
        seen.push(context.getType<string>(), this.reflector.get('role', context.getHandler()));
        return payload.allowed;
      }
    }

    class Listener {
      @listening
      @SetMetadata('role', 'stock')
      handle() {
        seen.push('handled');
      }
    }
    started = await startApp({ providers: [Listener, { provide: APP_GUARD, useClass: Guard }] });
    await expect(deliver(received({ body: { allowed: true } }))).resolves.toBe('done');
    await expect(deliver(received({ body: { allowed: false } }))).resolves.toEqual({ delayLevel: 0 });
    expect(seen).toEqual([ROCKETMQ_CONTEXT, 'stock', 'handled', ROCKETMQ_CONTEXT, 'stock']);
  });

  it('interceptors', async () => {
    class Interceptor implements NestInterceptor {
      intercept(context: ExecutionContext, next: CallHandler) {
        seen.push(`before ${context.getArgs<[unknown, MessageContext]>()[1].handler}`);
        return next.handle().pipe(map((value) => void seen.push(`after ${String(value)}`)));
      }
    }

    @UseInterceptors(Interceptor)
    class Listener {
      @listening
      handle() {
        return 'handled';
      }
    }
    started = await startApp({ providers: [Listener] });
    await deliver();
    expect(seen).toEqual(['before Listener.handle', 'after handled']);
  });

  it('pipes, to which the payload is a body with its type', async () => {
    class CreateOrder {}

    class Pipe implements PipeTransform {
      transform(value: unknown, { type, metatype, data }: ArgumentMetadata) {
        seen.push([type, metatype, data]);
        return value;
      }
    }

    class Listener {
      @listening
      @UsePipes(Pipe)
      handle(@Payload() order: CreateOrder, @Payload('id', ParseIntPipe) id: number) {
        seen.push(order, id);
      }
    }
    started = await startApp({ providers: [Listener] });
    await deliver(received({ body: { id: '7' } }));
    expect(seen).toEqual([['body', Number, 'id'], ['body', CreateOrder, undefined], { id: '7' }, 7]);
  });

  it('pipes that refuse a payload send it to the dead letters', async () => {
    class Pipe implements PipeTransform {
      transform(): never {
        throw new BadRequestException('id must be a number');
      }
    }

    class Listener {
      @listening
      handle(@Payload(Pipe) order: object) {
        seen.push(order);
      }
    }
    started = await startApp({ providers: [Listener] });
    await expect(deliver()).resolves.toMatchObject({
      delayLevel: -1,
      properties: { REJECT_REASON: 'id must be a number' },
    });
    expect(seen).toEqual([]);
  });

  describe('filters', () => {
    @Catch()
    class Swallow implements ExceptionFilter {
      catch(error: Error, host: ArgumentsHost) {
        seen.push(error.message, host.getType<string>());
        return 'handled';
      }
    }

    @Catch()
    class Watch implements ExceptionFilter {
      catch(error: Error) {
        seen.push(error.message);
      }
    }

    it('that return something settle the message', async () => {
      class Listener {
        @listening
        @UseFilters(Swallow)
        handle() {
          throw new Error('no stock');
        }
      }
      started = await startApp({ providers: [Listener] });
      await expect(deliver()).resolves.toBe('done');
      expect(seen).toEqual(['no stock', ROCKETMQ_CONTEXT]);
    });

    it('that return nothing leave it a failure', async () => {
      class Listener {
        @listening
        @UseFilters(Watch)
        handle() {
          throw new Error('no stock');
        }
      }
      started = await startApp({ providers: [Listener] });
      await expect(deliver()).resolves.toEqual({ delayLevel: 0 });
      expect(seen).toEqual(['no stock']);
    });
  });
});

describe('the log', () => {
  const logger = { log: jest.fn(), error: jest.fn(), warn: jest.fn(), debug: jest.fn() };
  const lines = (level: keyof typeof logger) => logger[level].mock.calls.map(([line]) => String(line));

  class Guard implements CanActivate {
    canActivate() {
      return true;
    }
  }

  beforeEach(() => Object.values(logger).forEach((mock) => mock.mockReset()));

  async function startLogged(error: unknown) {
    class Listener {
      @listening
      @UseGuards(Guard)
      handle() {
        throw error;
      }
    }
    started = await startApp({ providers: [Listener] });
    started.app.useLogger(logger as LoggerService);
  }

  it('has an error of a handler once at error level, and what becomes of the message, without its payload', async () => {
    await startLogged(new Error('no stock'));
    await deliver(received({ tags: 'created', msgId: 'M1', body: { secret: 1 } }));
    expect(lines('error')).toEqual(['Error: no stock']);
    expect(lines('warn')).toEqual([
      'Listener.handle: message M1 of order:created, attempt 1, comes again: no stock',
    ]);
    expect(JSON.stringify(Object.values(logger).map((mock) => mock.mock.calls))).not.toContain('secret');
  });

  it('names an error that has no message', async () => {
    await startLogged(new TypeError());
    await deliver();
    expect(lines('warn')).toEqual([expect.stringMatching(/comes again: TypeError$/)]);
  });

  it('has no error where the handler said what is to be done', async () => {
    await startLogged(new RetryLater('10s', 'supplier is closed'));
    await deliver();
    expect(lines('error')).toEqual([]);
    expect(lines('warn')).toEqual([expect.stringContaining('comes again: supplier is closed')]);
  });

  it('has a payload that does not parse once, at error level', async () => {
    await startLogged(undefined);
    await deliver(received({ body: '{"secret":' }));
    expect(lines('error')).toEqual([
      expect.stringMatching(/goes to %DLQ%g: its payload \(10 bytes, no contentType\)/),
    ]);
    expect(lines('warn')).toEqual([]);
  });
});
