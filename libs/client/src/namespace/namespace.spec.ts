import { describe, expect, it } from '@jest/globals';
import { withNamespace, withoutNamespace } from './namespace.ts';

describe('namespaces', () => {
  it.each([
    ['order', 'ns%order'],
    ['%RETRY%group', '%RETRY%ns%group'],
    ['%DLQ%group', '%DLQ%ns%group'],
    ['other%order', 'ns%other%order'],
    ['ns_order', 'ns%ns_order'],
  ])('wrap %s as %s, and unwrap it', (name, wrapped) => {
    expect(withNamespace('ns', name)).toBe(wrapped);
    expect(withoutNamespace('ns', wrapped)).toBe(name);
  });

  it('wrap a name once', () => {
    for (const name of ['ns%order', '%RETRY%ns%group', '%DLQ%ns%group']) {
      expect(withNamespace('ns', name)).toBe(name);
    }
  });

  it.each([
    'TBW102',
    'RMQ_SYS_TRACE_TOPIC',
    'rmq_sys_x',
    'CLIENT_INNER_PRODUCER',
    'TOOLS_CONSUMER',
    'c1_REPLY_TOPIC',
  ])("leave RocketMQ's own %s alone", (name) => {
    expect(withNamespace('ns', name)).toBe(name);
    expect(withoutNamespace('ns', name)).toBe(name);
  });

  it('leave names of no or of another namespace alone when they unwrap', () => {
    for (const name of ['order', 'other%order', '%RETRY%group', 'n%order', 'nsorder']) {
      expect(withoutNamespace('ns', name)).toBe(name);
    }
  });

  it('do nothing where there is none', () => {
    expect(withNamespace('', 'order')).toBe('order');
    expect(withNamespace('ns', '')).toBe('');
    expect(withoutNamespace('', 'ns%order')).toBe('ns%order');
  });
});
