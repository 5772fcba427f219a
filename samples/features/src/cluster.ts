import type { RocketMQModuleOptions } from 'nest-rocketmq';

const { NAMESRV_ADDR } = process.env;

/**
 * Where the samples run: on the cluster that NAMESRV_ADDR names, else on one in their own process, whose files are kept under
 * `.rocketmq`. Their groups are new, and begin with what is there.
 */
export const cluster: RocketMQModuleOptions = {
  ...(NAMESRV_ADDR ? { nameServer: NAMESRV_ADDR } : { embedded: true }),
  consumer: { consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' },
};
