import { describe, expect, it } from '@jest/globals';
import { SharedText } from './shared-text.ts';

const text = new SharedText();
const of = (value: string): string => {
  const bytes = Buffer.from(`--${value}--`);
  return text.of(bytes, 2, bytes.length - 2);
};

describe('SharedText', () => {
  it('is the text of its bytes, whatever it was before', () => {
    for (const value of ['created', 'created', 'paid', 'creates', '', 'created', 'é', 'created'])
      expect(of(value)).toBe(value);
  });

  it('does not go by bytes that are something else by now', () => {
    const bytes = Buffer.from('paid');
    expect(text.of(bytes, 0, 4)).toBe('paid');
    bytes.write('free');
    expect(text.of(bytes, 0, 4)).toBe('free');
    expect(of('paid')).toBe('paid');
  });
});
