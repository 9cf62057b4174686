import { expect, it } from 'vitest';
import { ec2Location } from '../../lambdas/domain/location.ts';

const enabled = { account: '111122223333', regions: ['us-east-1', 'eu-central-1', 'us-gov-west-1'] };

it.each([
  ['nothing said', {}, { region: 'us-east-1' }],
  ['a Region', { region: 'eu-central-1' }, { region: 'eu-central-1' }],
  ['a zone alone', { zone: 'eu-central-1b' }, { region: 'eu-central-1', zone: 'eu-central-1b' }],
  ['a zone of GovCloud', { zone: 'us-gov-west-1a' }, { region: 'us-gov-west-1', zone: 'us-gov-west-1a' }],
  ['both', { region: 'us-east-1', zone: 'us-east-1a' }, { region: 'us-east-1', zone: 'us-east-1a' }],
  ['the own account', { account: '111122223333' }, { region: 'us-east-1' }],
])('admits %s', (_, wanted, place) => {
  expect(ec2Location(wanted, enabled)).toEqual({ account: '111122223333', ...place });
});

it.each([
  ['another account', { account: '999999999999' }, 'own account 111122223333'],
  ['a Region that is not enabled', { region: 'ap-south-1' }, 'Enabled: us-east-1, eu-central-1'],
  ['a zone of such a Region', { zone: 'ap-south-1a' }, 'ap-south-1'],
  ['a zone elsewhere', { region: 'us-east-1', zone: 'eu-central-1a' }, 'not in Region us-east-1'],
  ['a zone that is none', { region: 'us-east-1', zone: 'basement' }, 'not in Region'],
])('refuses %s, saying why', (_, wanted, why) => {
  expect(() => ec2Location(wanted, enabled)).toThrow(
    expect.objectContaining({ name: 'LocationRefused', message: expect.stringContaining(why) }),
  );
});

it.each([
  [{ account: '9' }, 'Account 9 is not connected: this installation acts in its own account 111122223333 only.'],
  [
    { region: 'xx-1' },
    'Region xx-1 is not enabled here. Enabled: us-east-1, eu-central-1, us-gov-west-1; add it to the context key regions and deploy.',
  ],
  [{ region: 'us-east-1', zone: 'eu-central-1a' }, 'Zone eu-central-1a is not in Region us-east-1.'],
  [{ zone: 'x-us-east-1a' }, 'Zone x-us-east-1a is not in Region us-east-1.'],
])('says of %j in full what is wrong', (wanted, message) => {
  expect(() => ec2Location(wanted, enabled)).toThrow(expect.objectContaining({ message }));
});

it('knows the Region of a local zone', () => {
  expect(ec2Location({ zone: 'eu-central-1-ham-1a' }, enabled)).toMatchObject({ region: 'eu-central-1' });
});

it('refuses everything where no Region is enabled', () => {
  expect(() => ec2Location({}, { account: '1', regions: [] })).toThrow(
    /^Region \(none\) is not enabled here\. Enabled: none;/,
  );
});
