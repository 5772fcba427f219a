import fc from 'fast-check';
import { RecentTexts } from './recent-texts.ts';

describe('RecentTexts', () => {
  it('gives the text of any bytes, whatever came before', () => {
    const texts = new RecentTexts();
    const text = fc.oneof(
      fc.constantFrom('', 'a', 'TopicTest', 'TopicTess', 'UopicTest', 'group', 'TopicTest0', 'x'.repeat(200)),
      fc.uint8Array({ maxLength: 140 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    );
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 20 }), fc.nat(5), (sequence, before) => {
        for (const each of sequence) {
          const source = Buffer.from(`${'.'.repeat(before)}${each}..`, 'latin1');
          expect(texts.of(source, before, before + each.length)).toBe(each);
        }
      }),
    );
  });

  it('makes a text that comes again only once', () => {
    const texts = new RecentTexts();
    const source = Buffer.from('TopicTest');
    let made = 0;
    const toString = source.toString.bind(source);
    source.toString = (...given) => {
      made++;
      return toString(...given);
    };
    for (let i = 0; i < 3; i++) expect(texts.of(source, 0, source.length)).toBe('TopicTest');
    expect(made).toBe(1);
  });
});
