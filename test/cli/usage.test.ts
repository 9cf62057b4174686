import { describe, expect, it } from 'vitest';
import { type } from './typed.ts';

/** None of these may reach a plane: there is none. */
const env = { NOVACRON_URL: 'http://127.0.0.1:9', NOVACRON_TOKEN: 'secret' };
const CREATE = 'vm create --provider kvm --image test --name web-1';

describe('wrong use ends with exit code 2 and the usage line', () => {
  it.each([
    ['fly', 'unknown command', 'novacron [options] [command]'],
    ['vm lits', "unknown command 'lits'\n(Did you mean list?)", 'novacron vm [options] [command]'],
    ['vm get', "missing required argument 'vm'", 'novacron vm get [options] <vm...>'],
    ['vm list --outptu json', '(Did you mean --output?)', 'novacron vm list [options]'],
    ['vm list -o xml', 'Allowed choices are table, json, yaml, name', 'novacron vm list [options]'],
    ['vm list --limit none', 'It is a whole number', 'novacron vm list [options]'],
    ['vm list extra', 'too many arguments', 'novacron vm list [options]'],
    ['vm create --image test --name web-1', "'--provider <provider>' not specified", 'novacron vm create [options]'],
    ['vm create --provider xen --image test --name a', 'Allowed choices are ec2, kvm', 'novacron vm create [options]'],
    [
      'vm create --provider kvm --image test --name Web_1',
      'A name is 1 to 63 characters',
      'novacron vm create [options]',
    ],
    ['vm create --provider kvm --name web-1', "'--image <image>' not specified", 'novacron vm create [options]'],
    [
      'vm create --provider ec2 --image al2023 --name a --vcpus 1 --memory 512',
      'on EC2 say --size or --type',
      'novacron vm create [options]',
    ],
    [`${CREATE} --vcpus 2`, '--vcpus and --memory go together', 'novacron vm create [options]'],
    [`${CREATE} --size small --vcpus 2 --memory 512`, 'say one of --size', 'novacron vm create [options]'],
    [`${CREATE} --type t3.small`, '--type is for EC2', 'novacron vm create [options]'],
    [`${CREATE} --tag env`, 'It is written key=value', 'novacron vm create [options]'],
    [`${CREATE} --timeout soon`, 'It is a time such as 90s', 'novacron vm create [options]'],
    [`${CREATE} --user-data @/no/such/file`, '/no/such/file cannot be read (ENOENT)', 'novacron vm create [options]'],
    [`${CREATE} --volume /dev/sdf`, 'device=/dev/sdf,size=20', 'novacron vm create [options]'],
    ['vm update web-1', 'say what to change', 'novacron vm update [options] <vm>'],
    [
      'token create --name ci --role root',
      'Allowed choices are viewer, operator, admin',
      'novacron token create [options]',
    ],
    ['completion tcsh', 'Allowed choices are bash, zsh, fish', 'novacron completion [options] <shell>'],
    ['login --url ftp://x --token t', "--url is the API's URL", 'novacron login [options]'],
  ])('%s', async (line, said, usage) => {
    const { code, out, err } = await type(line, { env });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(said);
    expect(err).toMatch(/^error: /);
    expect(err.endsWith(`Usage: ${usage}\n`)).toBe(true);
  });

  it('a noun without its verb shows what there is', async () => {
    const { code, err } = await type('vm', { env });
    expect(code).toBe(2);
    expect(err).toContain('Usage: novacron vm [options] [command]');
    expect(err).toMatch(/\n {2}create /);
  });
});

describe('help and version end with exit code 0', () => {
  it.each(['--help', 'vm --help', 'vm create --help'])('%s', async (line) => {
    const { code, out, err } = await type(line);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^Usage: novacron/);
  });

  it('--version', async () => {
    expect(await type('--version')).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });
});
