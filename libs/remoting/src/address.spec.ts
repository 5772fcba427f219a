import { parseAddress, plainIp } from './address.ts';

describe('parseAddress', () => {
  it.each([
    ['127.0.0.1:9876', '127.0.0.1', 9876],
    ['broker-a.example.com:10911', 'broker-a.example.com', 10_911],
    ['[::1]:9876', '::1', 9876],
    ['::1:9876', '::1', 9876],
    ['[fe80::1%eth0]:65535', 'fe80::1%eth0', 65_535],
  ])('reads %s', (address, host, port) => {
    expect(parseAddress(address)).toEqual({ host, port });
  });

  it.each([
    '',
    ':',
    'host',
    'host:',
    'host:0',
    'host:65536',
    'host:1x',
    ':9876',
    'a b:1',
    'a/b:1',
    '[::1:1',
    '[]:1',
    'x:y:1',
  ])('refuses %j', (address) => {
    expect(() => parseAddress(address)).toThrow(/Not an address: .*Give host:port/);
  });
});

describe('plainIp', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::FFFF:10.0.0.1', '10.0.0.1'],
    ['::ffff:1', '::ffff:1'],
    ['2001:db8::1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
  ])('shows %s as %s', (ip, shown) => {
    expect(plainIp(ip)).toBe(shown);
  });
});
