import { assignMetadata, type PipeTransform, type Type } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { BatchContext } from '../listener/batch-context.ts';
import type { MessageContext } from '../listener/message-context.ts';

/**
 * The kinds of parameters a handler can have. The payload has the number of an HTTP body, so that pipes treat it as
 * one: a `ValidationPipe` validates bodies and leaves custom parameters alone.
 */
const ParamType = { PAYLOAD: 3, KEYS: 101, CONTEXT: 102, HEADERS: 103, MESSAGE: 104 } as const;

type Pipe = Type<PipeTransform> | PipeTransform;

/**
 * The payload; or what is at `path` in it (`'user.id'`), after pipes.
 * @example take(@Payload() order: CreateOrder, @Payload('id', ParseIntPipe) id: number)
 */
export function Payload(pathOrPipe?: string | Pipe, ...pipes: Pipe[]): ParameterDecorator {
  return param(ParamType.PAYLOAD, pathOrPipe, pipes);
}

/** The message's keys, as an array; of a batch, an array of these. */
export function MessageKeys(...pipes: Pipe[]): ParameterDecorator {
  return param(ParamType.KEYS, undefined, pipes);
}

/** The {@link MessageContext}: message, attempt, queue, group; of a batch, its {@link BatchContext}. */
export function Context(): ParameterDecorator {
  return param(ParamType.CONTEXT, undefined, []);
}

/** One property of the message, undefined when it has none of that name; without a name, all of them as an object. Of a batch, an array of these. */
export function MessageHeaders(nameOrPipe?: string | Pipe, ...pipes: Pipe[]): ParameterDecorator {
  return param(ParamType.HEADERS, nameOrPipe, pipes);
}

/** The message as the client received it, a `MessageExt`; of a batch, an array of these. */
export function RawMessage(): ParameterDecorator {
  return param(ParamType.MESSAGE, undefined, []);
}

function param(
  type: number,
  dataOrPipe: string | Pipe | undefined,
  rest: readonly Pipe[],
): ParameterDecorator {
  const data = typeof dataOrPipe === 'string' ? dataOrPipe : undefined;
  const pipes =
    dataOrPipe === undefined || typeof dataOrPipe === 'string' ? [...rest] : [dataOrPipe, ...rest];
  return (target, key, index) => {
    if (key === undefined)
      throw new TypeError('The decorators of handler parameters do not belong on constructors');
    const before = (Reflect.getMetadata(ROUTE_ARGS_METADATA, target.constructor, key) ?? {}) as Record<
      string,
      unknown
    >;
    Reflect.defineMetadata(
      ROUTE_ARGS_METADATA,
      assignMetadata(before, type, index, data, ...pipes),
      target.constructor,
      key,
    );
  };
}

/** Gives a decorated parameter its value; the arguments are those a handler without decorators is called with. */
export const paramsFactory = {
  exchangeKeyForValue(
    type: number,
    data: unknown,
    [payload, context]: [unknown, MessageContext | BatchContext],
  ): unknown {
    switch (type) {
      case ParamType.PAYLOAD:
        return typeof data === 'string' ? at(payload, data) : payload;
      case ParamType.KEYS:
        return [...context.keys];
      case ParamType.CONTEXT:
        return context;
      case ParamType.HEADERS:
        return context instanceof BatchContext
          ? context.messages.map(({ properties }) => headers(properties, data))
          : headers(context.headers, data);
      case ParamType.MESSAGE:
        return context instanceof BatchContext ? [...context.messages] : context.message;
      default:
        return undefined;
    }
  },
};

function headers(properties: ReadonlyMap<string, string>, name: unknown): unknown {
  return typeof name === 'string' ? properties.get(name) : Object.fromEntries(properties);
}

/** Of a handler: the index of the parameter that takes the whole payload; undefined when none does. */
export function payloadIndex(target: object, method: string): number | undefined {
  const metadata = Reflect.getMetadata(ROUTE_ARGS_METADATA, target.constructor, method) as
    Record<string, { index: number; data?: unknown }> | undefined;
  // Without decorators a handler is called with (payload, context).
  if (!metadata || Object.keys(metadata).length === 0) return 0;
  const [, whole] =
    Object.entries(metadata).find(
      ([key, { data }]) => key.startsWith(`${ParamType.PAYLOAD}:`) && data === undefined,
    ) ?? [];
  return whole?.index;
}

function at(payload: unknown, path: string): unknown {
  let value = payload;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}
