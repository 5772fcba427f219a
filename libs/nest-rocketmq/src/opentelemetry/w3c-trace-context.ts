import {
  createTraceState,
  isSpanContextValid,
  trace,
  type Context,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
} from '@opentelemetry/api';

const TRACEPARENT = 'traceparent';
const TRACESTATE = 'tracestate';
const FORM = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;

/**
 * W3C Trace Context, for applications whose OpenTelemetry has no propagator: `traceparent` and `tracestate`. The format is
 * https://www.w3.org/TR/trace-context/, version 00.
 */
export const w3cTraceContext: TextMapPropagator = {
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const span = trace.getSpanContext(context);
    if (!span || !isSpanContextValid(span)) return;
    const flags = span.traceFlags.toString(16).padStart(2, '0');
    setter.set(carrier, TRACEPARENT, `00-${span.traceId}-${span.spanId}-${flags}`);
    const state = span.traceState?.serialize();
    if (state) setter.set(carrier, TRACESTATE, state);
  },

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const parent = one(getter.get(carrier, TRACEPARENT));
    const [, version = '', traceId = '', spanId = '', flags = '', more] =
      FORM.exec(parent?.trim() ?? '') ?? [];
    // A later version may have more fields; ff is none, and 00 has these four.
    if (version === '' || version === 'ff' || (version === '00' && more !== undefined)) return context;
    const state = one(getter.get(carrier, TRACESTATE));
    const span = {
      traceId,
      spanId,
      traceFlags: Number.parseInt(flags, 16),
      isRemote: true,
      ...(state ? { traceState: createTraceState(state) } : {}),
    };
    return isSpanContextValid(span) ? trace.setSpanContext(context, span) : context;
  },

  fields: () => [TRACEPARENT, TRACESTATE],
};

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
