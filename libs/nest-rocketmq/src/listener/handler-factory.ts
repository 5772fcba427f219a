import { Injectable } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { ContextIdFactory, ExternalContextCreator, ModuleRef, type DiscoveryService } from '@nestjs/core';
import { Injector } from '@nestjs/core/injector/injector.js';
import { paramsFactory } from '../decorators/params.ts';
import type { BatchContext } from './batch-context.ts';
import { directCall, type DirectCall } from './direct-call.ts';
import { noting, type Enhancers } from './enhancers.ts';
import type { MessageContext } from './message-context.ts';

/** A provider or controller that has handlers. */
export type HandlerHost = ReturnType<DiscoveryService['getProviders']>[number] & {
  readonly instance: object;
};

/** Calls a handler through guards, interceptors, pipes and filters; rejects when the message is not done. */
export type Handler = (payload: unknown, context: MessageContext | BatchContext) => Promise<unknown>;

/** A method of an application as it is called with messages. */
export interface HandlerMethod {
  readonly handle: Handler;
  /** The same with less; only where nothing that `handle` goes through would be missed. */
  readonly direct: DirectCall | undefined;
}

/** The context type that `ExecutionContext.getType()` and `ArgumentsHost.getType()` have for messages. */
export const ROCKETMQ_CONTEXT = 'rocketmq';

type Method = (...args: unknown[]) => unknown;

/** Makes methods into handlers with everything that Nest offers around a method. */
@Injectable()
export class HandlerFactory {
  readonly #contexts: ExternalContextCreator;
  readonly #modules: ModuleRef;
  readonly #injector = new Injector();

  constructor(contexts: ExternalContextCreator, modules: ModuleRef) {
    this.#contexts = contexts;
    this.#modules = modules;
  }

  /** A host that is request-scoped, or depends on something that is, is made anew for each message. */
  create(host: HandlerHost, method: string): HandlerMethod {
    if (host.isDependencyTreeStatic()) {
      const { instance } = host;
      const found: Enhancers = {};
      const handle = this.#wrap(noting(this.#contexts, found), instance, method);
      return { handle, direct: directCall(instance, methodOf(instance, method), found) };
    }
    return { handle: this.#scoped(host, method), direct: undefined };
  }

  #scoped(host: HandlerHost, method: string): Handler {
    return async (payload, context) => {
      const contextId = ContextIdFactory.getByRequest(context);
      this.#modules.registerRequestByContextId(context, contextId);
      const module = host.host;
      if (!module) throw new Error(`The module of ${String(host.name)} is gone`);
      const instance: object = await this.#injector.loadPerContext(
        host.instance,
        module,
        module.providers,
        contextId,
        host,
      );
      return this.#wrap(this.#contexts, instance, method, contextId, host.id)(payload, context);
    };
  }

  #wrap(
    contexts: ExternalContextCreator,
    instance: object,
    method: string,
    contextId?: { id: number },
    inquirerId?: string,
  ): Handler {
    return contexts.create(
      instance as Record<string, unknown>,
      methodOf(instance, method),
      method,
      ROUTE_ARGS_METADATA,
      paramsFactory,
      contextId,
      inquirerId,
      undefined,
      ROCKETMQ_CONTEXT,
    ) as Handler;
  }
}

/** The prototype's method, not a bound copy: what decorators left on it is found there. */
function methodOf(instance: object, method: string): Method {
  return Reflect.get(Object.getPrototypeOf(instance) as object, method) as Method;
}
