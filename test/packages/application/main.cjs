require('reflect-metadata');
const { TestCluster } = require('@nest-rocketmq/testing');
const application = require('./application.cjs');

if (typeof TestCluster.start !== 'function') throw new Error('the testing kit has no TestCluster');
application({
  common: require('@nestjs/common'),
  core: require('@nestjs/core'),
  starter: require('nest-rocketmq'),
}).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
