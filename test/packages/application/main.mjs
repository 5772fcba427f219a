import 'reflect-metadata';
import * as common from '@nestjs/common';
import * as core from '@nestjs/core';
import * as starter from 'nest-rocketmq';
import { TestCluster } from '@nest-rocketmq/testing';
import application from './application.cjs';

if (typeof TestCluster.start !== 'function') throw new Error('the testing kit has no TestCluster');
await application({ common, core, starter });
