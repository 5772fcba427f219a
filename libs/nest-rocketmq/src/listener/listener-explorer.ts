import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { RocketMQError } from '@nest-rocketmq/runtime';
import type { ConfigurationSource } from '../decorators/listener-attributes.ts';
import { listenerAttributes } from '../decorators/rocketmq-message-listener.ts';
import type { ResolvedAttributes } from './attribute-schema.ts';
import { resolveAttributes } from './attribute-resolver.ts';
import type { HandlerHost } from './handler-factory.ts';

/** A handler as it was declared: where it is, and its attributes as values. */
export interface Declaration {
  /** `Class.method`, for messages to people. */
  readonly name: string;
  readonly host: HandlerHost;
  readonly method: string;
  /** The class's attributes under the method's; without `concurrency`, which is no default but means the group. */
  readonly attributes: Omit<ResolvedAttributes, 'concurrency'>;
  /** How many messages the group handles at the same time, where the class says so. */
  readonly concurrency: number | undefined;
  /** How many messages this handler alone takes at the same time; undefined when only the group limits it. */
  readonly limit: number | undefined;
}

/** The method of a class that is a listener by itself. */
const ON_MESSAGE = 'onMessage';

/** Finds what carries `@RocketMQMessageListener` among the application's providers and controllers. */
@Injectable()
export class ListenerExplorer {
  readonly #discovery: DiscoveryService;
  readonly #scanner: MetadataScanner;

  constructor(discovery: DiscoveryService, scanner: MetadataScanner) {
    this.#discovery = discovery;
    this.#scanner = scanner;
  }

  /** @throws RocketMQError `INVALID_CONFIG` that names the listener whose attributes are wrong */
  explore(): Declaration[] {
    const configuration = this.configuration();
    return this.hosts().flatMap((host) => this.#declarations(host, configuration));
  }

  /** The application's providers and controllers. */
  hosts(): HandlerHost[] {
    const wrappers = [...this.#discovery.getProviders(), ...this.#discovery.getControllers()];
    // A `useExisting` alias has the same instance as its target: it would subscribe the handlers twice.
    return wrappers.filter(
      (wrapper): wrapper is HandlerHost => Boolean(wrapper.instance) && !wrapper.isAlias,
    );
  }

  #declarations(host: HandlerHost, configuration: ConfigurationSource): Declaration[] {
    const prototype = Object.getPrototypeOf(host.instance) as object | null;
    // Of factories and values `metatype` is no class: the instance's constructor is.
    const type = host.instance.constructor as unknown;
    if (prototype === null || typeof type !== 'function') return [];
    const ofClass = listenerAttributes(type);
    if (ofClass.length > 1) throw invalid(`${type.name} carries @RocketMQMessageListener more than once`);
    const base = ofClass[0] === undefined ? {} : resolveAttributes(ofClass[0], configuration, type.name);
    const { concurrency } = base;
    const declarations: Declaration[] = [];
    for (const method of this.#scanner.getAllMethodNames(prototype)) {
      const ofMethod = listenerAttributes(Reflect.get(prototype, method) as object);
      for (const attributes of ofMethod) {
        const name = `${type.name}.${method}`;
        const own = resolveAttributes(attributes, configuration, name);
        declarations.push({
          name,
          host,
          method,
          attributes: complete(base, own),
          concurrency,
          limit: own.concurrency,
        });
      }
      if (method === ON_MESSAGE && ofMethod.length === 0 && ofClass.length > 0) {
        const name = `${type.name}.${method}`;
        declarations.push({ name, host, method, attributes: base, concurrency, limit: undefined });
      }
    }
    if (ofClass.length > 0 && declarations.length === 0) {
      throw invalid(
        `${type.name} carries @RocketMQMessageListener, but has neither a method onMessage(payload, context) nor a method that carries it`,
      );
    }
    for (const { name, attributes } of declarations) {
      const last = attributes.onLastAttempt;
      if (last === undefined || typeof Reflect.get(prototype, last) === 'function') continue;
      throw invalid(`${name}: attribute onLastAttempt: ${type.name} has no method ${last}`);
    }
    if (host.isTransient && declarations.length > 0) {
      throw invalid(
        `${type.name} is transient, so there is no instance to listen: make it a singleton or request-scoped`,
      );
    }
    return declarations.filter(({ attributes }) => attributes.enabled !== false);
  }

  /** ConfigService, found by its name so that @nestjs/config needs not be installed; else the environment. */
  configuration(): ConfigurationSource {
    const service = this.#discovery
      .getProviders()
      .find(
        ({ token, instance }) =>
          typeof token === 'function' && token.name === 'ConfigService' && Boolean(instance),
      );
    const found = service?.instance as Partial<ConfigurationSource> | undefined;
    if (typeof found?.get === 'function') return found as ConfigurationSource;
    return { get: (name) => process.env[name] };
  }
}

/**
 * What a method says wins; its `tags` also over the class's `selectorExpression` and `selectorType`, and its
 * `selectorExpression` over the class's `tags`.
 */
function complete(base: ResolvedAttributes, own: ResolvedAttributes): Declaration['attributes'] {
  const selects = own.tags !== undefined || own.selectorExpression !== undefined;
  if (!selects) return { ...base, ...own };
  const selectorType = own.tags === undefined ? base.selectorType : undefined;
  return { ...base, tags: undefined, selectorExpression: undefined, selectorType, ...own };
}

function invalid(message: string): RocketMQError {
  return new RocketMQError('INVALID_CONFIG', message);
}
