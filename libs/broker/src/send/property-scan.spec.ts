import fc from 'fast-check';
import { decodeProperties, encodeProperties } from '@nest-rocketmq/protocol';
import { PropertyScan } from './property-scan.ts';

function scan(text: string): PropertyScan {
  const bytes = Buffer.from(`..${text}`);
  const result = new PropertyScan();
  result.scan(bytes, 2, bytes.length);
  return result;
}

const pair = (name: string, value: string): string => `${name}\u0001${value}\u0002`;

describe('the scan of properties', () => {
  it('finds what decides how a message is stored', () => {
    const found = scan(
      pair('WAIT', 'false') + pair('UNIQ_KEY', 'ABC') + pair('DELAY', '3') + pair('TRAN_MSG', 'TRUE'),
    );
    expect(found).toMatchObject({
      irregular: false,
      unterminated: false,
      noWait: true,
      delayed: true,
      transactional: true,
    });
    expect([found.uniqKeyStart, found.uniqKeyEnd]).toEqual([2 + 11 + 9, 2 + 11 + 12]);
    expect(scan(pair('TIMER_DELAY_SEC', '1')).timed).toBe(true);
    expect(scan(pair('TIMER_DELIVER_MS', '1')).timed).toBe(true);
    expect(scan(pair('TIMER_DELAY_MS', '1')).timed).toBe(true);
    expect(scan(pair('INNER_NUM', '2')).innerNum).toBe(true);
  });

  it('forgets the previous message', () => {
    const bytes = Buffer.from(pair('DELAY', '1') + pair('UNIQ_KEY', 'A') + pair('WAIT', 'false'));
    const result = new PropertyScan();
    result.scan(bytes, 0, bytes.length);
    result.scan(bytes, 0, 0);
    expect(result).toMatchObject({
      delayed: false,
      uniqKeyStart: -1,
      noWait: false,
      irregular: false,
      unterminated: false,
    });
  });

  it('sees a missing separator at the end', () => {
    expect(scan('a\u0001b')).toMatchObject({ irregular: false, unterminated: true });
  });

  it.each([
    'a\u0002',
    '\u0001b\u0002',
    'a\u0001\u0002',
    pair('MSG_REGION', 'x'),
    pair('CLUSTER', 'x'),
    pair('POP_CK', 'x'),
  ])('leaves %j to the way over a map', (text) => expect(scan(text).irregular).toBe(true));

  it.each(['WAIT', 'TAGS', 'KEYS', 'UNIQ_KEY'])('leaves two %s to the way over a map', (name) => {
    expect(scan(pair(name, 'a') + pair(name, 'b')).irregular).toBe(true);
  });

  it('takes regular bytes for exactly what the decoder reads', () => {
    const names = fc.constantFrom(
      'TAGS',
      'KEYS',
      'WAIT',
      'UNIQ_KEY',
      'DELAY',
      'own',
      'ä',
      'UNIQ_KEZ',
      'MSG_REGIOM',
    );
    const text = fc.string({
      unit: fc.constantFrom('a', 'false', 'true', '\u0001', '\u0002', 'é', '1'),
      maxLength: 4,
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(names, text)), fc.boolean(), (pairs, cut) => {
        const joined = pairs.map(([name, value]) => pair(name, value)).join('');
        const bytes = Buffer.from(cut ? joined.slice(0, -1) : joined);
        const found = new PropertyScan();
        found.scan(bytes, 0, bytes.length);
        if (found.irregular) return;
        const properties = decodeProperties(bytes);
        const again = decodeProperties(encodeProperties(properties));
        expect([...again]).toEqual([...properties]);
        expect(found.noWait).toBe(properties.get('WAIT') === 'false');
        expect(found.delayed).toBe(properties.has('DELAY'));
        const id =
          found.uniqKeyStart < 0 ? undefined : bytes.toString('utf8', found.uniqKeyStart, found.uniqKeyEnd);
        expect(id).toBe(properties.get('UNIQ_KEY'));
      }),
      { numRuns: 500 },
    );
  });
});
