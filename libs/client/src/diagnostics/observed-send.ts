import type { Message, SendResult } from '../message/message.ts';
import { observe, sendChannel, type ObservedMessage, type SendEvent } from './channels.ts';

/** Who sends, and what. */
export type SendFacts = Pick<SendEvent, 'operation' | 'clientId' | 'producerGroup' | 'namespace'>;

/** Sends, and tells the channel; only where somebody listens. */
export function observedSend<Result extends SendResult | void>(
  facts: SendFacts,
  messages: readonly Message[],
  send: (messages: readonly ObservedMessage[]) => Promise<Result>,
): Promise<Result> {
  const copies = messages.map((message) => ({ ...message, properties: { ...message.properties } }));
  const event: SendEvent = { ...facts, messages: copies, around: [] };
  // An error that is thrown at once is told of like one that comes later.
  return observe(sendChannel, event, async () => send(copies));
}
