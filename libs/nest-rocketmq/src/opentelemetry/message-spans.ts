import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Link,
  type Span,
  type TextMapPropagator,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import type { ConsumeEvent, MessageExt, ReceiveEvent, SendEvent } from '@nest-rocketmq/client';
import { errorText } from '../error-text.ts';
import type { FailureEvent } from '../listener/failure-channel.ts';
import {
  ERROR_TYPE,
  errorType,
  MESSAGE_ID,
  OUTCOME,
  processAttributes,
  receiveAttributes,
  sendAttributes,
} from './attributes.ts';
import { w3cTraceContext } from './w3c-trace-context.ts';

/** How sends and handlers become spans. */
export interface InstrumentationOptions {
  /** Who makes the spans. Default: OpenTelemetry's global provider. */
  tracerProvider?: TracerProvider;
  /** How the context travels in the properties of messages. Default: the global propagator; W3C Trace Context where there is none. */
  propagator?: TextMapPropagator;
  /**
   * Where the span of a handler is. `parent` (default): under the send of its message, in one trace with it; of a batch, in
   * a trace of its own with a link to each send. `link`: always in a trace of its own with links.
   */
  relation?: 'parent' | 'link';
}

const NAME = 'nest-rocketmq';

/** The spans of what the diagnostics channels tell of. */
export class MessageSpans {
  readonly #tracer: Tracer;
  readonly #propagator: TextMapPropagator | undefined;
  readonly #linkOnly: boolean;
  readonly #open = new WeakMap<SendEvent | ConsumeEvent, Span>();
  readonly #polledAt = new WeakMap<ReceiveEvent, { at: number; parent: Context }>();
  /** Of handlers that run: what they threw is told before the client knows of it. */
  readonly #byMessage = new WeakMap<MessageExt, Span>();
  /** Of which it is known why. */
  readonly #failed = new WeakSet<Span>();

  constructor({ tracerProvider, propagator, relation }: InstrumentationOptions) {
    this.#tracer = (tracerProvider ?? trace).getTracer(NAME);
    this.#propagator = propagator;
    this.#linkOnly = relation === 'link';
  }

  readonly sendStart = (event: SendEvent): void => {
    const attributes = sendAttributes(event);
    const span = this.#tracer.startSpan(`${event.operation} ${event.messages[0]?.topic ?? ''}`, {
      kind: SpanKind.PRODUCER,
      attributes,
    });
    this.#open.set(event, span);
    const active = trace.setSpan(context.active(), span);
    for (const { properties } of event.messages) this.#carrier.inject(active, properties, setter);
    event.around.push((call) => context.with(active, call));
  };

  readonly sendEnd = (event: SendEvent): void => {
    const span = this.#open.get(event);
    if (!span) return;
    if (event.result) {
      const { msgId, messageQueue } = event.result;
      if (event.operation === 'send') span.setAttribute(MESSAGE_ID, msgId);
      span.setAttribute(
        'messaging.destination.partition.id',
        `${messageQueue.brokerName}:${messageQueue.queueId}`,
      );
    }
    if (event.error !== undefined) this.#fail(span, event.error);
    span.end();
  };

  readonly processStart = (event: ConsumeEvent): void => {
    const { messages } = event;
    const senders = messages.map((message) => this.#contextOf(message));
    const [only] = senders;
    const parent = messages.length === 1 && !this.#linkOnly && only ? only : ROOT_CONTEXT;
    const links = parent === ROOT_CONTEXT ? senders.flatMap(linkTo) : [];
    const span = this.#tracer.startSpan(
      `process ${messages[0]?.topic ?? ''}`,
      { kind: SpanKind.CONSUMER, attributes: processAttributes(event), links },
      parent,
    );
    this.#open.set(event, span);
    for (const message of messages) this.#byMessage.set(message, span);
    const active = trace.setSpan(parent, span);
    event.around.push((call) => context.with(active, call));
  };

  readonly processEnd = (event: ConsumeEvent): void => {
    const span = this.#open.get(event);
    if (!span) return;
    const outcomes = event.outcomes ?? [];
    if (event.error !== undefined) this.#fail(span, event.error);
    const worst = WORST.find((outcome) => outcomes.includes(outcome));
    if (worst !== undefined) span.setAttribute(OUTCOME, worst);
    const failed = worst !== undefined && worst !== 'consumed';
    if (failed && !this.#failed.has(span)) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  };

  readonly receiveStart = (event: ReceiveEvent): void => {
    this.#polledAt.set(event, { at: Date.now(), parent: context.active() });
  };

  /** A poll that gave nothing leaves no span. */
  readonly receiveEnd = (event: ReceiveEvent): void => {
    const polled = this.#polledAt.get(event);
    const messages = event.result ?? [];
    if (!polled || (messages.length === 0 && event.error === undefined)) return;
    const span = this.#tracer.startSpan(
      `receive ${messages[0]?.topic ?? event.consumerGroup}`,
      {
        kind: SpanKind.CLIENT,
        startTime: polled.at,
        attributes: receiveAttributes(event),
        links: messages.flatMap((message) => linkTo(this.#contextOf(message))),
      },
      polled.parent,
    );
    if (event.error !== undefined) this.#fail(span, event.error);
    span.end();
  };

  failed({ message, error }: FailureEvent): void {
    const span = this.#byMessage.get(message);
    if (span) this.#fail(span, error);
  }

  #fail(span: Span, error: unknown): void {
    const message = errorText(error);
    span.setAttribute(ERROR_TYPE, errorType(error));
    span.recordException({ name: errorType(error), message });
    span.setStatus({ code: SpanStatusCode.ERROR, message });
    this.#failed.add(span);
  }

  /** Asked each time: an application may set its global propagator after this was set up. */
  get #carrier(): Pick<TextMapPropagator, 'inject' | 'extract'> {
    if (this.#propagator) return this.#propagator;
    return propagation.fields().length === 0
      ? w3cTraceContext
      : {
          inject: (from, to, by) => propagation.inject(from, to, by),
          extract: (into, from, by) => propagation.extract(into, from, by),
        };
  }

  #contextOf({ properties }: MessageExt): Context {
    return this.#carrier.extract(ROOT_CONTEXT, properties, getter);
  }
}

const WORST = ['dead-letter', 'dropped', 'retry', 'consumed'] as const;

const setter = {
  set(properties: Record<string, string>, name: string, value: string): void {
    properties[name] = value;
  },
};

const getter = {
  keys: (properties: ReadonlyMap<string, string>) => [...properties.keys()],
  get: (properties: ReadonlyMap<string, string>, name: string) => properties.get(name),
};

function linkTo(sender: Context): Link[] {
  const span = trace.getSpanContext(sender);
  return span ? [{ context: span }] : [];
}
