import { MessagePattern, Payload } from '@nestjs/microservices';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { GOODS_RPC, ShopError } from '@sample-shop/api';
import type { Goods, GoodsApi, Id, ServiceHealth, TakeStock } from '@sample-shop/api';
import { HealthOfService } from '../common/health/service-health.ts';
import { ServiceController } from '../common/rpc/service-controller.ts';
import { GoodsEntity, toGoods } from './goods.entities.ts';
import { Stock } from './stock.ts';

@ServiceController()
export class GoodsController implements GoodsApi {
  constructor(
    @InjectRepository(GoodsEntity) private readonly goods: Repository<GoodsEntity>,
    private readonly stock: Stock,
    private readonly healthOf: HealthOfService,
  ) {}

  @MessagePattern(GOODS_RPC.pattern('list'))
  async list(): Promise<Goods[]> {
    return (await this.goods.find({ order: { goodsId: 'ASC' } })).map(toGoods);
  }

  @MessagePattern(GOODS_RPC.pattern('find'))
  async find(@Payload() { goodsId }: { goodsId: Id }): Promise<Goods> {
    const goods = await this.goods.findOneBy({ goodsId });
    if (!goods) throw new ShopError('GOODS_NOT_FOUND');
    return toGoods(goods);
  }

  @MessagePattern(GOODS_RPC.pattern('take'))
  async take(@Payload() request: TakeStock): Promise<true> {
    await this.stock.take(request);
    return true;
  }

  @MessagePattern(GOODS_RPC.pattern('health'))
  health(): Promise<ServiceHealth> {
    return this.healthOf.check(GOODS_RPC.service);
  }
}
