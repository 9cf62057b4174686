import { expect, it } from 'vitest';
import { STALE, writeRequest } from '../../../lambdas/domain/metrics/write-request.ts';

it('a request is the bytes that Protocol Buffers of Google make of it', () => {
  // Of protobuf 7.36.2 for Python, its messages described as types.proto and remote.proto of Prometheus have them.
  const hex = [
    '0a32',
    ...['0a0d0a085f5f6e616d655f5f12016d', '0a070a01611202c3a9', '0a060a0162120132'],
    '121009000000000000f83f1080d095ffbc31',
    '1a08080212016d220168',
  ];
  const request = writeRequest(
    [{ name: 'm', labels: { b: '2', a: 'é' }, at: 1_700_000_000_000, value: 1.5 }],
    [{ name: 'm', help: 'h' }],
  );
  expect(request.toString('hex')).toBe(hex.join(''));
});

it('a series that ends has the one NaN by which Prometheus knows it', () => {
  const request = writeRequest([{ name: 'm', labels: {}, at: 1, value: STALE }]);
  expect(request.includes(Buffer.from('09020000000000f07f', 'hex'))).toBe(true);
});
