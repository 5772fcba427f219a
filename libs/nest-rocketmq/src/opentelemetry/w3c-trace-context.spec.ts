import {
  createTraceState,
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api';
import { w3cTraceContext } from './w3c-trace-context.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

function extract(carrier: Record<string, string>) {
  return trace.getSpanContext(w3cTraceContext.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter));
}

describe('the W3C trace context of messages', () => {
  it('is read as it was written', () => {
    const span = { traceId, spanId, traceFlags: 1, traceState: createTraceState('vendor=x') };
    const carrier: Record<string, string> = {};
    w3cTraceContext.inject(trace.setSpanContext(ROOT_CONTEXT, span), carrier, defaultTextMapSetter);
    expect(carrier).toEqual({ traceparent: `00-${traceId}-${spanId}-01`, tracestate: 'vendor=x' });
    expect(extract(carrier)).toMatchObject({ traceId, spanId, traceFlags: 1, isRemote: true });
    expect(extract(carrier)?.traceState?.get('vendor')).toBe('x');
  });

  it('is not written without a span', () => {
    const carrier: Record<string, string> = {};
    w3cTraceContext.inject(ROOT_CONTEXT, carrier, defaultTextMapSetter);
    expect(carrier).toEqual({});
  });

  it('of a later version may have more fields', () => {
    expect(extract({ traceparent: `01-${traceId}-${spanId}-00-more` })).toMatchObject({ traceId, spanId });
  });

  it.each([
    ['nothing', ''],
    ['another form', `${traceId}-${spanId}`],
    ['capitals', `00-${traceId.toUpperCase()}-${spanId}-01`],
    ['a fifth field', `00-${traceId}-${spanId}-01-more`],
    ['the version that is none', `ff-${traceId}-${spanId}-01`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${spanId}-01`],
    ['a span of zeros', `00-${traceId}-${'0'.repeat(16)}-01`],
  ])('is left out of account when it is %s', (_what, traceparent) => {
    expect(extract({ traceparent })).toBeUndefined();
  });
});
