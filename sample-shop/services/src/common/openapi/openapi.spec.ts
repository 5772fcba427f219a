import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Module, type Type } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { Test } from '@nestjs/testing';
import { ANSWERS, ORDER_RPC, PAY_RPC, type AnswerCode, type AnyRpcContract } from '@sample-shop/api';
import { OrdersController } from '../../order-web/orders.controller.ts';
import { ShopController } from '../../order-web/shop.controller.ts';
import { TimelineController } from '../../order-web/timeline.controller.ts';
import { PaymentsController } from '../../pay-web/payments.controller.ts';
import { rpcToken } from '../rpc/rpc-clients.module.ts';
import { SettingsModule } from '../settings/settings.module.ts';
import { readSettings } from '../settings/settings.ts';

interface AnswerSchema {
  readonly properties: { readonly code: { readonly enum: AnswerCode[] }; readonly data?: object };
}

/** The document of controllers whose service is never called. */
async function documentOf(contract: AnyRpcContract, controllers: Type[]): Promise<OpenAPIObject> {
  @Module({
    imports: [SettingsModule.with(readSettings({}))],
    controllers,
    providers: [{ provide: rpcToken(contract), useValue: {} }],
  })
  class DescribedModule {}
  const module = await Test.createTestingModule({ imports: [DescribedModule] }).compile();
  const app = module.createNestApplication({ logger: false });
  try {
    return SwaggerModule.createDocument(app, new DocumentBuilder().build());
  } finally {
    await app.close();
  }
}

/** Each answer of each request. */
function answersOf({ paths }: OpenAPIObject): { where: string; status: number; schema: AnswerSchema }[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, { responses: object }>).flatMap(([method, { responses }]) =>
      Object.entries(
        responses as Record<string, { content: Record<string, { schema: AnswerSchema }> }>,
      ).flatMap(([status, { content }]) =>
        Object.values(content).map(({ schema }) => ({
          where: `${method} ${path}`,
          status: Number(status),
          schema,
        })),
      ),
    ),
  );
}

describe('OpenAPI', () => {
  const documents = (): Promise<OpenAPIObject[]> =>
    Promise.all([
      documentOf(ORDER_RPC, [OrdersController, ShopController, TimelineController]),
      documentOf(PAY_RPC, [PaymentsController]),
    ]);

  it('has every code, each with its status, and what is in a success', async () => {
    const answers = (await documents()).flatMap(answersOf);
    const seen = new Set<AnswerCode>();
    for (const { status, schema } of answers) {
      for (const code of schema.properties.code.enum) {
        seen.add(code);
        expect(ANSWERS[code].status).toBe(status);
      }
      expect(schema.properties.data === undefined).toBe(status !== 200);
    }
    expect([...seen].toSorted()).toEqual(Object.keys(ANSWERS).toSorted());
  });

  it('has a success, and that the shop fails, for every request', async () => {
    const answers = (await documents()).flatMap(answersOf);
    for (const where of new Set(answers.map((each) => each.where))) {
      const statuses = answers.filter((each) => each.where === where).map(({ status }) => status);
      expect([where, statuses]).toEqual([where, expect.arrayContaining([200, 500])]);
    }
  });

  it('has what is asked, with every field', async () => {
    const [orders, payments] = await documents();
    expect(Object.keys(orders?.paths ?? {})).toEqual(
      expect.arrayContaining(['/order/confirm', '/orders/{orderId}/timeline']),
    );
    expect(orders?.components?.schemas?.['PlaceOrder']).toMatchObject({
      required: expect.arrayContaining(['userId', 'goodsNumber', 'orderAmount']),
      properties: { failAt: { enum: ['stock', 'coupon', 'balance', 'confirm', 'send'] } },
    });
    expect(payments?.components?.schemas?.['PaymentCallback']).toMatchObject({
      required: ['payId', 'isPaid'],
    });
  });
});
