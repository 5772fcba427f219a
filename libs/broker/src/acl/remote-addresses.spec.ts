import { describe, expect, it } from '@jest/globals';
import { RemoteAddresses } from './remote-addresses.ts';

describe('RemoteAddresses', () => {
  it.each([
    ['*', ['1.2.3.4', '::1'], []],
    ['*.*.*.*', ['1.2.3.4'], []],
    ['127.0.0.1', ['127.0.0.1'], ['127.0.0.2', '127.0.0.10', '::1', '']],
    ['10.0.0.1, 10.0.0.3', ['10.0.0.1', '10.0.0.3'], ['10.0.0.2']],
    ['10.0.0.{1,3}', ['10.0.0.1', '10.0.0.3'], ['10.0.0.2', '10.0.0.13']],
    ['10.0.0.5-100', ['10.0.0.5', '10.0.0.100'], ['10.0.0.4', '10.0.0.101']],
    ['192.168.*.*', ['192.168.0.0', '192.168.255.255'], ['192.169.0.1', '1.192.168.0']],
    ['192.168.1-20.*', ['192.168.1.1', '192.168.20.255'], ['192.168.21.0']],
    ['::1', ['::1', '0:0:0:0:0:0:0:1'], ['::2', '127.0.0.1']],
    ['2001:db8:0:0:0:0:0:*', ['2001:db8::ffff'], ['2001:db8::1:0']],
    ['2001:DB8:0:0:0:0:0:{1,a}', ['2001:db8::a', '2001:DB8::1'], ['2001:db8::b']],
    ['1:2:3:4:5:6:7:0-ff', ['1:2:3:4:5:6:7:ff'], ['1:2:3:4:5:6:7:100']],
  ])('%s', (text, included, excluded) => {
    const addresses = new RemoteAddresses(text);
    for (const ip of included) expect([ip, addresses.include(ip)]).toEqual([ip, true]);
    for (const ip of excluded) expect([ip, addresses.include(ip)]).toEqual([ip, false]);
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '1.2.3.5-4',
    '1.2.3.-4',
    'host',
    '1.2.3.{',
    '1:2:3',
    '1.2.3.4/8',
  ])('refuses %j', (text) => {
    expect(() => new RemoteAddresses(text)).toThrow('names no remote addresses');
  });
});
