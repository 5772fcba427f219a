import { consumeChannel, receiveChannel, sendChannel } from '@nest-rocketmq/client';
import { failureChannel, type FailureEvent } from '../listener/failure-channel.ts';
import { MessageSpans, type InstrumentationOptions } from './message-spans.ts';

const nothing = (): void => undefined;

/**
 * Makes spans of all sends (kind PRODUCER), of all calls of listeners (CONSUMER) and of all polls that gave messages
 * (CLIENT) of this process, by OpenTelemetry's semantic conventions for messaging. The context goes along in the properties
 * of the messages, so that the consumer's span is connected with its producer's, in whatever language that is. Payloads are
 * never in a span.
 * @returns what ends it
 */
export function instrumentRocketMQ(options: InstrumentationOptions = {}): () => void {
  const spans = new MessageSpans(options);
  const rest = { end: nothing, asyncStart: nothing, error: nothing };
  const sends = { ...rest, start: spans.sendStart, asyncEnd: spans.sendEnd };
  const calls = { ...rest, start: spans.processStart, asyncEnd: spans.processEnd };
  const polls = { ...rest, start: spans.receiveStart, asyncEnd: spans.receiveEnd };
  const failures = (event: unknown): void => spans.failed(event as FailureEvent);
  sendChannel.subscribe(sends);
  consumeChannel.subscribe(calls);
  receiveChannel.subscribe(polls);
  failureChannel.subscribe(failures);
  return () => {
    sendChannel.unsubscribe(sends);
    consumeChannel.unsubscribe(calls);
    receiveChannel.unsubscribe(polls);
    failureChannel.unsubscribe(failures);
  };
}
