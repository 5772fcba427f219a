import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { ANSWERS, type AnswerCode } from '@sample-shop/api';
import type { Schema } from './schemas.ts';

/**
 * Describes for OpenAPI how a request is answered: with `data`, or with one of the codes, each below its HTTP status. That the shop
 * itself fails is always possible.
 */
export function ApiAnswers(data: Schema, ...codes: AnswerCode[]): MethodDecorator {
  const byStatus = new Map<number, AnswerCode[]>();
  for (const code of [...codes, 'FAIL'] as const) {
    const { status } = ANSWERS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return applyDecorators(
    ApiResponse({
      status: ANSWERS.SUCCESS.status,
      description: ANSWERS.SUCCESS.message,
      schema: answer(true, ['SUCCESS'], data),
    }),
    ...[...byStatus].map(([status, ofStatus]) =>
      ApiResponse({ status, description: describe(ofStatus), schema: answer(false, ofStatus) }),
    ),
  );
}

function describe(codes: readonly AnswerCode[]): string {
  return codes.map((code) => `\`${code}\`: ${ANSWERS[code].message}`).join('\n\n');
}

function answer(success: boolean, codes: readonly AnswerCode[], data?: Schema): Schema {
  return {
    type: 'object',
    properties: {
      success: { type: 'boolean', enum: [success] },
      code: { type: 'string', enum: [...codes] },
      message: { type: 'string' },
      ...(data ? { data } : {}),
    },
    required: ['success', 'code', 'message', ...(data ? ['data'] : [])],
  };
}
