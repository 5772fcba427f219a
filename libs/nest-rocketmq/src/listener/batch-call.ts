import type { MessageExt } from '@nest-rocketmq/client';
import { BatchContext } from './batch-context.ts';
import type { CallTimeout } from './call-timeout.ts';
import { invalidPayload, type MessageHandler } from './message-handler.ts';
import { isMessageWrong, RejectMessage } from './outcome.ts';
import { SchemaError, validate } from './standard-schema.ts';

/** What one message of a batch ended with: undefined, it is done. */
export type BatchOutcome = { readonly error: unknown } | undefined;

/** What a batch is called with. */
export interface BatchCallParts {
  readonly handler: MessageHandler;
  readonly consumerGroup: string;
  readonly connection: string;
  readonly timeout: CallTimeout | undefined;
}

interface Item {
  readonly index: number;
  readonly message: MessageExt;
  payload: unknown;
}

/**
 * Hands messages to a batch handler in one call. A message whose payload is wrong costs the others nothing: it is left out.
 * @returns what became of each message, by its index
 */
export async function callBatch(
  messages: readonly MessageExt[],
  parts: BatchCallParts,
): Promise<BatchOutcome[]> {
  const outcomes: BatchOutcome[] = messages.map(() => undefined);
  const items: Item[] = [];
  for (const [index, message] of messages.entries()) {
    try {
      items.push({ index, message, payload: parts.handler.payloadOf(message) });
    } catch (error) {
      outcomes[index] = { error };
    }
  }
  const valid = await validItems(items, parts.handler, outcomes);
  if (valid.length > 0) await call(valid, parts, outcomes);
  return outcomes;
}

/** Those that the schema, which is one of the whole array, lets pass; the others get their outcome. */
async function validItems(items: Item[], handler: MessageHandler, outcomes: BatchOutcome[]): Promise<Item[]> {
  const { schema } = handler.plan;
  if (!schema) return items;
  let left = items;
  while (left.length > 0) {
    try {
      const payloads = await validate(
        schema,
        left.map(({ payload }) => payload),
      );
      // What the schema makes of the array is what the handler gets, where it is still one for each message.
      if (Array.isArray(payloads) && payloads.length === left.length)
        for (const [i, item] of left.entries()) item.payload = payloads[i] as unknown;
      return left;
    } catch (error) {
      if (!(error instanceof SchemaError)) {
        for (const { index } of left) outcomes[index] = { error };
        return [];
      }
      const { issues, indexes } = error;
      const named = left.filter((_, i) => indexes?.has(i));
      // Where it isn't said which of them are wrong, all are.
      const wrong = new Set(named.length > 0 ? named : left);
      for (const [i, item] of left.entries()) {
        if (!wrong.has(item)) continue;
        const own = named.length > 0 ? issues.filter(({ path }) => indexOf(path) === i) : issues;
        outcomes[item.index] = { error: invalidPayload(new SchemaError(own), item.message) };
      }
      left = left.filter((item) => !wrong.has(item));
    }
  }
  return left;
}

async function call(items: readonly Item[], parts: BatchCallParts, outcomes: BatchOutcome[]): Promise<void> {
  const { handler, timeout, consumerGroup, connection } = parts;
  const messages = items.map(({ message }) => message);
  const context = new BatchContext(messages, consumerGroup, connection, handler.name);
  const payloads = items.map(({ payload }) => payload);
  const begin = async (): Promise<unknown> => handler.call(payloads, context);
  let thrown: BatchOutcome;
  try {
    await (timeout ? timeout.within(begin()) : begin());
  } catch (error) {
    // A pipe that refuses the array doesn't say which of it is wrong.
    if (items.length > 1 && isMessageWrong(error) && !(error instanceof RejectMessage)) {
      for (const item of items) await call([item], parts, outcomes);
      return;
    }
    thrown = { error };
  }
  for (const [i, { index }] of items.entries()) {
    const said = context.outcomeOf(i);
    outcomes[index] = said ? said.failed : thrown;
  }
}

function indexOf(path: SchemaError['issues'][number]['path']): number {
  const [first] = path ?? [];
  return Number(typeof first === 'object' ? first.key : first);
}
