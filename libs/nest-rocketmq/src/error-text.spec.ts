import { BadRequestException } from '@nestjs/common';
import { errorText } from './error-text.ts';

function parseError(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    return error;
  }
}

describe('the text of what was thrown', () => {
  it("is an error's message, its name, or the thing itself", () => {
    expect(errorText(new Error('lost'))).toBe('lost');
    expect(errorText(new TypeError(''))).toBe('TypeError');
    expect(errorText('a text')).toBe('a text');
    expect(errorText({ code: 7 })).toBe('{ code: 7 }');
    expect(errorText(undefined)).toBe('undefined');
  });

  it('is what a ValidationPipe found, which the message of its exception does not have', () => {
    expect(errorText(new BadRequestException(['count must not be less than 1', 'id must be a string']))).toBe(
      'count must not be less than 1; id must be a string',
    );
    expect(errorText(new BadRequestException('no such order'))).toBe('no such order');
  });

  it.each([
    '{"card": secret}',
    'secret',
    `{"before": "${'x'.repeat(100)}", "card": secret, "after": "${'y'.repeat(100)}"}`,
    '"line\nsecret"',
    '{"card": "secret',
    '"secret" "secret" is not valid JSON',
    `{"card":"secret" x`,
  ])('has nothing of a text that is no JSON: %j', (text) => {
    const said = errorText(parseError(text));
    expect(said).toContain('JSON');
    expect(said).not.toContain('secret');
    expect(said).not.toContain('xxxx');
  });

  it('keeps what JSON.parse says beside that', () => {
    expect(errorText(parseError('{"a": abc}'))).toBe("Unexpected token 'a': not valid JSON");
    expect(errorText(parseError('undefined'))).toBe('not valid JSON');
    expect(errorText(parseError('[1, 2'))).toContain('position');
  });
});
