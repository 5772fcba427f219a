import type { PipeTransform } from '@nestjs/common';
import type { ExternalContextCreator } from '@nestjs/core';

/** A parameter of a method, as Nest found its decorator. */
export interface Parameter {
  readonly index: number;
  /** A number: one of ours. A text: of a decorator made by `createParamDecorator`. */
  readonly type: number | string;
  readonly data?: unknown;
  readonly pipes: readonly unknown[];
}

/** What Nest found around a method when it made it into a handler; undefined: Nest has not told. */
export interface Enhancers {
  guards?: readonly unknown[] | undefined;
  interceptors?: readonly unknown[] | undefined;
  pipes?: readonly unknown[] | undefined;
  parameters?: readonly Parameter[] | undefined;
  /** Gives an error to the exception filters, where the method throws it. */
  filtered?: Filtered | undefined;
}

/** Calls what it is made with, which throws, with arguments that the filters are shown. */
type Filtered = (thrower: () => unknown) => (...args: unknown[]) => Promise<unknown>;

/**
 * A maker of handlers that does as Nest's does, and notes what it finds around the methods. Nest has no question for it: only
 * its own search finds what is global, of modules, of classes and of methods, as the application has them.
 */
export function noting(contexts: ExternalContextCreator, found: Enhancers): ExternalContextCreator {
  const noted = Object.create(contexts) as ExternalContextCreator;
  const { guardsContextCreator, interceptorsContextCreator, externalErrorProxy } =
    contexts as unknown as Parts;
  Object.assign(noted, {
    guardsContextCreator: notingCreator(guardsContextCreator, (guards) => (found.guards = guards)),
    interceptorsContextCreator: notingCreator(
      interceptorsContextCreator,
      (interceptors) => (found.interceptors = interceptors),
    ),
    externalErrorProxy: {
      createProxy(target: () => unknown, filters: unknown, type: string) {
        found.filtered = (thrower) => externalErrorProxy.createProxy(thrower, filters, type);
        return externalErrorProxy.createProxy(target, filters, type);
      },
    },
    createPipesFn(pipes: PipeTransform[], parameters: Parameter[]) {
      found.pipes = pipes;
      found.parameters = parameters;
      return contexts.createPipesFn(pipes, parameters as Parameters<typeof contexts.createPipesFn>[1]);
    },
  });
  return noted;
}

/** Of Nest's maker of handlers, by the names of all its versions. */
interface Parts {
  readonly guardsContextCreator: Creator;
  readonly interceptorsContextCreator: Creator;
  readonly externalErrorProxy: {
    createProxy(target: () => unknown, filters: unknown, type: string): ReturnType<Filtered>;
  };
}

interface Creator {
  create(...args: unknown[]): unknown[];
}

function notingCreator(creator: Creator, note: (found: unknown[]) => void): Creator {
  return {
    create(...args) {
      const found = creator.create(...args);
      note(found);
      return found;
    },
  };
}
