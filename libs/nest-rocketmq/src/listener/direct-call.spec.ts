import {
  Catch,
  createParamDecorator,
  Inject,
  Injectable,
  ParseIntPipe,
  Scope,
  UseGuards,
  UseInterceptors,
  UsePipes,
  ValidationPipe,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type ModuleMetadata,
  type NestInterceptor,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE, DiscoveryService, REQUEST } from '@nestjs/core';
import { defer, EMPTY, of } from 'rxjs';
import { received } from '../../test/fake-clients.ts';
import { startApp, type StartedApp } from '../../test/start-app.ts';
import { Context, MessageHeaders, Payload, RocketMQMessageListener, type MessageContext } from '../index.ts';
import { HandlerFactory, type HandlerHost } from './handler-factory.ts';

let started: StartedApp;
const seen: unknown[] = [];
const listening = RocketMQMessageListener({ consumerGroup: 'g', topic: 'order' });
const deliver = (message = received({ body: { id: 7 } })) => started.clients.consumerOf('g').deliver(message);

/** As query builders are: not a promise, but waited for like one. */
function thenable(then: (done: () => void, failed: (error: unknown) => void) => void): object {
  const value = {};
  Reflect.set(value, 'then', then);
  return value;
}

beforeEach(() => void (seen.length = 0));
afterEach(async () => started.app.close());

describe('a method is called without what Nest has around methods', () => {
  class Guard implements CanActivate {
    canActivate() {
      return true;
    }
  }
  class Interceptor implements NestInterceptor {
    intercept(_context: ExecutionContext, next: CallHandler) {
      return next.handle();
    }
  }
  const Attempt = createParamDecorator((_data: unknown, context: ExecutionContext) => {
    return context.getArgs<[unknown, MessageContext]>()[1].attempt;
  });

  class Bare {
    @listening
    handle(payload: unknown) {
      seen.push(payload);
    }
  }
  class Decorated {
    @listening
    handle(@Context() context: MessageContext, @Payload('id') id: number) {
      seen.push(context.attempt, id);
    }
  }
  class Guarded {
    @listening
    @UseGuards(Guard)
    handle() {}
  }
  @UseInterceptors(Interceptor)
  class Intercepted {
    @listening
    handle() {}
  }
  class Piped {
    @listening
    handle(@Payload('id', ParseIntPipe) id: number) {
      seen.push(id);
    }
  }
  @UsePipes(ValidationPipe)
  class Validated {
    @listening
    handle(@Payload() payload: object) {
      seen.push(payload);
    }
  }
  class Custom {
    @listening
    handle(@Attempt() attempt: number) {
      seen.push(attempt);
    }
  }
  @Injectable({ scope: Scope.REQUEST })
  class Scoped {
    constructor(@Inject(REQUEST) readonly context: MessageContext) {}

    @listening
    handle() {
      seen.push(this.context.attempt);
    }
  }

  async function isDirect(listener: HandlerHost['metatype'], providers: ModuleMetadata['providers'] = []) {
    if (typeof listener !== 'function') throw new TypeError('a class is wanted');
    started = await startApp({ providers: [listener as new () => object, ...providers] });
    const { app } = started;
    const host = app
      .get(DiscoveryService, { strict: false })
      .getProviders()
      .find(({ metatype }) => metatype === listener);
    const method = app.get(HandlerFactory, { strict: false }).create(host as HandlerHost, 'handle');
    await expect(deliver()).resolves.toBe('done');
    return method.direct !== undefined;
  }

  it.each([
    ['nothing', Bare],
    ['parameters of ours', Decorated],
  ])('where it has %s', async (_what, listener) => {
    await expect(isDirect(listener)).resolves.toBe(true);
  });

  it.each([
    ['a guard', Guarded],
    ['an interceptor', Intercepted],
    ['a pipe of a parameter', Piped],
    ['a pipe of the class', Validated],
    ['a parameter of another maker', Custom],
    ['a provider of the message', Scoped],
  ])('but not where it has %s', async (_what, listener) => {
    await expect(isDirect(listener)).resolves.toBe(false);
  });

  it('but not where the application has something around all', async () => {
    await expect(isDirect(Bare, [{ provide: APP_GUARD, useClass: Guard }])).resolves.toBe(false);
    await started.app.close();
    await expect(isDirect(Decorated, [{ provide: APP_PIPE, useClass: ValidationPipe }])).resolves.toBe(false);
  });

  it('and gets the same', async () => {
    await isDirect(Decorated);
    expect(seen).toEqual([1, 7]);
  });
});

describe('what such a method returns is what became of its message', () => {
  it('when it returns at once, a promise, or something that has to be waited for', async () => {
    const results = [
      () => undefined,
      () => Promise.resolve(),
      () => thenable((done) => setImmediate(done)),
      () => of(1, 2),
      async () => of(3),
    ];

    class Listener {
      @listening
      handle({ id }: { id: number }) {
        return results[id]?.();
      }
    }
    started = await startApp({ providers: [Listener] });
    for (const [id] of results.entries())
      await expect(deliver(received({ body: { id } }))).resolves.toBe('done');
  });

  it('when it fails, in whichever way', async () => {
    const failure = new Error('no stock');
    const failures = [
      () => {
        throw failure;
      },
      () => Promise.reject(failure),
      () => thenable((_done, failed) => failed(failure)),
      () =>
        defer(() => {
          throw failure;
        }),
      // As Nest has it: there is no last value.
      async () => EMPTY,
      () => Promise.reject(undefined as unknown as Error),
    ];

    class Listener {
      @listening
      handle({ id }: { id: number }) {
        return failures[id]?.();
      }
    }
    started = await startApp({ providers: [Listener] });
    for (const [id] of failures.entries())
      await expect(deliver(received({ body: { id } }))).resolves.toEqual({ delayLevel: 0 });
  });
});

describe('the filters of such a method', () => {
  @Catch(RangeError)
  class OfRanges implements ExceptionFilter {
    catch(error: Error, host: ArgumentsHost) {
      const [payload, context] = host.getArgs<[unknown, MessageContext]>();
      seen.push(error.message, payload, context.handler);
      return 'handled';
    }
  }

  class Listener {
    @listening
    async handle(@Payload() order: { id: number }, @MessageHeaders('trace') trace: string) {
      if (order.id === 1) throw new RangeError(trace);
      throw new Error('another');
    }
  }

  it('are shown its errors, with the payload and the context, and settle those that they handle', async () => {
    started = await startApp({ providers: [Listener, { provide: APP_FILTER, useClass: OfRanges }] });
    const order = received({ body: { id: 1 }, properties: { trace: 't' } });
    await expect(deliver(order)).resolves.toBe('done');
    await expect(deliver()).resolves.toEqual({ delayLevel: 0 });
    expect(seen).toEqual(['t', { id: 1 }, 'Listener.handle']);
  });

  it('are not shown payloads that do not parse', async () => {
    @Catch()
    class All implements ExceptionFilter {
      catch() {
        seen.push('shown');
        return 'handled';
      }
    }
    started = await startApp({ providers: [Listener, { provide: APP_FILTER, useClass: All }] });
    await expect(deliver(received({ body: '{"id":' }))).resolves.toMatchObject({ delayLevel: -1 });
    expect(seen).toEqual([]);
  });
});
