import { describe, expect, it } from '@jest/globals';
import { ANSWERS, isAnswerCode } from './answer-codes.ts';
import { ShopError, success } from './answer.ts';

describe('answers', () => {
  it('have a status of their kind', () => {
    const kindOf = (code: string, status: number): boolean => {
      if (code.endsWith('NOT_FOUND')) return status === 404;
      if (code.endsWith('FAILED')) return status >= 500;
      return [200, 400, 409, 500].includes(status);
    };
    expect(Object.entries(ANSWERS).filter(([code, { status }]) => !kindOf(code, status))).toEqual([]);
  });

  it('are what an error says', () => {
    const error = new ShopError('STOCK_NOT_ENOUGH', undefined, { data: { orderId: '1' } });
    const message = ANSWERS.STOCK_NOT_ENOUGH.message;
    expect(error.toAnswer()).toEqual({
      success: false,
      code: 'STOCK_NOT_ENOUGH',
      message,
      data: { orderId: '1' },
    });
    expect(error.status).toBe(409);
    expect(success(1)).toMatchObject({ success: true, code: 'SUCCESS', data: 1 });
  });

  it('know their codes', () => {
    expect(['SUCCESS', 'toString', undefined].map(isAnswerCode)).toEqual([true, false, false]);
  });
});
