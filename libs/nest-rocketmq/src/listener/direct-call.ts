import { paramsFactory } from '../decorators/params.ts';
import type { BatchContext } from './batch-context.ts';
import type { Enhancers, Parameter } from './enhancers.ts';
import type { MessageContext } from './message-context.ts';

type Context = MessageContext | BatchContext;

/**
 * A method around which the application has neither guards nor interceptors nor pipes: it is called at once, without what
 * Nest would ask for each message. Its exception filters are asked when it fails.
 */
export interface DirectCall {
  /** Calls it. @returns what it returns, a promise or not; throws what it throws */
  readonly call: (payload: unknown, context: Context) => unknown;
  /** Gives what it failed with to the filters. @returns what the filter that handled it returned; rejects when none did */
  readonly filter: (error: unknown, payload: unknown, context: Context) => Promise<unknown>;
}

/** @returns undefined when there is something around the method, or that isn't known */
export function directCall(
  instance: object,
  method: (...args: unknown[]) => unknown,
  { guards, interceptors, pipes, parameters, filtered }: Enhancers,
): DirectCall | undefined {
  if (guards?.length !== 0 || interceptors?.length !== 0 || !pipes || !parameters || !filtered)
    return undefined;
  const arrange = argumentsOf(parameters, pipes);
  if (!arrange) return undefined;
  return {
    call: (payload, context) => arrange(method, instance, payload, context),
    filter: (error, payload, context) =>
      filtered(() => {
        throw error;
      })(payload, context),
  };
}

type Arrange = (
  method: (...args: unknown[]) => unknown,
  instance: object,
  payload: unknown,
  context: Context,
) => unknown;

/** How a method with such parameters is called. Undefined: they have pipes, or others than ours make them. */
function argumentsOf(parameters: readonly Parameter[], pipes: readonly unknown[]): Arrange | undefined {
  if (parameters.length === 0)
    return (method, instance, payload, context) => method.call(instance, payload, context);
  const ours: { index: number; type: number; data: unknown }[] = [];
  for (const { index, type, data, pipes: own } of parameters) {
    if (typeof type !== 'number' || pipes.length + own.length > 0) return undefined;
    ours.push({ index, type, data });
  }
  const length = Math.max(...ours.map(({ index }) => index)) + 1;
  return (method, instance, payload, context) => {
    const given: [unknown, Context] = [payload, context];
    const values: unknown[] = [];
    for (let index = 0; index < length; index++) values.push(undefined);
    for (const { index, type, data } of ours)
      values[index] = paramsFactory.exchangeKeyForValue(type, data, given);
    return method.apply(instance, values);
  };
}
